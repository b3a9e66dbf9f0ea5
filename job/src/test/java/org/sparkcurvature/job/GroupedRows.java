package org.sparkcurvature.job;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.sparkcurvature.job.cli.Console;

/** Rows of twelve groups, and commands that fit a model to each. */
abstract class GroupedRows {
  static final ObjectMapper JSON = new ObjectMapper();

  static final int GROUPS = 12;

  @TempDir static Path temporary;

  @BeforeAll
  static void writeRows() throws Exception {
    LocalSpark.session();
    Random random = new Random(21);
    StringBuilder text = new StringBuilder("g,h,k,x,t,w,e,y,n,b,d\n");
    List<String> rows = new ArrayList<>();
    for (int g = 0; g < GROUPS; g++) {
      int size = 20 + random.nextInt(120);
      for (int i = 0; i < size; i++) {
        double x = 3 + random.nextGaussian();
        double t = random.nextGaussian() + 0.3 * x;
        double eta = 0.2 + 0.1 * g - 0.15 * x + 0.3 * t;
        double e = 0.5 + random.nextDouble();
        int y = poisson(e * Math.exp(eta), random);
        int n = poisson(e * Math.exp(eta) * gamma(random), random);
        int b = random.nextDouble() < 1 / (1 + Math.exp(-eta)) ? 1 : 0;
        double d = eta + 0.5 * random.nextGaussian();
        rows.add(
            "%d,%s,%d,%s,%s,%d,%s,%d,%d,%d,%s"
                .formatted(
                    g, "abc".charAt(i % 3), i / 4, x, t, 1 + random.nextInt(3), e, y, n, b, d));
      }
    }
    java.util.Collections.shuffle(rows, random);
    rows.forEach(row -> text.append(row).append('\n'));
    Files.writeString(temporary.resolve("rows.csv"), text);
  }

  static int poisson(double mean, Random random) {
    double limit = Math.exp(-mean);
    double product = random.nextDouble();
    int count = 0;
    while (product > limit) {
      product *= random.nextDouble();
      count++;
    }
    return count;
  }

  /** Of mean 1 and variance 1/2. */
  static double gamma(Random random) {
    return (-Math.log(random.nextDouble()) - Math.log(random.nextDouble())) / 2;
  }

  static Console run(String command, String output, String model, String... settings)
      throws Exception {
    return Console.run(temporary, command, output, model, settings);
  }

  static Dataset<Row> table(String path) {
    return LocalSpark.session().read().parquet(temporary.resolve(path).toString());
  }

  static List<Row> groups(String output) {
    return table(output + "/estimates").orderBy("g").collectAsList();
  }

  static JsonNode json(String output, String file) throws Exception {
    return JSON.readTree(temporary.resolve(output).resolve(file).toFile());
  }

  static String[] with(String[] settings, String... more) {
    return Stream.concat(Stream.of(settings), Stream.of(more)).toArray(String[]::new);
  }
}
