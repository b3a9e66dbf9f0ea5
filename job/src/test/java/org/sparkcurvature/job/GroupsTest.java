package org.sparkcurvature.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.sparkcurvature.job.cli.Console;

/** One model for each group: that of the group's rows alone. */
class GroupsTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int GROUPS = 12;

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

  private static int poisson(double mean, Random random) {
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
  private static double gamma(Random random) {
    return (-Math.log(random.nextDouble()) - Math.log(random.nextDouble())) / 2;
  }

  private static Console run(String command, String output, String model, String... settings)
      throws Exception {
    Path file =
        Files.writeString(
            temporary.resolve("case.conf"),
            """
            curvature {
              input { path = "%s", options { header = true } }
              model { %s }
              output { path = "%s", mode = overwrite }
            }
            """
                .formatted(temporary.resolve("rows.csv"), model, temporary.resolve(output)));
    return Console.run(command, file, List.of(settings));
  }

  private static List<Row> groups(String output) {
    return LocalSpark.session()
        .read()
        .parquet(temporary.resolve(output + "/estimates").toString())
        .orderBy("g")
        .collectAsList();
  }

  private static JsonNode json(String output, String file) throws Exception {
    return JSON.readTree(temporary.resolve(output).resolve(file).toFile());
  }

  private static String[] with(String[] settings, String... more) {
    return Stream.concat(Stream.of(settings), Stream.of(more)).toArray(String[]::new);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "formula = \"y ~ x + t + offset(ln(e))\", family = poisson | |",
        "formula = \"b ~ x + t\", family = binomial | infer.covariance=HC1 |",
        "formula = \"b ~ x + t\", family = { name = binomial, link = probit } | infer.covariance=HC3 |",
        "formula = \"d ~ x + t + C(h)\", family = gaussian | |",
        "formula = \"d ~ x + t\", family = gaussian | infer.covariance=HC2 | input.weight=w",
        "formula = \"y ~ x + t\", family = quasi-poisson | | input.weight=w",
        "formula = \"y ~ x + t\", family = poisson | infer.covariance=cluster | infer.groups=k",
        "formula = \"n ~ x\", family = negative-binomial | infer.covariance=HC0 | input.where=\"g > 3\"",
        "formula = \"d ~ x + t\", predictors { sigma = \"1 + t\" }, family = gaussian | infer.covariance=opg |",
        "formula = \"y ~ x + t\", family = poisson | infer.weights=frequency, infer.covariance=HC1 | input.weight=w",
      })
  void eachGroupIsWhatItIsAlone(String model, String one, String other) throws Exception {
    String[] settings =
        Stream.of(one, other)
            .filter(text -> text != null && !text.isBlank())
            .flatMap(text -> Stream.of(text.split(", ")))
            .toArray(String[]::new);
    Console console = run("estimate", "groups", model, with(settings, "fit.by=[g]"));
    assertThat(console.exitCode()).as(console.err()).isZero();
    List<Row> groups = groups("groups");
    assertThat(groups).hasSizeGreaterThan(7);
    for (Row row : List.of(groups.get(0), groups.get(groups.size() - 1))) {
      assertThat(row.<String>getAs("status")).as(String.valueOf(row)).isEqualTo("converged");
      String where = "g = " + row.getAs("g");
      String[] alone =
          Stream.concat(
                  Stream.of(settings).filter(text -> !text.startsWith("input.where")),
                  Stream.of("input.where=\"" + where + "\""))
              .toArray(String[]::new);
      Console single = run("estimate", "single", model, alone);
      assertThat(single.exitCode()).as(single.err()).isZero();
      JsonNode expected = json("single", "estimates.json");
      List<Double> estimates = row.getList(row.fieldIndex("estimate"));
      List<Double> errors = row.getList(row.fieldIndex("std_error"));
      assertThat(estimates).hasSameSizeAs(expected.get("estimates"));
      for (int i = 0; i < estimates.size(); i++) {
        JsonNode its = expected.get("estimates").get(i);
        double error = its.get("std_error").asDouble();
        assertThat(estimates.get(i))
            .as(where + " " + its.get("name"))
            .isCloseTo(its.get("estimate").asDouble(), within(1e-9 * error));
        assertThat(errors.get(i))
            .as(where + " error of " + its.get("name"))
            .isCloseTo(error, within(1e-8 * error));
      }
      double value = expected.get("value").asDouble();
      assertThat(row.<Double>getAs("value")).isCloseTo(value, within(1e-10 * Math.abs(value)));
    }
    assertThat(json("groups", "summary.json").get("statuses").get("converged").asInt())
        .isEqualTo(groups.size());
  }

  @Test
  void aLossWithoutLinearPredictors() throws Exception {
    String model =
        "parameters { a = 1, c = 0.1 }, loss = \"square(d - a * exp(-c * x)) + 0.001 * square(a)\"";
    String tensors = "input.tensors={ x = x, d = d }";
    Console console = run("fit", "groups", model, tensors, "fit.by=[g]", "fit.by-layout=long");
    assertThat(console.exitCode()).as(console.err()).isZero();
    List<Row> rows =
        LocalSpark.session()
            .read()
            .parquet(temporary.resolve("groups/estimates").toString())
            .orderBy("g", "index")
            .collectAsList();
    assertThat(rows).hasSize(2 * GROUPS);
    Console single =
        run("estimate", "single", model, tensors, "input.where=\"g = 0\"", "infer.covariance=HC0");
    assertThat(single.exitCode()).as(single.err()).isZero();
    for (int i = 0; i < 2; i++) {
      JsonNode its = json("single", "estimates.json").get("estimates").get(i);
      double error = its.get("std_error").asDouble();
      assertThat(rows.get(i).<Double>getAs("estimate"))
          .isCloseTo(its.get("estimate").asDouble(), within(1e-9 * error));
      assertThat(rows.get(i).<Double>getAs("std_error"))
          .isCloseTo(error, within(1e-8 * error));
    }
  }

  /** Bits, whatever else is in the input, in whatever order and partitions, in whatever memory. */
  @Test
  void neitherOrderNorNeighboursNorMemoryChangeABit() throws Exception {
    String model = "formula = \"y ~ x + t + C(h)\", family = poisson";
    String[] asked = {"fit.by=[g]", "infer.covariance=HC1", "fit.by-covariance=true"};
    assertThat(run("fit", "groups", model, asked).exitCode()).isZero();
    String all = groups("groups").toString();
    List<String> lines = Files.readAllLines(temporary.resolve("rows.csv"));
    List<String> shuffled = new ArrayList<>(lines.subList(1, lines.size()));
    java.util.Collections.shuffle(shuffled, new Random(5));
    Path other = Files.createDirectories(temporary.resolve("shuffled"));
    for (int part = 0; part < 3; part++) {
      List<String> own = new ArrayList<>(List.of(lines.get(0)));
      for (int i = part; i < shuffled.size(); i += 3) {
        own.add(shuffled.get(i));
      }
      Files.write(other.resolve(part + ".csv"), own);
    }
    String input = "input.path=\"" + other + "\"";
    String small = "block-memory=1k";
    Console console = run("fit", "groups", model, with(asked, input, small));
    assertThat(console.exitCode()).as(console.err()).isZero();
    assertThat(groups("groups").toString()).isEqualTo(all);
    String few = "input.where=\"g in (3, 7)\"";
    assertThat(run("fit", "groups", model, with(asked, few)).exitCode()).isZero();
    List<Row> two = groups("groups");
    assertThat(two).hasSize(2);
    two.forEach(row -> assertThat(all).contains(row.toString()));
  }
}
