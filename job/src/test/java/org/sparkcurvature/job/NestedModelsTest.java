package org.sparkcurvature.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.commons.math3.stat.inference.OneWayAnova;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.sparkcurvature.job.cli.Console;

/**
 * Tests of nested hypotheses and intervals by profile likelihood, against R and JAX
 * (src/test/references). Statistics agree to 1e-7; ends of intervals to 1e-6 of a standard error,
 * or to what R's interpolation of the profile leaves.
 */
class NestedModelsTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir static Path temporary;

  @BeforeAll
  static void startSpark() {
    LocalSpark.session();
  }

  static Stream<String> tests() throws IOException, URISyntaxException {
    return named("-tests.json");
  }

  static Stream<String> profiles() throws IOException, URISyntaxException {
    return named("-profile.json");
  }

  private static Stream<String> named(String ending) throws IOException, URISyntaxException {
    try (Stream<Path> files = Files.list(FamiliesTest.folder())) {
      List<String> names =
          files
              .map(file -> file.getFileName().toString())
              .filter(name -> name.endsWith(ending))
              .sorted()
              .toList();
      assertThat(names).hasSizeGreaterThanOrEqualTo(3);
      return names.stream();
    }
  }

  private static JsonNode reference(String name) throws IOException, URISyntaxException {
    return JSON.readTree(FamiliesTest.folder().resolve(name).toFile());
  }

  private static Console estimate(JsonNode reference, String... settings) throws Exception {
    Path file =
        Files.writeString(
            temporary.resolve("case.conf"),
            FamiliesTest.configuration(reference, temporary.resolve("out")));
    return Console.run("estimate", file, List.of(settings));
  }

  private static JsonNode estimates() throws IOException {
    return JSON.readTree(temporary.resolve("out/estimates.json").toFile());
  }

  @ParameterizedTest
  @MethodSource("tests")
  void statisticsOfNestedModels(String name) throws Exception {
    JsonNode reference = reference(name);
    Console console =
        estimate(
            reference, "infer.tests={ smaller { without = " + reference.get("left_out") + " } }");
    assertThat(console.exitCode()).as(console.err()).isZero();
    assertThat(console.out()).containsPattern("\n    likelihood ratio +chi2\\(");
    JsonNode test = estimates().get("tests").get(0);
    assertThat(test.get("df").asInt()).isEqualTo(reference.get("df").asInt());
    Map<String, String> pairs = new LinkedHashMap<>();
    pairs.put("wald_observed", "wald");
    pairs.put("likelihood_ratio", "likelihood_ratio");
    if (reference.has("score_observed")) {
      pairs.put("score_observed", "score");
    }
    pairs.forEach(
        (theirs, ours) -> {
          double statistic = reference.get(theirs).get("statistic").asDouble();
          double p = reference.get(theirs).get("p").asDouble();
          assertThat(test.get(ours).asDouble())
              .as(ours)
              .isCloseTo(statistic, within(1e-7 * statistic));
          assertThat(test.get(ours.equals("wald") ? "p" : ours + "_p").asDouble())
              .as(ours)
              .isCloseTo(p, within(1e-6 * p));
        });
    assertThat(test.has("score")).isEqualTo(reference.has("score_observed"));
  }

  /** Thresholds are estimated together: of all intervals theirs are by their errors. */
  @Test
  void allIntervalsByProfileOfAnOrderedModel() throws Exception {
    Files.writeString(
        temporary.resolve("rows.csv"),
        "x,g\n0.5,k\n1.5,k\n2,l\n-0.5,m\n0.25,m\n2.5,l\n1,k\n-1,k\n1.75,l\n0.1,k\n0.9,m\n");
    Console console =
        Console.run(
            temporary,
            "estimate",
            "out",
            "formula = \"g ~ x\", family = ordered, response { levels = [k, l, m] }",
            "infer.profile=all");
    assertThat(console.exitCode()).as(console.err()).isZero();
    assertThat(console.err())
        .contains("estimated together, as thresholds are, are by their standard errors");
    estimates()
        .get("estimates")
        .forEach(
            e -> {
              double half = 1.959963984540054 * e.get("std_error").asDouble();
              double low = e.get("estimate").asDouble() - half;
              boolean byError = Math.abs(e.get("ci_low").asDouble() - low) < 1e-9;
              assertThat(byError).as(e.toString()).isEqualTo(!e.get("name").asText().equals("x"));
            });
  }

  /** A product has its name in one order; the message has what was written, and the names. */
  @Test
  void aProductInTheOtherOrderIsTold() throws Exception {
    Files.writeString(
        temporary.resolve("rows.csv"), "y,x,g\n1,0.5,k\n2,1.5,k\n4,2,l\n3,-0.5,l\n2,1,k\n7,3,l\n");
    Console console =
        Console.run(
            temporary,
            "estimate",
            "out",
            "formula = \"y ~ x * g\", family = gaussian",
            "infer.tests={ h = [\"g[T.l]:x = 0\"] }");
    assertThat(console.exitCode()).as(console.err()).isEqualTo(2);
    assertThat(console.err())
        .contains("'g[T.l]:x' is no part of the loss language")
        .contains("x:g[T.l]")
        .doesNotContain("'__");
  }

  /** A term left out, and the equations that say the same of its parameter. */
  @Test
  void equationsAndTermsSayTheSame() throws Exception {
    JsonNode reference = reference("birthwt-binomial-logit-tests.json");
    Console console =
        estimate(
            reference,
            "infer.tests={ term { without = [\"C(race)\"] }, equal { equations = [\"b_race[0] = b_race[1]\"] },"
                + " both { equations = [\"b_race[0] - b_race[1] = 0\", \"b_race[0] = 0\"] } }");
    assertThat(console.exitCode()).as(console.err()).isZero();
    Map<String, JsonNode> tests = new LinkedHashMap<>();
    estimates().get("tests").forEach(test -> tests.put(test.get("name").asText(), test));
    for (String key : List.of("wald", "likelihood_ratio", "score")) {
      double term = tests.get("term").get(key).asDouble();
      assertThat(tests.get("both").get(key).asDouble()).isCloseTo(term, within(1e-8 * term));
      assertThat(tests.get("equal").get(key).asDouble()).isBetween(0.0, term);
    }
    assertThat(tests.get("equal").get("df").asInt()).isEqualTo(1);
    List<String> race = new ArrayList<>();
    estimates()
        .get("estimates")
        .forEach(
            estimate -> {
              if (estimate.get("name").asText().startsWith("C(race)")) {
                race.add(estimate.get("name").asText());
              }
            });
    assertThat(race).hasSize(2);
    // By the names that the table has, as R's linearHypothesis and statsmodels take them.
    Console named =
        estimate(
            reference,
            "output.mode=overwrite",
            "infer.functions.ratio=\"exp(%s - %s)\"".formatted(race.get(0), race.get(1)),
            "infer.tests={ equal { equations = [\"%s = %s\"] } }"
                .formatted(race.get(0), race.get(1)));
    assertThat(named.exitCode()).as(named.err()).isZero();
    assertThat(estimates().get("tests").get(0).get("likelihood_ratio"))
        .isEqualTo(tests.get("equal").get("likelihood_ratio"));
    assertThat(estimates().get("tests").get(0).get("wald"))
        .isEqualTo(tests.get("equal").get("wald"));
  }

  /** One-way analysis of variance; with one equation, t of its coefficient. */
  @Test
  void theWaldTestIsFWhereEstimatesAreT(@TempDir Path folder) throws Exception {
    Map<String, double[]> groups = new LinkedHashMap<>();
    groups.put("a", new double[] {3.1, 2.7, 4.4, 3.9});
    groups.put("b", new double[] {4.0, 5.2, 4.9, 6.1, 3.8});
    groups.put("c", new double[] {3.3, 4.6, 2.9});
    List<String> rows = new ArrayList<>(List.of("g,y"));
    groups.forEach((g, values) -> Arrays.stream(values).forEach(y -> rows.add(g + "," + y)));
    Files.write(folder.resolve("rows.csv"), rows);
    Console console =
        Console.run(
            folder,
            "estimate",
            "anova",
            "formula = \"y ~ C(g)\", family = gaussian",
            "infer.reference=t",
            "infer.tests={ g { without = [\"C(g)\"] }, b { without = [\"C(g)[T.b]\"] } }");
    assertThat(console.exitCode()).as(console.err()).isZero();
    JsonNode found = JSON.readTree(folder.resolve("anova/estimates.json").toFile());
    JsonNode test = found.get("tests").get(1);
    double f = new OneWayAnova().anovaFValue(groups.values());
    double p = new OneWayAnova().anovaPValue(groups.values());
    assertThat(test.get("f").asDouble()).isCloseTo(f, within(1e-9 * f));
    assertThat(test.get("wald").asDouble()).isCloseTo(2 * f, within(2e-9 * f));
    assertThat(test.get("df_residual").asInt()).isEqualTo(9);
    assertThat(test.get("p").asDouble()).isCloseTo(p, within(1e-9 * p));
    assertThat(console.out()).containsPattern("F\\(2, 9\\) +%.2f".formatted(f));
    double ofOne = found.get("estimates").get(1).get("p").asDouble();
    assertThat(found.get("tests").get(0).get("p").asDouble())
        .isCloseTo(ofOne, within(1e-9 * ofOne));
  }

  @ParameterizedTest
  @MethodSource("profiles")
  void intervalsByProfileLikelihood(String name) throws Exception {
    JsonNode reference = reference(name);
    Console console = estimate(reference, "infer.profile=[all]");
    assertThat(console.exitCode()).as(console.err()).isZero();
    assertThat(console.out()).contains("intervals  by profile likelihood: all");
    double differs = reference.get("source").path("differs").path("limits_in_errors").asDouble(0);
    Map<String, JsonNode> found = new LinkedHashMap<>();
    estimates().get("estimates").forEach(e -> found.put(e.get("name").asText(), e));
    List<String> names = new ArrayList<>();
    reference.get("names").forEach(n -> names.add(n.asText()));
    for (int k = 0; k < names.size(); k++) {
      JsonNode e = found.get(names.get(k));
      double tolerance = e.get("std_error").asDouble() * Math.max(1e-6, 2 * differs);
      for (String end : List.of("ci_low", "ci_high")) {
        assertThat(e.get(end).asDouble())
            .as(names.get(k) + " " + end)
            .isCloseTo(reference.get(end).get(k).asDouble(), within(tolerance));
      }
    }
  }

  /** An end at a bound is the bound. */
  @Test
  void aProfileEndsAtABound() throws Exception {
    Console console =
        ofCounts("poisson", "infer.level=0.9999999", "model.parameters={ beta { lower = -8 } }");
    assertThat(console.exitCode()).as(console.err()).isZero();
    JsonNode x = estimates().get("estimates").get(1);
    assertThat(x.get("ci_low").asDouble()).isEqualTo(-8);
    assertThat(x.get("ci_high").asDouble()).isBetween(0.0, 10.0);
  }

  /** Without an excess of zeros that shows, the logit of their share has no lower end. */
  @Test
  void whereTheLikelihoodLevelsOffAnIntervalHasNoEnd() throws Exception {
    Console console = ofCounts("zero-inflated-poisson", "infer.profile=[\"zero[Intercept]\"]");
    assertThat(console.exitCode()).as(console.err()).isZero();
    assertThat(console.err()).contains("The interval of zero[Intercept] has no lower end");
    JsonNode share = estimates().get("estimates").get(2);
    assertThat(share.get("ci_low").isNull()).isTrue();
    assertThat(share.get("ci_high").asDouble()).isBetween(0.0, 1.0);
  }

  private static Console ofCounts(String family, String... settings) throws Exception {
    Path rows =
        Files.writeString(
            temporary.resolve("zeros.csv"), "y,x\n2,0\n3,0\n3,0\n4,0\n0,0\n0,1\n0,1\n1,1\n");
    JsonNode reference =
        JSON.readTree(
            "{\"formula\": \"y ~ x\", \"family\": \"%s\", \"data\": \"quine.csv\"}"
                .formatted(family));
    return estimate(
        reference,
        Stream.concat(
                Stream.of("input.path=\"" + rows + "\"", "infer.profile=[x]"),
                Arrays.stream(settings))
            .toArray(String[]::new));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "2 | infer.tests={ t { without = [\"C(rice)\"] } } | no estimate and no term is called C(rice)",
        "2 | infer.tests={ t { kinds = [wald] } } | has no equations",
        "2 | infer.tests={ t { without = [age], kinds = [rao] } } | take some of wald, likelihood-ratio and score",
        "2 | infer.tests={ t { equations = [\"beta[0] * beta[1] = 0\"] } } | are not linear",
        "2 | infer.profile=[agee] | no estimate is called agee",
      })
  void wrongNamesAndKindsAreRefused(int exitCode, String setting, String message) throws Exception {
    Console console = estimate(reference("birthwt-binomial-logit-tests.json"), setting);
    assertThat(console.err()).contains(message);
    assertThat(console.exitCode()).as(console.err()).isEqualTo(exitCode);
  }
}
