package org.sparkcurvature.job;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.sparkcurvature.job.cli.Console;

/** What is wrong with a formula, or with the table for it, is one message with its way out. */
class FormulaErrorsTest {
  private static final String ROWS =
      """
      y,n,x,g,one,empty,h,t,e
      1,2,0.5,a,z,,p,1.5,1
      0,1,1.5,b,z,,q,2.5,0
      3,5,2.5,a,z,,p,3.5,1
      2,2,-0.5,c,z,,q,0.5,1
      1,3,0.1,b,z,,p,2.0,0
      4,6,1.1,c,z,,q,1.0,1
      """;

  @TempDir Path temporary;

  @BeforeAll
  static void startSpark() {
    LocalSpark.session();
  }

  private Console estimate(String model, String... settings) throws Exception {
    Files.writeString(temporary.resolve("rows.csv"), ROWS);
    return Console.run(temporary, "estimate", "out", model, settings);
  }

  /** It would end with "not at the minimum", which says nothing of the penalty. */
  @ParameterizedTest
  @ValueSource(strings = {"l1", "l2"})
  void errorsOfPenalisedEstimatesAreRefused(String penalty) throws Exception {
    Console console = estimate("formula = \"y ~ x\", family = poisson", "fit." + penalty + "=0.1");
    assertThat(console.err())
        .contains("estimates under fit." + penalty)
        .contains("the command fit");
    assertThat(console.exitCode()).isEqualTo(2);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "formula = \"y ~ x +\", family = poisson | 2 | a term is missing",
        "formula = \"y ~ x\", family = poison | 2 | perhaps poisson was meant",
        "formula = \"y ~ x\" | 2 | without a family",
        "family = poisson | 2 | without a formula",
        "formula = \"y ~ x\", family { name = poisson, link = logit } | 2 | has no link logit",
        "formula = \"y ~ x\", family { name = poisson, power = 2 } | 2 | takes no number power",
        "formula = \"y ~ x\", family = poisson, loss = \"mu\" | 2 | keep one",
        "formula = \"y ~ x\", family = poisson, predictors.sigma = \"1 + x\" | 2 | has no predictor sigma",
        "formula = \"y ~ x + y\", family = poisson | 2 | among its own predictors",
        "formula = \"surv(t, e) ~ x\", family = poisson | 2 | takes one column",
        "formula = \"y ~ xx\", family = poisson | 3 | xx",
        "formula = \"y ~ x + C(one)\", family = poisson | 3 | has one level, z",
        "formula = \"y ~ x + empty\", family = poisson | 3 | no row has a value of empty",
        "formula = \"y ~ x + C(g, ref => 'k')\", family = poisson | 3 | its levels are a, b, c",
        "formula = \"y - 2 ~ x\", family = poisson | 3 | not at least 0, such as",
        "formula = \"cbind(y, n - y - 2) ~ x\", family = binomial | 3 | from 0 to the number of trials",
        "formula = \"cbind(0 * y, 0 * n) ~ x\", family = quasi-binomial | 3 | trials, one or more, such as 0.0 of 0.0",
        "formula = \"y ~ x\", family { name = tweedie, power = 2.5 } | 2 | above 1 and below 2 for power, not 2.5",
        "formula = \"y ~ x\", family { name = negative-binomial, alpha = -1 } | 2 | a number above 0 for alpha, not -1",
        "formula = \"surv(t - t, e) ~ x\", family = weibull | 3 | not above 0, such as 0.0",
        "formula = \"t - t ~ x\", family = lognormal | 3 | not above 0, such as 0.0",
        "formula = \"surv(t, e + 1) ~ x\", family = weibull | 3 | 4 rows have an event that is neither 1",
        "formula = \"y ~ x\", family = beta | 3 | between 0 and 1",
        "formula = \"g ~ x\", family = binomial | 3 | takes two",
        "formula = \"g ~ x\", family = poisson | 3 | no row has a number in g, which holds such as a",
        "formula = \"surv(t, g) ~ x\", family = weibull | 3 | no row has a number in g, which holds such as a",
        "formula = \"surv(empty, empty, 'interval') ~ x\", family = weibull | 3 | such as null",
        "formula = \"y ~ x + IF(x > 1, x, null) + IF(x > 1, null, x)\", family = poisson | 3 | each row lacks a value of at least one of",
      })
  void refuses(String model, int exitCode, String message) throws Exception {
    Console console = estimate(model);
    assertThat(console.err()).contains("error: ").contains(message);
    assertThat(console.exitCode()).as(console.err()).isEqualTo(exitCode);
    assertThat(temporary.resolve("out/_SUCCESS")).doesNotExist();
  }

  /** It would be a class that never occurs, to which coefficients run for ever. */
  @ParameterizedTest
  @ValueSource(strings = {"multinomial", "ordered"})
  void levelsOfRowsThatCountNothingAreNamed(String family) throws Exception {
    String model = "formula = \"g ~ x\", family = " + family;
    Console console = estimate(model, "input.weight=\"IF(g = 'c', 0, 1)\"");
    assertThat(console.exitCode()).as(console.err()).isEqualTo(3);
    assertThat(console.err())
        .contains("no row of a weight above 0 has the level c of the response")
        .contains("input.where = \"IF(g = 'c', 0, 1) > 0\"");
    Console without =
        estimate(model, "input.weight=\"IF(g = 'c', 0, 1)\"", "input.where=\"g <> 'c'\"");
    assertThat(without.err()).doesNotContain("of a weight above 0");
  }

  /** Bounds that are reversed make a row invalid, and a level for each row is worth a word. */
  @Test
  void oddRowsAreToldOf() throws Exception {
    StringBuilder text = new StringBuilder("lower,upper,x,id\n");
    for (int k = 0; k < 12; k++) {
      text.append("%d,%s,%d,r%d%n".formatted(k + 1, k % 3 == 0 ? "" : k + 2, k % 4, k));
    }
    text.append("9,3,1,r12\n");
    Path data = Files.writeString(temporary.resolve("bounds.csv"), text);
    String model = "formula = \"surv(lower, upper, 'interval') ~ x\", family = weibull";
    Console console = estimate(model, "input.path=\"" + data + "\"");
    assertThat(console.exitCode()).as(console.err()).isEqualTo(3);
    assertThat(console.err()).contains("censoring").contains("12");
    Console dropped =
        estimate(
            model.replace("~ x", "~ x + C(id)"),
            "input.path=\"" + data + "\"",
            "input.invalid-rows=drop");
    assertThat(dropped.err()).contains("levels in 13 rows: nearly each row has one of its own");
  }

  /** A level in which all counts are 0 has no estimate, and is named. */
  @Test
  void aSeparatingLevelIsNamed() throws Exception {
    Path data =
        Files.writeString(
            temporary.resolve("zeros.csv"), "y,g\n1,a\n2,a\n3,b\n1,b\n0,c\n0,c\n0,c\n");
    Console console =
        estimate(
            "formula = \"y ~ C(g)\", family = poisson, drop-levels = none",
            "input.path=\"" + data + "\"");
    assertThat(console.exitCode()).as(console.err()).isEqualTo(4);
    assertThat(console.err()).contains("C(g)[T.c]");
  }

  /** An outcome that is always 0 is no matter of planes. */
  @Test
  void aResponseThatIsTheSameInAllRowsIsToldAsThat() throws Exception {
    Path data = Files.writeString(temporary.resolve("zeros.csv"), "y,x\n0,1\n0,2.5\n0,3\n0,1.5\n");
    Console console =
        estimate("formula = \"y ~ x\", family = binomial", "input.path=\"" + data + "\"");
    assertThat(console.exitCode()).as(console.err()).isEqualTo(4);
    assertThat(console.err())
        .contains("Intercept to -infinity", "the response is the same in all rows");
  }

  /** What config.conf keeps is the same model, and gives the same result. */
  @Test
  void theConfigurationOfAResultRunsAgain() throws Exception {
    String model = "formula = \"y ~ x * C(h)\", family = poisson, parameters.Intercept = 0.25";
    assertThat(estimate(model).exitCode()).isZero();
    Path kept = temporary.resolve("kept.conf");
    Files.copy(temporary.resolve("out/config.conf"), kept);
    assertThat(Files.readString(kept)).contains("written-out=true");
    String before = Files.readString(temporary.resolve("out/parameters.json"));
    Console again = Console.run("estimate", kept, List.of());
    assertThat(again.exitCode()).as(again.err()).isZero();
    assertThat(Files.readString(temporary.resolve("out/parameters.json"))).isEqualTo(before);
  }

  @Test
  void slopesOfCategoriesAndOfColumnsThatDoNotEnterAreRefused() throws Exception {
    assertThat(
            estimate("formula = \"y ~ x + C(h)\", family = poisson, unseen = reference").exitCode())
        .isZero();
    for (String[] pair :
        new String[][] {
          {"effects.slopes=[h]", "enters the model as a category"},
          {"effects.slopes=[t]", "does not enter"},
          {"effects.contrasts={ zz = [0, 1] }", "zz"},
          {"effects.contrasts={ h = [p, typo] }", "the column h has no level typo in the model"},
          {"effects.at={ h = typo }", "its levels are p, q"}
        }) {
      Console console =
          Console.from(temporary.resolve("out"), "effects", temporary.resolve("effects"), pair[0]);
      assertThat(console.err()).contains(pair[1]);
      assertThat(console.exitCode()).isIn(2, 3);
    }
  }

  @ParameterizedTest
  @CsvSource({"HC3, HC1", "CR2, cluster"})
  void leveragesBesideAScaleAreRefused(String covariance, String other) throws Exception {
    Console console =
        estimate(
            "formula = \"surv(t, e) ~ x\", family = weibull",
            "infer.covariance=" + covariance,
            "infer.groups=g");
    assertThat(console.err())
        .contains("at: curvature.infer.covariance")
        .contains("such as a scale: take " + other);
    assertThat(console.exitCode()).isEqualTo(2);
  }

  @ParameterizedTest
  @CsvSource({"multinomial, softmax(z)[1] AS second", "ordered, sigmoid(thresholds[0] - eta) AS"})
  void probabilitiesOfLevelsAreNamed(String family, String example) throws Exception {
    assertThat(estimate("formula = \"h ~ x\", family = " + family).exitCode()).isZero();
    Console console =
        Console.from(temporary.resolve("out"), "effects", temporary.resolve("effects"));
    assertThat(console.err()).contains("no mean of its own").contains(example);
    assertThat(console.exitCode()).isEqualTo(2);
  }
}
