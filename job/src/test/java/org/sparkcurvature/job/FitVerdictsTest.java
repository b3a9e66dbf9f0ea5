package org.sparkcurvature.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.sparkcurvature.job.cli.Console;

/**
 * Fits that people reported as wrong or misleading elsewhere, by the command: at a bound, without a
 * minimum, at separated classes. The same kinds are tested without Spark, by every method.
 */
class FitVerdictsTest {
  private static final Path DATA =
      Path.of(System.getenv("SPARK_CURVATURE_HOME")).resolve("job/src/test/resources/fit");

  private static final String ZERO_INFLATED =
      """
      model {
        parameters {
          infl { value = 0.5, transform = logit }, b0 = 0, alpha { value = 1, transform = log }
        }
        define {
          r = "1 / alpha", success = "log_sigmoid(b0 - ln(r))", failure = "log_sigmoid(ln(r) - b0)"
          nb = "lgamma(y + r) - lgamma(r) - lgamma(y + 1) + r * failure + y * success"
        }
        loss = "IF(y = 0, -logaddexp(ln(infl), ln(1 - infl) + nb), -ln(1 - infl) - nb)"
        likelihood = true
      }
      """;

  @TempDir Path temporary;

  @BeforeAll
  static void startSpark() {
    LocalSpark.session();
  }

  private Console fit(String data, String tensors, String model) throws IOException {
    Path file = temporary.resolve("run.conf");
    Files.writeString(
        file,
        """
        curvature {
          input { path = "%s", options { header = true }, tensors { %s } }
          %s
          output { path = "%s", mode = overwrite }
        }
        """
            .formatted(DATA.resolve(data), tensors, model, temporary.resolve("out")));
    return Console.run("fit", "--config", file.toString());
  }

  private double estimate(String name, int k) throws IOException {
    JsonNode parameters =
        new ObjectMapper().readTree(temporary.resolve("out/parameters.json").toFile());
    return parameters.get(name).get("values").get(k).asDouble();
  }

  /** Estimates by statsmodels. */
  @Test
  void zeroInflatedCounts() throws IOException {
    Console console = fit("zero-inflated.csv", "y = y", ZERO_INFLATED);
    assertThat(console.exitCode()).as(console.err()).isZero();
    assertThat(estimate("infl", 0)).isCloseTo(0.4027158, within(1e-6));
    assertThat(estimate("b0", 0)).isCloseTo(2.27677703, within(1e-6));
    assertThat(estimate("alpha", 0)).isCloseTo(0.1206795, within(1e-6));
    assertThat(console.err()).doesNotContain("bound");
  }

  @Test
  void aDispersionThatIsZeroIsAtItsBound() throws IOException {
    Console console = fit("underdispersed.csv", "y = y", ZERO_INFLATED);
    assertThat(console.exitCode()).as(console.err()).isZero();
    assertThat(console.out())
        .containsPattern("parameters\\s+at\\s+the\\s+bound\\s+of\\s+their\\s+range");
    assertThat(console.err()).contains("alpha").contains("bound").doesNotContain("separates");
    assertThat(estimate("alpha", 0)).isCloseTo(0, within(1e-6));
  }

  /** The others are those of non-negative least squares. */
  @ParameterizedTest
  @CsvSource({"trust-region-newton", "newton-cg", "lbfgs"})
  void aBoundThatIsActiveIsReached(String method) throws IOException {
    Console console =
        fit(
            "bounds.csv",
            "x = [x1, x2, x3], y = y",
            """
            model {
              parameters { beta { labels = x, fill = 1, transform = log } }
              loss = "square(y - dot(x, beta)) / 2"
            }
            fit.method =\s"""
                + method);
    assertThat(console.exitCode()).as(console.err()).isZero();
    assertThat(estimate("beta", 0)).isCloseTo(0.8937468, within(2e-7));
    assertThat(estimate("beta", 1)).isCloseTo(0, within(1e-7));
    assertThat(estimate("beta", 2)).isCloseTo(0.38125017, within(2e-7));
    assertThat(console.err()).contains("beta[x2]").contains("bound");
  }

  @Test
  void aScaleThatVanishesWithTheResidualsIsNoMinimum() throws IOException {
    Console console =
        fit(
            "exact-fit.csv",
            "x = \"x * 1000\", y = y",
            """
            model {
              parameters { b0 = 0, b1 = 0, sigma { value = 1, transform = log } }
              loss = "sigma + 2 * sigma * huber((y - b0 - b1 * x) / sigma, 1.35)"
            }
            """);
    assertThat(console.exitCode()).as(console.out()).isEqualTo(4);
    assertThat(console.err()).contains("sigma to 0").doesNotContain("separates");
    assertThat(temporary.resolve("out/_SUCCESS")).doesNotExist();
  }

  /** A column of the order 1e-8 has a coefficient of 1e8, which is no sign of separation. */
  @ParameterizedTest
  @CsvSource({
    "small, trust-region-newton", "small, newton-cg", "small, lbfgs",
    "small * 1e8, trust-region-newton", "small * 1e8, newton-cg", "small * 1e8, lbfgs",
  })
  void separationIsToldBesideAnyColumn(String column, String method) throws IOException {
    Console console =
        fit(
            "separation-beside-small-column.csv",
            "x = [flag, \"" + column + "\"], y = y",
            """
            model {
              parameters { b0 = 0, beta { shape = [2], fill = 0 } }
              define { eta = "b0 + dot(x, beta)" }
              loss = "softplus(eta) - y * eta", likelihood = true
            }
            fit.method =\s"""
                + method);
    assertThat(console.exitCode()).as(console.out()).isEqualTo(4);
    assertThat(console.err()).contains("(beta[0] to infinity)").contains("separates");
    assertThat(console.out())
        .startsWith("fit  NO MINIMUM: ")
        .doesNotContain("; minimum")
        .contains("last point, not estimates");
  }

  /** Of rows whose tails are lighter than a normal distribution's. */
  @ParameterizedTest
  @CsvSource({"1, 1", "1e6, 1", "1, 7"})
  void degreesOfFreedomThatGrowForEverAreNamed(double unit, int step) throws IOException {
    StringBuilder rows = new StringBuilder("y\n");
    for (int k = 0; k < 50; k++) {
      rows.append(unit * (k * step % 50 + 0.5)).append("\n");
    }
    Path data = Files.writeString(temporary.resolve("rows.csv"), rows);
    Console console = fit(data.toString(), "", "model { formula = \"y ~ 1\", family = student-t }");
    assertThat(console.exitCode()).as(console.out()).isEqualTo(4);
    assertThat(console.err()).contains("(df to infinity)").doesNotContain("scale");
    assertThat(console.out()).startsWith("fit  NO MINIMUM: ");
  }

  /** Positive counts that are all 1 have a mean of 0, beyond any coefficient. */
  @Test
  void aValueThatFallsByLessThanItsRoundingIsNoMinimum() throws IOException {
    Path data =
        Files.writeString(
            temporary.resolve("rows.csv"), "x,y\n" + "1,1\n2,0\n3,1\n5,0\n8,1\n1,1\n".repeat(8));
    Console console =
        fit(data.toString(), "", "model { formula = \"y ~ x\", family = hurdle-poisson }");
    assertThat(console.exitCode()).as(console.out()).isEqualTo(4);
    assertThat(console.err()).contains("(Intercept to -infinity)");
  }

  /** What the warning of a dispersion at its bound advises is an estimate of the Poisson model. */
  @Test
  void aNegativeBinomialOfDispersionZeroIsPoisson() throws IOException {
    JsonNode[] summaries = new JsonNode[2];
    for (int k = 0; k < 2; k++) {
      Path out = temporary.resolve("estimate" + k);
      Path file =
          Files.writeString(
              temporary.resolve("estimate.conf"),
              """
              curvature {
                input { path = "%s", options { header = true } }
                model { formula = "y ~ 1", %s }
                output.path = "%s"
              }
              """
                  .formatted(
                      DATA.resolve("underdispersed.csv"),
                      k == 0
                          ? "family = poisson"
                          : "family = negative-binomial, parameters.alpha { value = 0, fixed = true }",
                      out));
      Console console = Console.run("estimate", "--config", file.toString());
      assertThat(console.exitCode()).as(console.err()).isZero();
      summaries[k] = new ObjectMapper().readTree(out.resolve("summary.json").toFile());
    }
    for (String name : new String[] {"log_likelihood", "deviance", "pearson_chi2"}) {
      double expected = summaries[0].get(name).asDouble();
      assertThat(summaries[1].get(name).asDouble())
          .as(name)
          .isCloseTo(expected, within(1e-9 * Math.abs(expected)));
    }
  }

  /** Counts that vary no more than Poisson's: the other estimates are those of that family. */
  @Test
  void aParameterAtTheEndOfItsRangeLeavesTheOthersTheirErrors() throws IOException {
    Random random = new Random(12);
    StringBuilder text = new StringBuilder("x,n\n");
    for (int i = 0; i < 200; i++) {
      double x = random.nextGaussian();
      int n = 0;
      for (int trial = 0; trial < 8; trial++) {
        n += random.nextDouble() < Math.exp(1 + 0.3 * x) / 8 ? 1 : 0;
      }
      text.append(x).append(',').append(n).append('\n');
    }
    Files.writeString(temporary.resolve("rows.csv"), text);
    ObjectMapper json = new ObjectMapper();
    for (String covariance : List.of("nonrobust", "HC1")) {
      Map<String, JsonNode> found = new LinkedHashMap<>();
      for (String family : List.of("poisson", "negative-binomial")) {
        Console console =
            Console.run(
                temporary,
                "estimate",
                family,
                "formula = \"n ~ x\", family = " + family,
                "infer.covariance=" + covariance,
                "output.mode=overwrite");
        assertThat(console.exitCode()).as(console.err()).isZero();
        found.put(family, json.readTree(temporary.resolve(family + "/estimates.json").toFile()));
        if (family.equals("negative-binomial")) {
          assertThat(console.err())
              .contains("The minimum is at the bound of a range: alpha to 0")
              .doesNotContain("Left out");
          Console infer =
              Console.from(
                  temporary.resolve(family),
                  "infer",
                  temporary.resolve("inferred"),
                  "output.mode=overwrite");
          assertThat(infer.exitCode()).as(infer.err()).isZero();
          assertThat(infer.out()).containsPattern("alpha +0 +-");
        }
      }
      JsonNode poisson = found.get("poisson").get("estimates");
      JsonNode own = found.get("negative-binomial").get("estimates");
      for (int k = 0; k < 2; k++) {
        double error = poisson.get(k).get("std_error").asDouble();
        assertThat(own.get(k).get("estimate").asDouble())
            .isCloseTo(poisson.get(k).get("estimate").asDouble(), within(1e-8 * error));
        assertThat(own.get(k).get("std_error").asDouble()).isCloseTo(error, within(1e-8 * error));
      }
      assertThat(own.get(2).get("name").asText()).isEqualTo("alpha");
      assertThat(own.get(2).get("estimate").asDouble()).isZero();
      assertThat(own.get(2).get("std_error").isNull()).isTrue();
    }
  }

  /** A large estimate is at no end, though another parameter is. */
  @Test
  void largeEstimatesBesideAParameterAtItsBoundAreEstimated() throws IOException {
    Files.writeString(temporary.resolve("rows.csv"), "y\n5001\n5002\n5004\n5003\n5006\n");
    Console console =
        FitTest.run(
            temporary,
            "estimate",
            """
            input { path = "%s/rows.csv", options { header = true }, tensors { y = y } }
            model {
              parameters { m = 5000, extra { value = 1, transform = log } }
              likelihood = true
              loss = "square(y - m) / 2 + extra"
            }
            infer.covariance = nonrobust
            """
                .formatted(temporary));
    assertThat(console.exitCode()).as(console.err()).isZero();
    assertThat(console.err()).contains("extra to 0");
    JsonNode estimates =
        new ObjectMapper()
            .readTree(temporary.resolve("out/estimates.json").toFile())
            .get("estimates");
    assertThat(estimates.get(0).get("estimate").asDouble()).isCloseTo(5003.2, within(1e-9));
    assertThat(estimates.get(0).get("std_error").asDouble())
        .isCloseTo(1 / Math.sqrt(5), within(1e-9));
    assertThat(estimates.get(1).get("std_error").isNull()).isTrue();
  }
}
