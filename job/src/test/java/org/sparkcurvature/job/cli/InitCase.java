package org.sparkcurvature.job.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.sparkcurvature.job.LocalSpark;

/** Tables that {@code init} looks at, and what becomes of what it writes. */
abstract class InitCase {
  static final String HOME = System.getenv("SPARK_CURVATURE_HOME");
  static final int ROWS = 600;

  @TempDir Path temporary;

  @BeforeAll
  static void startSpark() {
    LocalSpark.session();
  }

  // ---- what is looked at

  /** Columns by name, each with what it holds in a row. */
  static final class Columns {
    private final Map<String, IntFunction<Object>> values = new LinkedHashMap<>();
    private final Map<String, DataType> types = new LinkedHashMap<>();
    private final Random random = new Random(7);

    Columns with(String name, DataType type, IntFunction<Object> value) {
      types.put(name, type);
      values.put(name, value);
      return this;
    }

    Columns number(String name) {
      return with(name, DataTypes.DoubleType, row -> random.nextGaussian());
    }

    Columns text(String name, String... levels) {
      return with(name, DataTypes.StringType, row -> levels[random.nextInt(levels.length)]);
    }

    Dataset<Row> rows(int number) {
      List<Row> rows = new ArrayList<>();
      for (int k = 0; k < number; k++) {
        int row = k;
        rows.add(RowFactory.create(values.values().stream().map(v -> v.apply(row)).toArray()));
      }
      StructField[] fields =
          types.entrySet().stream()
              .map(type -> DataTypes.createStructField(type.getKey(), type.getValue(), true))
              .toArray(StructField[]::new);
      return LocalSpark.session().createDataFrame(rows, new StructType(fields));
    }
  }

  String parquet(Dataset<Row> rows) {
    String path = temporary.resolve("table.parquet").toString();
    rows.write().mode("overwrite").parquet(path);
    return path;
  }

  String csv(String... lines) throws IOException {
    return Files.writeString(temporary.resolve("table.csv"), String.join("\n", lines) + "\n")
        .toString();
  }

  /** A header, and a line for each row from 0 on. */
  String csv(String header, int rows, IntFunction<String> line) throws IOException {
    return csv(
        Stream.concat(Stream.of(header), IntStream.range(0, rows).mapToObj(line))
            .toArray(String[]::new));
  }

  Console init(String... arguments) {
    return Console.run(
        Stream.of(
                Stream.of("init"),
                Arrays.stream(arguments),
                Stream.of("--set", "output.path=" + temporary.resolve("out")))
            .flatMap(part -> part)
            .toArray(String[]::new));
  }

  /** What init writes, after {@code check} and {@code estimate} have run it as it is. */
  String running(String... arguments) throws IOException {
    Console written = init(arguments);
    assertThat(written.exitCode()).as(written.err()).isZero();
    Path file = Files.writeString(temporary.resolve("my.conf"), written.out());
    for (String command : List.of("check", "estimate")) {
      Console run = Console.run(command, "--config", file.toString());
      assertThat(run.exitCode()).as("%s of%n%s%n%s", command, written.out(), run.err()).isZero();
    }
    assertThat(init(arguments).out()).as("the same bytes again").isEqualTo(written.out());
    return written.out();
  }

  static Config model(String written) {
    return ConfigFactory.parseString(written).getConfig("curvature.model");
  }

  static String formula(String written) {
    return model(written).getString("formula").strip();
  }

  JsonNode estimates() throws IOException {
    return new ObjectMapper()
        .readTree(temporary.resolve("out/estimates.json").toFile())
        .path("estimates");
  }

  List<String> names() throws IOException {
    List<String> names = new ArrayList<>();
    estimates().forEach(each -> names.add(each.path("name").asText()));
    return names;
  }

  static String line(String written, String name) {
    return written
        .lines()
        .filter(line -> line.matches("    #   `?\\Q" + name + "\\E`? .*"))
        .findFirst()
        .orElse("");
  }
}
