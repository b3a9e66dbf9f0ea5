package org.sparkcurvature.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.sparkcurvature.job.cli.Console;

/** One model for each group: that of the group's rows alone. */
class GroupsTest extends GroupedRows {
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
        "formula = \"y ~ x + t\", family = poisson | infer.weights=frequency, infer.covariance=HC3 | input.weight=w",
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

  /** Null is a cluster of its own, and none with the text null; bytes are what they hold. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "if(k = 1, null, if(k = 2, 'null', string(k)))",
        "if(k = 1 and x > 3, double('-0'), double(k) - 1)",
        "encode(string(k), 'UTF-8')"
      })
  void clustersAreToldByTheirValues(String clusters) throws Exception {
    String model = "formula = \"y ~ x + t\", family = poisson";
    List<List<Row>> tables = new ArrayList<>();
    for (String its : List.of("k", clusters)) {
      Console console =
          run(
              "estimate",
              "clusters",
              model,
              "fit.by=[g]",
              "infer.covariance=cluster",
              "infer.null-groups=own",
              "infer.groups=\"" + its + "\"");
      assertThat(console.exitCode()).as(console.err()).isZero();
      tables.add(groups("clusters"));
    }
    for (int g = 0; g < GROUPS; g++) {
      List<Double> expected =
          tables.get(0).get(g).getList(tables.get(0).get(g).fieldIndex("std_error"));
      List<Double> found =
          tables.get(1).get(g).getList(tables.get(1).get(g).fieldIndex("std_error"));
      for (int i = 0; i < expected.size(); i++) {
        assertThat(found.get(i)).isCloseTo(expected.get(i), within(1e-9 * expected.get(i)));
      }
    }
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
        "3 | fit.by=[\"nullif(int(g), 3)\"], fit.null-groups=fail | whose key is null",
        "3 | fit.by=[h, \"nullif(g, 3)\"], fit.null-groups=fail | whose key is null",
        "3 | fit.by=[g], infer.covariance=cluster, infer.groups=\"nullif(k, 3)\" | whose group is null",
        "3 | fit.by=[g], input.tensors.extra=h | not a number",
        "4 | fit.by=[g], input.where=\"y = 0\" | have no estimates",
        "4 | fit.by=[g], fit.max-failed-groups=0.01, input.where=\"g > 2 or y = 0\" | 3 of 12 groups",
        "2 | fit.by=[g], infer.covariance=CR2, infer.groups=k | no CR2",
        "2 | fit.by=[g], infer.profile=[all] | estimates with errors alone",
        "2 | infer.adjust=BH | adjusted over groups, of which there are none",
        "2 | fit.shrink=0.5 | estimates of groups are shrunk, of which there are none",
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
    // The basis in which a group is fitted is that of its rows and the prior: all but its last
    // bits.
    assertThat(wide.get("mean_loss_own").asDouble()).isCloseTo(own, within(1e-13));
    assertThat(wide.get("mean_loss_shrunken").asDouble()).isCloseTo(own, within(1e-7));
    // It is a mean by weights; which rows are held out depends on these, too.
    Console weighted =
        run("fit", "weighted", model, with(settings, "fit.shrink=1e6", "input.weight=4.0"));
    assertThat(weighted.exitCode()).as(weighted.err()).isZero();
    assertThat(json("weighted", "summary.json").get("held_out").get("mean_loss_own").asDouble())
        .isCloseTo(own, within(0.2));
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

  /**
   * Of least squares the shrunken mean is that of estimate and prior, weighted by their precisions,
   * whatever the unit of the response.
   */
  @ParameterizedTest
  @CsvSource({"1", "1000", "0.001"})
  void aDispersionCountsBesideThePrior(double unit) throws Exception {
    Console console =
        run(
            "estimate",
            "normal",
            "formula = \"%s * d ~ 1\", family = gaussian".formatted(unit),
            "fit.by=[g]",
            "fit.shrink=" + 0.1 * unit,
            "input.where=\"g > 0 or k = 1\"");
    assertThat(console.exitCode()).as(console.err()).isZero();
    double mean =
        json("normal", "summary.json").get("prior").get("Intercept").get("mean").asDouble();
    double prior = 1 / (0.01 * unit * unit);
    for (Row row : groups("normal")) {
      double estimate = row.<Double>getList(row.fieldIndex("estimate")).get(0);
      double error = row.<Double>getList(row.fieldIndex("std_error")).get(0);
      double own = 1 / (error * error);
      double expected = (own * estimate + prior * mean) / (own + prior);
      assertThat(row.<Double>getList(row.fieldIndex("shrunken")).get(0))
          .isCloseTo(expected, within(1e-9 * unit));
      assertThat(row.<Double>getList(row.fieldIndex("shrunken_error")).get(0))
          .isCloseTo(1 / Math.sqrt(own + prior), within(1e-9 * unit));
      assertThat(row.<Double>getList(row.fieldIndex("prior_share")).get(0))
          .isCloseTo(prior / (own + prior), within(1e-9));
    }
  }
}
