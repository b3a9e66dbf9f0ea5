package org.sparkcurvature.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.sparkcurvature.job.cli.Console;

/** Elements on bounds, and those that are left out, count as known: as in a model without them. */
class HeldElementsTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir static Path temporary;

  @BeforeAll
  static void writeRows() throws Exception {
    LocalSpark.session();
    Random random = new Random(4);
    StringBuilder text = new StringBuilder("y,x,t,g\n");
    for (int i = 0; i < 60; i++) {
      double x = random.nextGaussian();
      double t = random.nextGaussian() + 0.3 * x;
      long y = Math.round(Math.exp(0.4 + 0.3 * x - 0.2 * t) * (0.5 + random.nextDouble()));
      text.append("%d,%s,%s,%s%n".formatted(y, x, t, "abc".charAt(i % 3)));
    }
    Files.writeString(temporary.resolve("rows.csv"), text);
  }

  private static Console run(String command, String output, String model, String... settings)
      throws Exception {
    return Console.run(temporary, command, output, model + ", family = poisson", settings);
  }

  private static JsonNode estimates(String output) throws Exception {
    return JSON.readTree(temporary.resolve(output).resolve("estimates.json").toFile());
  }

  private static JsonNode named(JsonNode estimates, String name) {
    for (JsonNode estimate : estimates.get("estimates")) {
      if (estimate.get("name").asText().equals(name)) {
        return estimate;
      }
    }
    throw new AssertionError(name + " is not among " + estimates);
  }

  private static void assertSame(JsonNode one, JsonNode other, String... names) {
    for (String name : names) {
      for (String key : List.of("estimate", "std_error", "p", "ci_low", "ci_high")) {
        double expected = named(other, name).get(key).asDouble();
        assertThat(named(one, name).get(key).asDouble())
            .as(name + " " + key)
            .isCloseTo(expected, within(1e-8 * Math.abs(expected)));
      }
    }
    assertThat(one.get("aic").asDouble()).isCloseTo(other.get("aic").asDouble(), within(1e-8));
  }

  /** On a bound an element is what an offset would be. */
  @Test
  void anElementOnItsBoundCountsAsKnown() throws Exception {
    String bounded = "formula = \"y ~ x + t\", parameters.beta { lower { x = 0.9 } }";
    Console console = run("estimate", "bounded", bounded, "infer.covariance=HC1");
    assertThat(console.exitCode()).as(console.err()).isZero();
    assertThat(console.err()).contains("On a bound, and without an error: x.");
    JsonNode x = named(estimates("bounded"), "x");
    assertThat(x.get("estimate").asDouble()).isEqualTo(0.9);
    assertThat(x.get("std_error").isNull()).isTrue();
    Console offset =
        run("estimate", "offset", "formula = \"y ~ t + offset(0.9 * x)\"", "infer.covariance=HC1");
    assertThat(offset.exitCode()).as(offset.err()).isZero();
    assertSame(estimates("bounded"), estimates("offset"), "Intercept", "t");
    // A bound that does not bind changes nothing.
    String wide = "formula = \"y ~ x + t\", parameters.beta { lower = -5, upper = [5, 6] }";
    assertThat(run("estimate", "wide", wide).exitCode()).isZero();
    assertThat(run("estimate", "free", "formula = \"y ~ x + t\"").exitCode()).isZero();
    assertSame(estimates("wide"), estimates("free"), "Intercept", "x", "t");
  }

  /** Columns that others determine leave what R leaves. */
  @Test
  void collinearTermsAreLeftOutOnRequest() throws Exception {
    String formula = "formula = \"y ~ x + t + double(2 * x - 1000 * t) + C(g)\"";
    Console refused = run("estimate", "refused", formula);
    assertThat(refused.exitCode()).as(refused.err()).isEqualTo(4);
    Console console = run("estimate", "dropped", formula + ", collinear = drop");
    assertThat(console.exitCode()).as(console.err()).isZero();
    assertThat(console.err()).contains("Left out").contains("2 * x - 1000 * t");
    assertThat(run("estimate", "without", "formula = \"y ~ x + t + C(g)\"").exitCode()).isZero();
    JsonNode dropped = estimates("dropped");
    assertSame(dropped, estimates("without"), "Intercept", "x", "t", "C(g)[T.b]", "C(g)[T.c]");
    JsonNode summary = JSON.readTree(temporary.resolve("dropped/summary.json").toFile());
    assertThat(summary.get("parameters").asInt()).isEqualTo(5);
    // What follows the fit knows of it.
    Console inferred =
        Console.inferFrom(temporary.resolve("dropped"), temporary.resolve("inferred"));
    assertThat(inferred.exitCode()).as(inferred.err()).isZero();
    assertSame(estimates("inferred"), dropped, "Intercept", "x", "t");
  }

  /** It matters neither in which order columns stand, nor where another one has its middle. */
  @ParameterizedTest
  @ValueSource(strings = {"1e3", "1e5"})
  void collinearTermsAreLeftOutBesideColumnsFarFromZero(String middle) throws Exception {
    String far = "double(x + %s)".formatted(middle);
    String formula = "formula = \"y ~ t + %s + double(2 * t)\", collinear = drop";
    assertThat(run("estimate", "near", formula.formatted("x")).exitCode()).isZero();
    for (String order : List.of("y ~ t + %s + double(2 * t)", "y ~ t + double(2 * t) + %s")) {
      String written = "formula = \"%s\", collinear = drop".formatted(order.formatted(far));
      Console console = run("estimate", "far", written);
      assertThat(console.exitCode()).as(console.err()).isZero();
      assertThat(console.err()).contains("Left out").contains("2 * t");
      assertSame(estimates("near"), estimates("far"), "t");
    }
  }

  /** Effects that are estimated for the others' sake change nothing of the others. */
  @Test
  void nuisancesAreEstimatedAndNotToldOf() throws Exception {
    String formula = "formula = \"y ~ x + C(g)\"";
    String nuisance = formula + ", parameters.b_g.nuisance = true";
    Console console = run("estimate", "nuisance", nuisance, "infer.covariance=HC1");
    assertThat(console.exitCode()).as(console.err()).isZero();
    assertThat(run("estimate", "told", formula, "infer.covariance=HC1").exitCode()).isZero();
    assertSame(estimates("nuisance"), estimates("told"), "Intercept", "x");
    assertThat(estimates("nuisance").get("estimates").size()).isEqualTo(2);
  }

  /** A level that the fit has not seen is told as that, and not as a missing value. */
  @Test
  void unseenLevelsAreTold() throws Exception {
    assertThat(run("estimate", "seen", "formula = \"y ~ x + C(g)\"").exitCode()).isZero();
    Path rows = Files.writeString(temporary.resolve("new.csv"), "x,g\n1.5,a\n0.5,z\n");
    Console console =
        Console.from(
            temporary.resolve("seen"),
            "predict",
            temporary.resolve("predicted"),
            "input.path=\"" + rows + "\"");
    assertThat(console.exitCode()).isEqualTo(3);
    assertThat(console.err()).contains("(g) is 'z', none of its 3 levels");
  }

  /** Levels whose counts are all 0, and those that are left with zeros once others are left out. */
  @Test
  void levelsWithoutInformationAreLeftOut() throws Exception {
    StringBuilder text = new StringBuilder("y,x,g,h\n");
    Random random = new Random(5);
    for (int i = 0; i < 60; i++) {
      String g = i < 6 ? "zero" : "abc".substring(i % 3, i % 3 + 1);
      // All counts of the level late are 0 but for rows of the level zero, whose are by force.
      String h = i >= 54 ? "late" : i % 2 == 0 ? "p" : "q";
      text.append(
          "%d,%s,%s,%s%n"
              .formatted(
                  i < 6 || i >= 54 ? 0 : 1 + random.nextInt(4), random.nextGaussian(), g, h));
    }
    Path rows = Files.writeString(temporary.resolve("levels.csv"), text);
    String input = "input.path=\"" + rows + "\"";
    String formula = "formula = \"y ~ x + C(g) + C(h)\"";
    Console console = run("estimate", "left", formula, input);
    assertThat(console.exitCode()).as(console.err()).isZero();
    assertThat(console.err())
        .contains("levels of g is", ": zero (model.drop-levels)")
        .contains(": late (model.drop-levels)")
        .contains("12 of 60 rows");
    Console without =
        run("estimate", "filtered", formula, input, "input.where=\"g <> 'zero' AND h <> 'late'\"");
    assertThat(without.exitCode()).as(without.err()).isZero();
    assertSame(estimates("left"), estimates("filtered"), "Intercept", "x", "C(h)[T.q]");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "parameters.beta { lower { z = 0 } } | no element is called z",
        "parameters.beta { lower = [0, 1, 2] } | 3 bounds for 2 elements",
        "parameters.beta { lower = 2, upper = 1 } | is above its upper bound",
        "parameters.beta { lower = 0, transform = log } | has bounds of its own",
      })
  void boundsThatDoNotSuitAreRefused(String bounds, String message) throws Exception {
    Console console = run("estimate", "refused", "formula = \"y ~ x + t\", " + bounds);
    assertThat(console.err()).contains(message);
    assertThat(console.exitCode()).as(console.err()).isEqualTo(2);
  }

  @Test
  void methodsThatDoNotKeepToBoundsAreRefused() throws Exception {
    String bounded = "formula = \"y ~ x + t\", parameters.beta { lower = 0 }";
    Console console = run("fit", "refused", bounded, "fit.method=lbfgs");
    assertThat(console.err()).contains("does not keep to");
    assertThat(console.exitCode()).isEqualTo(2);
  }
}
