package org.sparkcurvature.job;

import static org.apache.spark.sql.functions.col;
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
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
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
    return Console.run(temporary, command, output, model, settings);
  }

  private static Dataset<Row> table(String path) {
    return LocalSpark.session().read().parquet(temporary.resolve(path).toString());
  }

  private static List<Row> groups(String output) {
    return table(output + "/estimates").orderBy("g").collectAsList();
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
    List<Row> rows = table("groups/estimates").orderBy("g", "index").collectAsList();
    assertThat(rows).hasSize(2 * GROUPS);
    Console single =
        run("estimate", "single", model, tensors, "input.where=\"g = 0\"", "infer.covariance=HC0");
    assertThat(single.exitCode()).as(single.err()).isZero();
    for (int i = 0; i < 2; i++) {
      JsonNode its = json("single", "estimates.json").get("estimates").get(i);
      double error = its.get("std_error").asDouble();
      assertThat(rows.get(i).<Double>getAs("estimate"))
          .isCloseTo(its.get("estimate").asDouble(), within(1e-9 * error));
      assertThat(rows.get(i).<Double>getAs("std_error")).isCloseTo(error, within(1e-8 * error));
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

  /** Every row is kept, with the mean of its own group's model, or with none. */
  @ParameterizedTest
  @CsvSource({"wide, null", "long, pooled"})
  void rowsFindTheirGroups(String layout, String unseen) throws Exception {
    String model = "formula = \"y ~ x + C(h)\", family = poisson";
    Console fit =
        run(
            "estimate",
            "fitted",
            model,
            "fit.by=[g]",
            "fit.by-layout=" + layout,
            "fit.start=pooled",
            "input.where=\"g < 9 and not (g = 4 and y > 0)\"");
    assertThat(fit.exitCode()).as(fit.err()).isZero();
    assertThat(fit.out()).contains("CONVERGED  8 of 9 groups; 1 separable");
    Console console =
        Console.run(
            "predict",
            "--from",
            temporary.resolve("fitted").toString(),
            "--set",
            "input.where=null",
            "--set",
            "input.carry=[g, x, h]",
            "--set",
            "predict.unseen-groups=" + unseen,
            "--set",
            "output.path=\"" + temporary.resolve("predicted") + "\"",
            "--set",
            "output.mode=overwrite");
    assertThat(console.exitCode()).as(console.err()).isZero();
    List<Row> rows = table("predicted/predictions").collectAsList();
    assertThat(rows).hasSize(Files.readAllLines(temporary.resolve("rows.csv")).size() - 1);
    List<Row> groups =
        table("fitted/estimates")
            .orderBy(
                layout.equals("wide")
                    ? new Column[] {col("g")}
                    : new Column[] {col("g"), col("index")})
            .collectAsList();
    for (Row row : rows) {
      int g = Integer.parseInt(row.getAs("g").toString());
      String expected = g == 4 ? "separable" : g < 9 ? "converged" : "unseen";
      assertThat(row.<String>getAs("group_status")).isEqualTo(expected);
      if (g == 4 || g > 8 && unseen.equals("null")) {
        assertThat(row.<Object>getAs("mean")).isNull();
        continue;
      }
      double mean = row.getAs("mean");
      if (g < 9) {
        List<Double> beta = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
          beta.add(
              layout.equals("wide")
                  ? groups.get(g).<Double>getList(groups.get(g).fieldIndex("estimate")).get(i)
                  : groups.get(4 * g + i).<Double>getAs("estimate"));
        }
        double x = Double.parseDouble(row.getAs("x").toString());
        String h = row.getAs("h");
        double eta =
            beta.get(0)
                + beta.get(3) * x
                + (h.equals("b") ? beta.get(1) : h.equals("c") ? beta.get(2) : 0);
        assertThat(mean).isCloseTo(Math.exp(eta), within(1e-12 * Math.exp(eta)));
      } else {
        assertThat(mean).isPositive();
      }
    }
    Console refused =
        Console.run(
            "predict",
            "--from",
            temporary.resolve("fitted").toString(),
            "--set",
            "input.where=null",
            "--set",
            "predict.unseen-groups=fail",
            "--set",
            "output.path=\"" + temporary.resolve("refused") + "\"");
    assertThat(refused.exitCode()).as(refused.err()).isEqualTo(3);
    assertThat(refused.err()).contains("of groups that the fit has not seen");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "2 | fit.by=[g], input.limit=10 | cut groups where the first rows end",
        "2 | fit.by=[g], fit.method=lbfgs | fitted by trust-region-newton",
        "2 | fit.by=[x] | is a key of fit.by and enters the model",
        "2 | fit.by=[\"g AS status\"] | has a column status of its own",
        "2 | fit.by=[\"g AS name\"], fit.by-layout=long | has a column name of its own",
        "2 | fit.by=[\"int(rand() * 3) AS r\"] | is different in every pass over the rows, by rand",
        "2 | fit.by=[g], infer.transform=exp | take exp of the column estimate",
        "2 | fit.by=[\"map(g, h)\"] | by which Spark does not group",
        "2 | fit.by=[\"collate(h, 'UTF8_LCASE')\"] | in which texts that differ are equal",
        "3 | fit.by=[gg] | there is no column 'gg'",
        "3 | fit.by=[\"nosuch(g)\"] | no function nosuch",
        "3 | fit.by=[\"nullif(g, 3)\"], fit.null-groups=fail | whose key is null",
        "3 | fit.by=[g], input.tensors.extra=h | is 'a', not a number",
        "4 | fit.by=[g], input.where=\"y = 0\" | have no estimates",
        "4 | fit.by=[g], fit.max-failed-groups=0.01, input.where=\"g > 2 or y = 0\" | 3 of 12 groups",
        "2 | fit.by=[g], infer.covariance=CR2, infer.groups=k | no CR2",
        "2 | fit.by=[g], infer.profile=[all] | estimates with errors alone",
      })
  void whatHasNoMeaningIsRefused(int exitCode, String settings, String message) throws Exception {
    String model = "formula = \"y ~ x + t\", family = poisson";
    Console console = run("estimate", "refused", model, settings.split(", (?=[a-z]+\\.)"));
    assertThat(console.err()).contains(message);
    assertThat(console.exitCode()).as(console.err()).isEqualTo(exitCode);
    assertThat(temporary.resolve("refused/_SUCCESS")).doesNotExist();
  }

  /** Keys are of Spark's own kinds, null among them, and groups have nothing but their status. */
  @Test
  void keysAreWhatSparkGroupsBy() throws Exception {
    String model = "formula = \"y ~ x\", family = poisson";
    String by =
        "fit.by=[\"nullif(h, 'b') AS letter\", \"IF(g < 6, double('NaN'), -0.0 * (g % 2)) AS number\","
            + " \"date_add(date'2024-01-01', int(g % 2)) AS day\", \"array(g % 2) AS parity\"]";
    Console console = run("fit", "keys", model, by);
    assertThat(console.exitCode()).as(console.err()).isZero();
    List<Row> groups = table("keys/estimates").orderBy("letter", "number", "day").collectAsList();
    // Three letters, NaN or 0, even or odd.
    assertThat(groups).hasSize(12);
    assertThat(groups.get(0).isNullAt(0)).isTrue();
    assertThat(groups.get(0).getDouble(1)).isEqualTo(0.0);
    assertThat(groups.get(0).getDate(2)).hasToString("2024-01-01");
    long rows = groups.stream().mapToLong(row -> row.<Long>getAs("rows")).sum();
    assertThat(rows).isEqualTo(Files.readAllLines(temporary.resolve("rows.csv")).size() - 1);
  }

  /** A group without a valid row, with too few, with a constant column, with an absent level. */
  @Test
  void eachGroupHasItsVerdict() throws Exception {
    StringBuilder text = new StringBuilder("g,x,h,y\n");
    Random random = new Random(8);
    for (int i = 0; i < 30; i++) {
      text.append("good,%s,%s,%d%n".formatted(random.nextGaussian(), "ab".charAt(i % 2), i % 4));
      text.append("const,5,%s,%d%n".formatted("ab".charAt(i % 2), i % 4));
      text.append("absent,%s,a,%d%n".formatted(random.nextGaussian(), i % 4));
      text.append("zero,%s,%s,0%n".formatted(random.nextGaussian(), "ab".charAt(i % 2)));
    }
    text.append("bad,,a,1\nfew,1,a,2\nfew,2,b,1\n");
    Path rows = Files.writeString(temporary.resolve("verdicts.csv"), text);
    String model = "formula = \"y ~ x + C(h)\", family = poisson";
    String[] settings = {"input.path=\"" + rows + "\"", "input.invalid-rows=drop", "fit.by=[g]"};
    Console console = run("fit", "verdicts", model, settings);
    assertThat(console.exitCode()).as(console.err()).isZero();
    assertThat(groups("verdicts").stream().map(row -> row.get(0) + " " + row.getAs("status")))
        .containsExactly(
            "absent collinear",
            "bad invalid",
            "const collinear",
            "few too-few-rows",
            "good converged",
            "zero separable");
    List<Row> groups = groups("verdicts");
    assertThat(groups.get(0).<String>getAs("message")).contains("C(h)[T.b]");
    assertThat(groups.get(2).<String>getAs("message")).endsWith("x - 5 Intercept");
    assertThat(groups.get(1).<Long>getAs("rows")).isZero();
    assertThat(groups.get(1).getList(groups.get(1).fieldIndex("estimate"))).containsOnlyNulls();
    Console dropped = run("fit", "dropped", model, with(settings, "model.collinear=drop"));
    assertThat(dropped.exitCode()).as(dropped.err()).isZero();
    List<Row> left = groups("dropped");
    assertThat(left.get(0).<String>getAs("status")).isEqualTo("converged");
    List<Double> estimate = left.get(0).getList(left.get(0).fieldIndex("estimate"));
    assertThat(estimate.get(1)).isNull();
    String alone = "formula = \"y ~ x\", family = poisson";
    Console single = run("estimate", "single", alone, settings[0], "input.where=\"g = 'absent'\"");
    assertThat(single.exitCode()).as(single.err()).isZero();
    for (int i = 0; i < 2; i++) {
      JsonNode its = json("single", "estimates.json").get("estimates").get(i);
      assertThat(estimate.get(2 * i))
          .isCloseTo(
              its.get("estimate").asDouble(), within(1e-9 * its.get("std_error").asDouble()));
    }
  }

  /** Each coefficient's p-values over the groups that converged. */
  @ParameterizedTest
  @CsvSource({"BH, wide", "holm, wide", "BH, long"})
  void probabilitiesAreAdjustedOverGroups(String adjust, String layout) throws Exception {
    String model = "formula = \"y ~ x + t\", family = poisson";
    Console console =
        run(
            "fit",
            "adjusted",
            model,
            "fit.by=[g]",
            "fit.by-layout=" + layout,
            "infer.adjust=" + adjust,
            "infer.reference=t",
            "input.where=\"not (g = 4 and y > 0)\"");
    assertThat(console.exitCode()).as(console.err()).isZero();
    List<Row> rows = groups("adjusted");
    assertThat(rows).hasSize(layout.equals("wide") ? GROUPS : 3 * GROUPS);
    for (int coefficient = 0; coefficient < 3; coefficient++) {
      List<Double> p = new ArrayList<>();
      List<Double> adjusted = new ArrayList<>();
      for (Row row : rows) {
        boolean wide = layout.equals("wide");
        if (!wide && row.<Integer>getAs("index") != coefficient) {
          continue;
        }
        Double own =
            wide
                ? row.<Double>getList(row.fieldIndex("p")).get(coefficient)
                : row.<Double>getAs("p");
        Double its =
            wide
                ? row.<Double>getList(row.fieldIndex("p_adjusted")).get(coefficient)
                : row.<Double>getAs("p_adjusted");
        assertThat(own == null).isEqualTo(row.getAs("status").equals("separable"));
        assertThat(its == null).isEqualTo(own == null);
        if (own != null) {
          p.add(own);
          adjusted.add(its);
        }
      }
      assertThat(p).hasSize(GROUPS - 1);
      List<Double> sorted = p.stream().sorted().toList();
      int m = p.size();
      for (int k = 0; k < m; k++) {
        int rank = sorted.indexOf(p.get(k)) + 1;
        double expected = adjust.equals("BH") ? 1 : 0;
        for (int r = 1; r <= m; r++) {
          double one = sorted.get(r - 1) * (adjust.equals("BH") ? (double) m / r : m - r + 1);
          if (adjust.equals("BH") && r >= rank) {
            expected = Math.min(expected, one);
          } else if (adjust.equals("holm") && r <= rank) {
            expected = Math.max(expected, Math.min(1, one));
          }
        }
        assertThat(adjusted.get(k)).isCloseTo(expected, within(1e-14));
      }
    }
    Console single = run("estimate", "single", model, "input.where=\"g = 3\"", "infer.reference=t");
    assertThat(single.exitCode()).as(single.err()).isZero();
    if (layout.equals("wide")) {
      Row third = rows.stream().filter(row -> row.get(0).toString().equals("3")).findFirst().get();
      double expected =
          json("single", "estimates.json").get("estimates").get(1).get("p").asDouble();
      assertThat(third.<Double>getList(third.fieldIndex("p")).get(1))
          .isCloseTo(expected, within(1e-8 * expected));
    }
  }

  /** The likelihoods of a model with the groups crossed in, and of one without. */
  @Test
  void equalCoefficientsAreTested() throws Exception {
    String model = "formula = \"y ~ x\", family = poisson";
    String where = "input.where=\"g < 4\"";
    assertThat(run("fit", "equal", model, "fit.by=[g]", "fit.start=pooled", where).exitCode())
        .isZero();
    JsonNode test = json("equal", "summary.json").get("equal_coefficients");
    assertThat(run("estimate", "pooled", model, where).exitCode()).isZero();
    String crossed = "formula = \"y ~ x * C(g)\", family = poisson";
    assertThat(run("estimate", "crossed", crossed, where).exitCode()).isZero();
    double expected =
        2
            * (json("crossed", "summary.json").get("log_likelihood").asDouble()
                - json("pooled", "summary.json").get("log_likelihood").asDouble());
    assertThat(test.get("likelihood_ratio").asDouble()).isCloseTo(expected, within(1e-8));
    assertThat(test.get("df").asInt()).isEqualTo(6);
    // Each group against the others: the score test of a group's own deviations.
    Row third = groups("equal").get(2);
    String own = "formula = \"y ~ x + double(g = 2) + double(g = 2):x\", family = poisson";
    Console score =
        run(
            "estimate",
            "score",
            own,
            where,
            "infer.tests.t={ without = [\"double(g = 2)\", \"double(g = 2):x\"], kinds = [score] }");
    assertThat(score.exitCode()).as(score.err()).isZero();
    JsonNode its = json("score", "estimates.json").get("tests").get(0);
    double statistic = its.get("score").asDouble();
    assertThat(third.<Double>getAs("score")).isCloseTo(statistic, within(1e-7 * statistic));
    assertThat(third.<Double>getAs("score_p"))
        .isCloseTo(its.get("score_p").asDouble(), within(1e-7));
    assertThat(test.get("p").asDouble()).isBetween(0.0, 1.0);
  }

  /** A prior is a penalty: the posterior's mode, and its deviations by the Hessian there. */
  @Test
  void estimatesAreShrunkTowardsThoseOfAllRows() throws Exception {
    String tensors = "input.tensors={ x = x, y = y }";
    String model =
        "parameters { a = 0, b = 0 }, define { eta = \"a + b * x\" }, likelihood = true,"
            + " loss = \"exp(eta) - y * eta + lgamma(y + 1)\"";
    String where = "input.where=\"not (g = 4 and y > 0)\"";
    String[] settings = {tensors, where, "fit.by=[g]", "infer.covariance=nonrobust"};
    Console console = run("fit", "given", model, with(settings, "fit.shrink=0.2"));
    assertThat(console.exitCode()).as(console.err()).isZero();
    JsonNode prior = json("given", "summary.json").get("prior");
    assertThat(prior.get("a").get("deviation").asDouble()).isEqualTo(0.2);
    for (Row row : groups("given")) {
      String g = row.get(0).toString();
      boolean separable = g.equals("4");
      assertThat(row.<String>getAs("status")).isEqualTo(separable ? "separable" : "converged");
      List<Double> shrunken = row.getList(row.fieldIndex("shrunken"));
      List<Double> errors = row.getList(row.fieldIndex("shrunken_error"));
      List<Double> shares = row.getList(row.fieldIndex("prior_share"));
      assertThat(shares).allMatch(share -> share > 0 && share < 1);
      if (!g.equals("3") && !separable) {
        continue;
      }
      String penalty =
          ", penalty = \"(square(a - (%s)) + square(b - (%s))) / 0.08\""
              .formatted(prior.get("a").get("mean"), prior.get("b").get("mean"));
      String own = separable ? "g = 4 and y = 0" : "g = 3";
      Console single =
          run(
              "estimate",
              "single",
              model + penalty,
              tensors,
              "infer.covariance=nonrobust",
              "input.where=\"" + own + "\"");
      assertThat(single.exitCode()).as(single.err()).isZero();
      for (int i = 0; i < 2; i++) {
        JsonNode its = json("single", "estimates.json").get("estimates").get(i);
        double error = its.get("std_error").asDouble();
        assertThat(shrunken.get(i)).isCloseTo(its.get("estimate").asDouble(), within(1e-9 * error));
        assertThat(errors.get(i)).isCloseTo(error, within(1e-8 * error));
        assertThat(shares.get(i)).isCloseTo(error * error / 0.04, within(1e-7));
      }
    }
    JsonNode held = json("given", "summary.json").get("held_out");
    assertThat(held.get("groups").asInt()).isBetween(GROUPS - 2, GROUPS - 1);
    double own = held.get("mean_loss_own").asDouble();
    assertThat(held.get("mean_loss_shrunken").asDouble()).isCloseTo(own, within(0.1));
    assertThat(held.get("mean_loss_shrunken").asDouble()).isNotEqualTo(own);
    assertThat(console.out()).contains("held out   mean loss of ").contains("rows: own");
    // A prior that says nothing changes nothing.
    assertThat(run("fit", "wide", model, with(settings, "fit.shrink=1e6")).exitCode()).isZero();
    JsonNode wide = json("wide", "summary.json").get("held_out");
    assertThat(wide.get("mean_loss_own").asDouble()).isEqualTo(own);
    assertThat(wide.get("mean_loss_shrunken").asDouble()).isCloseTo(own, within(1e-7));
    Console estimated = run("fit", "estimated", model, with(settings, "fit.shrink=estimated"));
    assertThat(estimated.exitCode()).as(estimated.err()).isZero();
    for (int i = 0; i < 2; i++) {
      double s0 = 0;
      double s1 = 0;
      double s2 = 0;
      double s3 = 0;
      int count = 0;
      for (Row row : groups("estimated")) {
        List<Double> estimates = row.getList(row.fieldIndex("estimate"));
        if (estimates.get(i) != null) {
          double error = row.<Double>getList(row.fieldIndex("std_error")).get(i);
          double w = 1 / (error * error);
          s0 += w;
          s1 += w * estimates.get(i);
          s2 += w * estimates.get(i) * estimates.get(i);
          s3 += w * w;
          count++;
        }
      }
      double expected = Math.sqrt(Math.max(0, (s2 - s1 * s1 / s0 - (count - 1)) / (s0 - s3 / s0)));
      assertThat(
              json("estimated", "summary.json")
                  .get("prior")
                  .get(i == 0 ? "a" : "b")
                  .get("deviation")
                  .asDouble())
          .isCloseTo(expected, within(1e-9));
    }
  }

  /** A row's influence is on its own group, and is what it is there alone. */
  @Test
  void rowsInfluenceTheirGroups() throws Exception {
    String model = "formula = \"y ~ x + t\", family = poisson";
    String where = "not (g = 4 and y > 0)";
    Console console =
        run(
            "influence",
            "influences",
            model,
            "fit.by=[g]",
            "input.weight=w",
            "input.carry=[g, x, t, y]",
            "input.where=\"" + where + "\"");
    assertThat(console.exitCode()).as(console.err()).isZero();
    assertThat(console.out()).startsWith("influence  by g: ");
    List<Row> rows = table("influences/influence").collectAsList();
    assertThat(rows.stream().filter(row -> row.getAs("g").equals("4")))
        .isNotEmpty()
        .allMatch(row -> row.getAs("group_status").equals("separable"))
        .allMatch(row -> row.getAs("influence") == null);
    String[] alone = {"input.weight=w", "input.where=\"g = 3\""};
    assertThat(run("estimate", "third", model, alone).exitCode()).isZero();
    Path from = temporary.resolve("third");
    Console single =
        Console.run(
            "influence",
            "--from",
            from.toString(),
            "--set",
            "input.carry=[x, t, y]",
            "--set",
            "output.path=\"" + temporary.resolve("single") + "\"",
            "--set",
            "output.mode=overwrite");
    assertThat(single.exitCode()).as(single.err()).isZero();
    List<Row> expected = table("single/influence").collectAsList();
    List<Row> third = rows.stream().filter(row -> row.getAs("g").equals("3")).toList();
    assertThat(third).hasSameSizeAs(expected);
    for (Row its : expected) {
      Row own =
          third.stream()
              .filter(
                  row ->
                      row.getAs("x").equals(its.getAs("x"))
                          && row.getAs("t").equals(its.getAs("t")))
              .findFirst()
              .orElseThrow();
      List<Double> influence = own.getList(own.fieldIndex("influence"));
      List<Double> other = its.getList(its.fieldIndex("influence"));
      for (int i = 0; i < 3; i++) {
        assertThat(influence.get(i)).isCloseTo(other.get(i), within(1e-9));
      }
      assertThat(own.<Double>getAs("self_influence"))
          .isCloseTo(its.<Double>getAs("self_influence"), within(1e-9));
    }
  }

  /** A line for each group, by its own estimates: what effects of its rows alone are. */
  @Test
  void effectsAreThoseOfEachGroup() throws Exception {
    String model = "formula = \"y ~ x + C(h)\", family = poisson";
    String[] asked = {
      "effects.slopes=[x]", "effects.elasticities=[x]", "effects.contrasts={ h = [a, c] }"
    };
    String where = "input.where=\"g < 6 and not (g = 4 and y > 0)\"";
    assertThat(
            run(
                    "estimate",
                    "kept",
                    model,
                    "fit.by=[\"g AS place\"]",
                    "fit.by-covariance=true",
                    "infer.covariance=HC1",
                    where)
                .exitCode())
        .isZero();
    Console console = from("kept", "effects", "many", asked);
    assertThat(console.exitCode()).as(console.err()).isZero();
    assertThat(
            run("estimate", "alone", model, "infer.covariance=HC1", "input.where=\"g = 3\"")
                .exitCode())
        .isZero();
    Console single = from("alone", "effects", "one", asked);
    assertThat(single.exitCode()).as(single.err()).isZero();
    JsonNode many = json("many", "effects.json").get("effects");
    JsonNode one = json("one", "effects.json").get("effects");
    assertThat(one).hasSize(4);
    // Of five groups with estimates.
    assertThat(many).hasSize(5 * 4);
    for (JsonNode its : one) {
      List<JsonNode> own = new ArrayList<>();
      many.forEach(
          effect -> {
            if (effect.get("effect").equals(its.get("effect"))
                && effect.get("group").toString().contains("\"3\"")) {
              own.add(effect);
            }
          });
      assertThat(own).as(its.toString()).hasSize(1);
      for (String key : List.of("estimate", "std_error")) {
        double expected = its.get(key).asDouble();
        assertThat(own.get(0).get(key).asDouble())
            .as(its + " " + key)
            .isCloseTo(expected, within(1e-8 * Math.abs(expected)));
      }
    }
    assertThat(run("estimate", "kept", model, "fit.by=[g]", where).exitCode()).isZero();
    Console without = from("kept", "effects", "none", asked);
    assertThat(without.err()).contains("by-covariance = true");
    assertThat(without.exitCode()).isEqualTo(2);
  }

  private static Console from(String folder, String command, String output, String... settings) {
    List<String> words =
        new ArrayList<>(List.of(command, "--from", temporary.resolve(folder).toString()));
    for (String setting :
        with(
            settings,
            "output.path=\"" + temporary.resolve(output) + "\"",
            "output.mode=overwrite")) {
      words.addAll(List.of("--set", setting));
    }
    return Console.run(words.toArray(String[]::new));
  }

  /** A group without a level, one without the reference, and one whose predictors are collinear. */
  @ParameterizedTest
  @ValueSource(strings = {"wide", "long"})
  void whatAGroupDoesNotTellIsNull(String layout) throws Exception {
    StringBuilder text = new StringBuilder("g,s,x,v,y\n");
    Random random = new Random(12);
    for (int i = 0; i < 240; i++) {
      String group = List.of("all", "no q", "no p", "line").get(i % 4);
      String level = List.of("p", "q", "r").get(i / 4 % 3);
      if (group.endsWith(level)) {
        continue;
      }
      double x = random.nextGaussian();
      double v = group.equals("line") ? 2 * x : random.nextGaussian();
      text.append("%s,%s,%s,%s,%d%n".formatted(group, level, x, v, poisson(2 + x * x, random)));
    }
    Path fitted = Files.writeString(temporary.resolve("levels.csv"), text);
    StringBuilder asked = new StringBuilder("g,s,x,v,y\n");
    for (String group : List.of("all", "no q", "no p", "line")) {
      for (String level : List.of("p", "q", "r")) {
        asked.append("%s,%s,0.5,1.0,1%n%s,%s,0.5,0.3,1%n".formatted(group, level, group, level));
      }
    }
    Path rows = Files.writeString(temporary.resolve("levels-asked.csv"), asked);
    String model = "formula = \"y ~ x + v + C(s)\", family = poisson, collinear = drop";
    String input = "input.path=\"" + fitted + "\"";
    String output = "levels-" + layout;
    boolean wide = layout.equals("wide");
    Console console =
        run(
            "estimate",
            output,
            model,
            input,
            "fit.by=[g]",
            "fit.by-covariance=" + wide,
            "fit.by-layout=" + layout);
    assertThat(console.exitCode()).as(console.err()).isZero();
    console =
        from(
            output,
            "predict",
            output + "-means",
            "input.path=\"" + rows + "\"",
            "input.carry=[g, s, v]",
            "predict.residuals=[response]");
    assertThat(console.exitCode()).as(console.err()).isZero();
    List<Row> means = table(output + "-means/predictions").collectAsList();
    assertThat(means).hasSize(24);
    for (Row row : means) {
      String group = row.getAs("g");
      boolean determined =
          group.equals("line")
              ? row.getAs("v").equals("1.0")
              : !group.endsWith(row.<String>getAs("s"));
      assertThat(row.<Double>getAs("mean") != null).as(row.toString()).isEqualTo(determined);
      assertThat(row.<Double>getAs("residual_response") != null).isEqualTo(determined);
    }
    if (!wide) {
      return;
    }
    console =
        from(output, "effects", output + "-effects", input, "effects.contrasts={s=[p, q, r]}");
    assertThat(console.exitCode()).as(console.err()).isZero();
    List<String> found =
        table(output + "-effects/effects").filter("effect = 'contrast'").collectAsList().stream()
            .filter(row -> row.getAs("estimate") == null)
            .peek(row -> assertThat(row.<Double>getAs("std_error")).isNull())
            .map(row -> row.getList(row.fieldIndex("group")).get(0) + " " + row.getAs("to"))
            .sorted()
            .toList();
    assertThat(found).containsExactly("no p q", "no p r", "no q q");
    console =
        run("influence", output + "-influence", model, input, "fit.by=[g]", "input.carry=[g]");
    assertThat(console.exitCode()).as(console.err()).isZero();
    for (Row row : table(output + "-influence/influence").collectAsList()) {
      long unknown =
          row.getList(row.fieldIndex("influence")).stream().filter(e -> e == null).count();
      assertThat(unknown).as(row.toString()).isEqualTo(row.getAs("g").equals("all") ? 0 : 1);
    }
  }

  /** Rows whose response the family does not have, valid and not. */
  @Test
  void responsesOutsideTheFamily() throws Exception {
    StringBuilder text = new StringBuilder("g,x,y\n");
    Random random = new Random(4);
    for (int i = 0; i < 40; i++) {
      text.append("%s,%s,%d%n".formatted(i % 2, random.nextGaussian(), random.nextInt(2)));
    }
    Path valid = Files.writeString(temporary.resolve("valid.csv"), text + "0,,7\n");
    Path outside = Files.writeString(temporary.resolve("outside.csv"), text + "0,0.5,7\n");
    String logistic = "formula = \"y ~ x\", family = binomial";
    Console console =
        run(
            "estimate",
            "invalid-row",
            logistic,
            "input.path=\"" + valid + "\"",
            "input.invalid-rows=drop",
            "fit.by=[g]");
    assertThat(console.exitCode()).as(console.err()).isZero();
    assertThat(json("invalid-row", "summary.json").path("rows_rejected").asInt()).isEqualTo(1);
    console = run("estimate", "outside", logistic, "input.path=\"" + outside + "\"", "fit.by=[g]");
    assertThat(console.exitCode()).isEqualTo(3);
    assertThat(console.err()).contains("binomial", "7");
  }

  /** A penalty on slopes holds no intercept back; exact fits end, and have no errors to tell. */
  @Test
  void extremesEnd() throws Exception {
    StringBuilder text = new StringBuilder("g,x,y,d\n");
    Random random = new Random(9);
    for (int i = 0; i < 12; i++) {
      double x = random.nextGaussian();
      text.append("ones,%s,1,%s%n".formatted(x, 2 * x + 1));
      text.append("both,%s,%d,%s%n".formatted(x, i % 2, 1e9 * (2 * x + 1)));
    }
    text.append("two,1,0,3\ntwo,2,1,5\n");
    Path rows = Files.writeString(temporary.resolve("extremes.csv"), text);
    String input = "input.path=\"" + rows + "\"";
    String logistic = "formula = \"y ~ x\", family = binomial";
    assertThat(run("fit", "ridge", logistic, input, "fit.by=[g]", "fit.l2=0.5").exitCode())
        .isZero();
    assertThat(groups("ridge").stream().map(row -> row.get(0) + " " + row.getAs("status")))
        .containsExactly("both converged", "ones separable", "two converged");
    assertThat(groups("ridge").get(1).<String>getAs("message")).endsWith("along Intercept");
    Console scaled =
        run(
            "fit",
            "scaled",
            "parameters { a = 0, s { value = 1, transform = log } },"
                + " loss = \"square(y - a) / s + log(s)\"",
            input,
            "input.tensors.y=d",
            "fit.by=[g]",
            "fit.l2=0.5");
    assertThat(scaled.exitCode()).as(scaled.err()).isEqualTo(2);
    assertThat(scaled.err()).contains("l2 is above 0 for s");
    String line = "formula = \"d ~ x\", family = gaussian";
    assertThat(run("fit", "exact", line, input, "fit.by=[g]").exitCode()).isZero();
    for (Row row : groups("exact")) {
      assertThat(row.<String>getAs("status")).as(row.toString()).isEqualTo("converged");
      double unit = row.get(0).equals("both") ? 1e9 : 1;
      List<Double> estimates = row.getList(row.fieldIndex("estimate"));
      assertThat(estimates.get(0)).isCloseTo(unit, within(1e-12 * unit));
      assertThat(estimates.get(1)).isCloseTo(2 * unit, within(1e-12 * unit));
    }
    Row two = groups("exact").get(2);
    assertThat(two.<Double>getList(two.fieldIndex("std_error"))).containsOnlyNulls();
    assertThat(two.<String>getAs("message")).contains("no degrees of freedom");
  }
}
