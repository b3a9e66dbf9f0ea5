package org.sparkcurvature.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.sparkcurvature.job.cli.Console;

/** What weights and factors mean, where one reading of them gives other numbers than another. */
class WeightedModelsTest {
  /** With a weight w, a frequency f and two factors. */
  private static final String ROWS =
      """
      y,x,w,f,a,c
      1.5,0.5,0.5,1,p,k
      2.25,1.5,2,3,q,k
      3.5,2,1.25,2,p,l
      0.75,-0.5,3,1,q,m
      1.25,0.25,0.8,4,p,m
      4.5,2.5,1.5,2,q,l
      2.0,1,0.4,1,p,k
      0.5,-1,2.5,2,q,k
      3.0,1.75,1,3,p,l
      """;

  @TempDir Path temporary;

  @BeforeAll
  static void startSpark() {
    LocalSpark.session();
  }

  private JsonNode estimate(String rows, String file, String model, String... settings)
      throws IOException {
    Files.writeString(temporary.resolve("rows.csv"), rows);
    Console console = Console.run(temporary, "estimate", "out", model, settings);
    assertThat(console.exitCode()).as(console.err()).isZero();
    return new ObjectMapper().readTree(temporary.resolve("out/" + file).toFile());
  }

  /** Each row once for each time that its frequency says. */
  private static String copies() {
    StringBuilder copies = new StringBuilder();
    for (String line : ROWS.lines().toList()) {
      String count = line.split(",")[3];
      copies.append((line + "\n").repeat(count.equals("f") ? 1 : Integer.parseInt(count)));
    }
    return copies.toString();
  }

  /**
   * Where there is a dispersion phi, a row of the importance w has phi / w. By statsmodels' {@code
   * llf_scaled(deviance / n)}; a unit of the weights changes nothing.
   */
  @ParameterizedTest
  @CsvSource({
    "gaussian, identity, 1, -4.326057237460613, -16.447884965111697",
    "gaussian, identity, 1000, -4.326057237460613, -16.447884965111697",
    "gamma, log, 1, 6.222643212486588, -16.824374536835077",
    "gamma, log, 1e-3, 6.222643212486588, -16.824374536835077",
    "inverse-gaussian, log, 1, 4.770454952591475, -17.13768466943292",
  })
  void logLikelihoodsOfWeightedRows(
      String family, String link, double unit, double expected, double ofNull) throws IOException {
    JsonNode summary =
        estimate(
            ROWS,
            "summary.json",
            "formula = \"y ~ x\", family = { name = %s, link = %s }".formatted(family, link),
            "input.weight=\"%s * w\"".formatted(unit));
    assertThat(summary.get("log_likelihood").asDouble()).isCloseTo(expected, within(1e-9));
    assertThat(summary.get("null_log_likelihood").asDouble()).isCloseTo(ofNull, within(1e-9));
    assertThat(summary.get("sum_of_weights").asDouble()).isCloseTo(12.95 * unit, within(1e-9));
  }

  /** A row of the frequency f is f rows, each of which has its own leverage. */
  @ParameterizedTest
  @ValueSource(strings = {"HC2", "HC3", "HC1", "nonrobust"})
  void frequenciesAreCopies(String covariance) throws IOException {
    String model = "formula = \"y ~ x\", family = gaussian";
    JsonNode copies =
        estimate(copies(), "estimates.json", model, "infer.covariance=" + covariance)
            .get("estimates");
    String[] weighted = {
      "infer.covariance=" + covariance, "infer.weights=frequency", "input.weight=f"
    };
    JsonNode found = estimate(ROWS, "estimates.json", model, weighted).get("estimates");
    for (int k = 0; k < 2; k++) {
      double error = copies.get(k).get("std_error").asDouble();
      assertThat(found.get(k).get("std_error").asDouble()).isCloseTo(error, within(1e-12));
    }
    assertThat(
            Console.run(
                    temporary,
                    "estimate",
                    "groups",
                    model,
                    "infer.covariance=" + covariance,
                    "infer.weights=frequency",
                    "input.weight=f",
                    "fit.by=[\"1 AS all\"]")
                .exitCode())
        .isZero();
    assertThat(
            LocalSpark.session()
                .read()
                .parquet(temporary.resolve("groups/estimates").toString())
                .select("std_error")
                .first()
                .<Double>getList(0)
                .get(1))
        .isCloseTo(copies.get(1).get("std_error").asDouble(), within(1e-12));
  }

  /**
   * A row of importance w has a Pearson residual of the root of w times that of weight 1, one of
   * frequency f that of each of its copies; both commands say the same. By statsmodels (GLM, {@code
   * var_weights}, and of copies).
   */
  @ParameterizedTest
  @CsvSource({
    "w, importance, 0, 0.08475646602278128",
    "w, importance, 3, 0.062346745743478864",
    "f, frequency, 0, 0.0948230592554756",
    "f, frequency, 4, 0.06203024900817713",
  })
  void residualsAreThoseOfTheRowsWeights(String weight, String kind, int row, double expected)
      throws IOException {
    estimate(
        ROWS,
        "summary.json",
        "formula = \"y ~ x\", family = { name = gamma, link = log }",
        "input.weight=" + weight,
        "infer.weights=" + kind);
    assertThat(residual("predict", "predictions", "predict.residuals=[pearson]", row))
        .isCloseTo(expected, within(1e-8));
    assertThat(residual("influence", "influence", "influence.linear-predictor=eta", row))
        .isCloseTo(expected, within(1e-8));
  }

  private double residual(String command, String table, String setting, int row) {
    Path rows = temporary.resolve(command);
    Console console = Console.from(temporary.resolve("out"), command, rows, setting);
    assertThat(console.exitCode()).as(console.err()).isZero();
    return LocalSpark.session()
        .read()
        .parquet(rows.resolve(table).toString())
        .where("row = " + row)
        .select("residual_pearson")
        .first()
        .getDouble(0);
  }

  /**
   * The levels of the first factor stand for the intercept, and others have a reference. By
   * statsmodels.
   */
  @Test
  void severalFactorsWithoutAnIntercept() throws IOException {
    JsonNode estimates =
        estimate(ROWS, "estimates.json", "formula = \"y ~ 0 + a + c + x\", family = gaussian")
            .get("estimates");
    String[] names = {"a[p]", "a[q]", "c[T.l]", "c[T.m]", "x"};
    double[] values = {1.009371, 1.281892, 0.829504, -0.041415, 0.833736};
    double[] errors = {0.186735, 0.175546, 0.302230, 0.254218, 0.138428};
    assertThat(estimates).hasSize(5);
    for (int k = 0; k < 5; k++) {
      JsonNode estimate = estimates.get(k);
      assertThat(estimate.get("name").asText()).isEqualTo(names[k]);
      assertThat(estimate.get("estimate").asDouble()).isCloseTo(values[k], within(1e-6));
      assertThat(estimate.get("std_error").asDouble()).isCloseTo(errors[k], within(1e-6));
    }
  }

  /** Counts of 0 have a finite effect under the link sqrt, and their rows stay. By a simplex. */
  @Test
  void aLevelOfZerosUnderSquareRoots() throws IOException {
    String rows =
        "y,x,g\n1,0,a\n3,1,a\n2,0.5,a\n5,0.2,b\n4,-0.5,b\n7,1,b\n0,-1,z\n0,0,z\n0,1,z\n0,2,z\n";
    String model = "formula = \"y ~ g + x\", family = { name = poisson, link = sqrt }";
    JsonNode estimates = estimate(rows, "estimates.json", model).get("estimates");
    double[] values = {1.29668379, 0.95373692, -1.39930487, 0.20524213};
    assertThat(estimates).hasSize(values.length);
    for (int k = 0; k < values.length; k++) {
      assertThat(estimates.get(k).get("estimate").asDouble()).isCloseTo(values[k], within(1e-6));
    }
  }

  @Test
  void fewClustersAreWarnedOf() throws IOException {
    Files.writeString(temporary.resolve("rows.csv"), ROWS);
    Console console =
        Console.run(
            temporary,
            "estimate",
            "out",
            "formula = \"y ~ x\", family = gaussian",
            "infer.covariance=cluster",
            "infer.groups=c");
    assertThat(console.exitCode()).as(console.err()).isZero();
    assertThat(console.err())
        .contains("Standard errors by 3 groups of c are mostly too small: see what")
        .contains("infer.covariance = CR2");
  }

  /** Groups alone do not make errors clustered, and are not ignored without a word. */
  @Test
  void groupsWithoutAClusteredCovarianceAreToldOf() throws IOException {
    Files.writeString(temporary.resolve("rows.csv"), ROWS);
    String model = "formula = \"y ~ x\", family = gaussian";
    Console console = Console.run(temporary, "estimate", "out", model, "infer.groups=c");
    assertThat(console.exitCode()).as(console.err()).isZero();
    assertThat(console.err()).contains("The errors are nonrobust, and the groups c play no part");
  }

  /** Of a response of texts the console says whose probability is modelled. */
  @ParameterizedTest
  @CsvSource({
    "'a ~ x', binomial, 'of a is p; the probability is that of q'",
    "'c ~ 1', multinomial, 'of c is k'",
  })
  void theReferenceOfAResponseIsSaid(String formula, String family, String said)
      throws IOException {
    Files.writeString(temporary.resolve("rows.csv"), ROWS);
    String model = "formula = \"%s\", family = %s".formatted(formula, family);
    Console console = Console.run(temporary, "estimate", "out", model);
    assertThat(console.exitCode()).as(console.err()).isZero();
    assertThat(console.out()).contains("reference  " + said);
  }

  /** The order of letters is hardly the order of grades. */
  @ParameterizedTest
  @CsvSource({"'', true", "', response { levels = [l, k, m] }', false"})
  void theOrderOfLettersIsTold(String levels, boolean told) throws IOException {
    Files.writeString(temporary.resolve("rows.csv"), ROWS);
    String model = "formula = \"c ~ x\", family = ordered" + levels;
    Console console = Console.run(temporary, "estimate", "out", model);
    assertThat(console.exitCode()).as(console.err()).isZero();
    String warning = "The levels of the response are in the order of their letters: k, l, m";
    assertThat(console.err().contains(warning)).isEqualTo(told);
  }

  private Console compared(String... formulas) throws IOException {
    Files.writeString(temporary.resolve("rows.csv"), ROWS);
    String[] command = new String[formulas.length + 1];
    command[0] = "compare";
    for (int k = 0; k < formulas.length; k++) {
      String model = "formula = \"%s\", family = gaussian, collinear = drop".formatted(formulas[k]);
      Console console = Console.run(temporary, "estimate", "m" + k, model);
      assertThat(console.exitCode()).as(console.err()).isZero();
      command[k + 1] = temporary.resolve("m" + k).toString();
    }
    return Console.run(command);
  }

  /** The weighted mean of what least squares fit is that of the response: 24.675 / 12.95. */
  @Test
  void averagesAreByWeights() throws IOException {
    estimate(ROWS, "summary.json", "formula = \"y ~ x\", family = gaussian", "input.weight=w");
    Console console =
        Console.from(temporary.resolve("out"), "effects", temporary.resolve("effects"));
    assertThat(console.exitCode()).as(console.err()).isZero();
    assertThat(console.out()).contains("averaged over rows by their weights");
    JsonNode mean = new ObjectMapper().readTree(temporary.resolve("effects/effects.json").toFile());
    assertThat(mean.get("effects").get(0).get("estimate").asDouble())
        .isCloseTo(24.675 / 12.95, within(1e-12));
  }

  /** What is held at 0, since others determine it, is no degree of freedom. */
  @Test
  void comparisonsCountWhatIsEstimated() throws IOException {
    Console console = compared("y ~ x", "y ~ x + a + I(2.0 * x)");
    assertThat(console.exitCode()).as(console.err()).isZero();
    assertThat(console.out()).contains("chi2(1)").doesNotContain("chi2(2)");
    assertThat(console.err()).doesNotContain("different responses");
  }

  @Test
  void comparisonsOfDifferentResponsesAreWarnedOf() throws IOException {
    Console console = compared("y ~ x", "ln(y) ~ x + a");
    assertThat(console.exitCode()).as(console.err()).isZero();
    assertThat(console.err())
        .contains("The models are of different responses, whose likelihoods do not compare")
        .contains("y; ln(y)");
    assertThat(console.out()).contains("none is within another");
  }
}
