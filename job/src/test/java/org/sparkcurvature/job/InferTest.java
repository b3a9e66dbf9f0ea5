package org.sparkcurvature.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.commons.math3.distribution.NormalDistribution;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.sparkcurvature.job.cli.Console;
import org.sparkcurvature.job.sink.NpyFile;

/** {@code infer} from the command line to its files, against statsmodels and by definition. */
class InferTest {
  @TempDir Path temporary;

  @BeforeAll
  static void startSpark() {
    LocalSpark.session();
  }

  @ParameterizedTest
  @CsvSource({
    "logit-diabetes, nonrobust", "logit-diabetes, HC0", "logit-diabetes, HC1",
    "logit-diabetes, cluster", "poisson-randhie, nonrobust", "poisson-randhie, HC0",
    "poisson-randhie, HC1", "poisson-randhie, cluster"
  })
  void covariancesAreThoseOfStatsmodels(String name, String covariance) throws IOException {
    boolean logit = name.startsWith("logit");
    Console console =
        infer(
            logit ? FitTest.LOGIT : FitTest.POISSON,
            parameters(name),
            "infer { covariance = %s, groups = \"%s\" }"
                .formatted(covariance, logit ? "floor(age / 5)" : "floor(id / 5)"));
    assertThat(console.exitCode()).as(console.err()).isZero();
    JsonNode expected = FitTest.reference(name).get(covariance);
    double[] actual = NpyFile.read(temporary.resolve("out/covariance.npy")).values();
    int p = expected.get("bse").size();
    assertThat(actual).hasSize(p * p);
    for (int i = 0; i < p; i++) {
      double error = expected.get("bse").get(i).asDouble();
      assertThat(estimates().get("estimates").get(i).get("std_error").asDouble())
          .isCloseTo(error, within(1e-6 * error));
      for (int j = 0; j < p; j++) {
        double size = error * expected.get("bse").get(j).asDouble();
        assertThat(actual[i * p + j])
            .isCloseTo(expected.get("cov_params").get(i).get(j).asDouble(), within(1e-6 * size));
      }
    }
    assertThat(estimates().get("log_likelihood").asDouble())
        .isCloseTo(FitTest.reference(name).get("llf").asDouble(), within(1e-6));
    assertThat(estimates().get("factor").asText())
        .isEqualTo(
            switch (covariance) {
              case "HC1" -> "n/(n-k)";
              case "cluster" -> "G/(G-1) (n-1)/(n-k)";
              default -> "none";
            });
    assertThat(LocalSpark.session().read().parquet(temporary + "/out/estimates").count())
        .isEqualTo(p);
  }

  /** The error of a slope does not depend on where the column begins. */
  @ParameterizedTest
  @CsvSource({
    "1e4, nonrobust",
    "1e6, nonrobust",
    "1e6, HC1",
    "1e6, cluster",
    "1e7, HC0",
    "1e7, cluster"
  })
  void columnsFarFromZeroKeepTheDigitsOfErrors(double far, String covariance) throws IOException {
    double[] errors = new double[4];
    for (int k = 0; k < 2; k++) {
      Path file =
          Files.writeString(
              temporary.resolve("far.conf"),
              """
              curvature {
                input { path = "%s", options { header = true }, where = "id < 2000" }
                model { formula = "mdvis ~ I(lncoins + %s) + disea", family = poisson }
                infer { covariance = %s, groups = "floor(id / 5)" }
                output { path = "%s", mode = overwrite }
              }
              """
                  .formatted(
                      Path.of(System.getenv("SPARK_CURVATURE_HOME"))
                          .resolve("conf/data/randhie.csv"),
                      k == 0 ? "0" : "%.0f".formatted(far),
                      covariance,
                      temporary.resolve("out")));
      Console console = Console.run("estimate", "--config", file.toString());
      assertThat(console.exitCode()).as(console.err()).isZero();
      // What is made of the covariance has lost its digits all the same.
      assertThat(console.err().contains("What is made of these errors"))
          .isEqualTo(k == 1 && far > 1e4);
      for (int i = 0; i < 2; i++) {
        errors[2 * k + i] = estimates().get("estimates").get(1 + i).get("std_error").asDouble();
      }
    }
    assertThat(errors[2]).isCloseTo(errors[0], within(1e-7 * errors[0]));
    assertThat(errors[3]).isCloseTo(errors[1], within(1e-8 * errors[1]));
  }

  @Test
  void zAndPAndIntervalsAreThoseOfTheNormalDistribution() throws IOException {
    infer(FitTest.LOGIT, parameters("logit-diabetes"), "infer.level = 0.9");
    NormalDistribution normal = new NormalDistribution();
    for (JsonNode e : estimates().get("estimates")) {
      double z = e.get("estimate").asDouble() / e.get("std_error").asDouble();
      assertThat(e.get("z").asDouble()).isCloseTo(z, within(1e-12));
      assertThat(e.get("p").asDouble())
          .isCloseTo(2 * normal.cumulativeProbability(-Math.abs(z)), within(1e-12));
      double half = 1.6448536269514722 * e.get("std_error").asDouble();
      assertThat(e.get("ci_high").asDouble() - e.get("ci_low").asDouble())
          .isCloseTo(2 * half, within(1e-9 * half));
    }
  }

  /** Var(a / b) = (Var a - 2 r Cov(a, b) + r^2 Var b) / b^2, with r = a / b. */
  @Test
  void functionsByTheDeltaMethodAndWaldTests() throws IOException {
    Console console =
        infer(
            FitTest.POISSON,
            parameters("poisson-randhie"),
            """
            infer {
              covariance = nonrobust
              functions { ratio = "beta[1] / beta[2]", sum = "beta[0] + b0" }
              tests { one = ["beta[3] = 0"], two = ["beta[1] = 0", "beta[2] = beta[3]"] }
            }
            """);
    assertThat(console.exitCode()).as(console.err()).isZero();
    JsonNode reference = FitTest.reference("poisson-randhie");
    JsonNode v = reference.get("nonrobust").get("cov_params");
    JsonNode ratio = estimates().get("estimates").get(10);
    assertThat(ratio.get("name").asText()).isEqualTo("ratio");
    double a = reference.get("params").get(2).asDouble();
    double b = reference.get("params").get(3).asDouble();
    double r = a / b;
    double variance = (at(v, 2, 2) - 2 * r * at(v, 2, 3) + r * r * at(v, 3, 3)) / (b * b);
    assertThat(ratio.get("estimate").asDouble()).isCloseTo(r, within(1e-6));
    assertThat(ratio.get("std_error").asDouble())
        .isCloseTo(Math.sqrt(variance), within(1e-6 * Math.sqrt(variance)));
    assertThat(estimates().get("estimates").get(11).get("std_error").asDouble())
        .isCloseTo(Math.sqrt(at(v, 0, 0) + 2 * at(v, 0, 1) + at(v, 1, 1)), within(1e-8));
    JsonNode one = estimates().get("tests").get(0);
    double z = reference.get("params").get(4).asDouble() / Math.sqrt(at(v, 4, 4));
    assertThat(one.get("wald").asDouble()).isCloseTo(z * z, within(1e-6 * z * z));
    // With one degree of freedom the test is that of z.
    assertThat(one.get("p").asDouble())
        .isCloseTo(2 * new NormalDistribution().cumulativeProbability(-Math.abs(z)), within(1e-9));
    double[] restricted = {a, b - reference.get("params").get(4).asDouble()};
    double s00 = at(v, 2, 2);
    double s01 = at(v, 2, 3) - at(v, 2, 4);
    double s11 = at(v, 3, 3) - 2 * at(v, 3, 4) + at(v, 4, 4);
    double wald =
        (restricted[0] * restricted[0] * s11
                - 2 * restricted[0] * restricted[1] * s01
                + restricted[1] * restricted[1] * s00)
            / (s00 * s11 - s01 * s01);
    assertThat(estimates().get("tests").get(1).get("wald").asDouble())
        .isCloseTo(wald, within(1e-6 * wald));
    assertThat(estimates().get("tests").get(1).get("df").asInt()).isEqualTo(2);
  }

  private static double at(JsonNode matrix, int i, int j) {
    return matrix.get(i).get(j).asDouble();
  }

  /** Frequencies are copies; importances square in the meat. By hand for the mean of y. */
  @ParameterizedTest
  @CsvSource({"frequency", "importance"})
  void weightsMeanWhatTheyAreSaidTo(String weights) throws IOException {
    Files.writeString(temporary.resolve("rows.csv"), "y,w\n1,1\n2,3\n5,2\n9,0\n");
    double mean = (1 + 3 * 2 + 2 * 5) / 6.0;
    Console console =
        infer(
            """
            input { path = "%s/rows.csv", options { header = true }, tensors { y = y }, weight = w }
            model { parameters { mu = %s }, loss = "0.5 * square(y - mu)" }
            infer { covariance = HC1, weights = %s }
            """
                .formatted(temporary, mean, weights));
    assertThat(console.exitCode()).as(console.err()).isZero();
    double[] y = {1, 2, 5};
    double[] w = {1, 3, 2};
    double meat = 0;
    for (int k = 0; k < 3; k++) {
      double residual = y[k] - mean;
      meat += (weights.equals("frequency") ? w[k] : w[k] * w[k]) * residual * residual;
    }
    double n = weights.equals("frequency") ? 6 : 3;
    assertThat(NpyFile.read(temporary.resolve("out/covariance.npy")).values()[0])
        .isCloseTo(meat / 36 * n / (n - 1), within(1e-12));
  }

  /** Weights times a constant, however large or small, leave sandwich errors as they are. */
  @ParameterizedTest
  @CsvSource({"HC0", "HC1", "cluster"})
  void weightsOfAnyUnit(String covariance) throws IOException {
    double[][] covariances = new double[5][];
    String[] units = {"1", "1e-170", "1e170", "1e-300", "1e300"};
    for (int k = 0; k < units.length; k++) {
      Console console =
          infer(
              FitTest.LOGIT,
              parameters("logit-diabetes"),
              "input.weight = \"%s * 1D\", output.mode = overwrite".formatted(units[k]),
              "infer { covariance = %s, groups = \"floor(age / 5)\" }".formatted(covariance));
      assertThat(console.exitCode()).as(console.err()).isZero();
      covariances[k] = NpyFile.read(temporary.resolve("out/covariance.npy")).values();
      for (int i = 0; i < covariances[0].length; i++) {
        assertThat(covariances[k][i])
            .as(units[k])
            .isCloseTo(covariances[0][i], within(1e-9 * Math.abs(covariances[0][i])));
      }
    }
  }

  /** Errors by outer products are divided by the weights' unit, as long as their squares exist. */
  @Test
  void weightsOfAnyUnitUnderOuterProducts() throws IOException {
    String[] units = {"1", "1e-150", "1e150", "1e-170", "1e170"};
    double[] plain = {};
    for (String unit : units) {
      Console console =
          infer(
              FitTest.LOGIT,
              parameters("logit-diabetes"),
              "input.weight = \"%s * 1D\", output.mode = overwrite".formatted(unit),
              "infer { covariance = opg, weights = importance }, model.likelihood = true");
      if (unit.contains("170")) {
        assertThat(console.exitCode()).as(console.err()).isEqualTo(4);
        assertThat(console.err()).contains("beyond the range of numbers: weights are of order 1e");
        continue;
      }
      assertThat(console.exitCode()).as(console.err()).isZero();
      double[] found = NpyFile.read(temporary.resolve("out/covariance.npy")).values();
      plain = plain.length == 0 ? found : plain;
      double factor = Double.parseDouble(unit);
      for (int i = 0; i < found.length; i++) {
        assertThat(found[i] * factor * factor)
            .as(unit)
            .isCloseTo(plain[i], within(1e-7 * Math.abs(plain[i])));
      }
    }
  }

  /** Clustering by the row itself is HC1 but for G/(G-1) (n-1)/n; ways add and subtract. */
  @Test
  void severalWaysOfClusteringAddAndSubtract() throws IOException {
    Files.writeString(
        temporary.resolve("rows.csv"), "y,a,b\n1,x,1\n2,x,2\n5,y,1\n9,y,2\n4,z,1\n3,z,\n");
    String model =
        """
        input { path = "%s/rows.csv", options { header = true }, tensors { y = y } }
        model { parameters { mu = 4 }, loss = "0.5 * square(y - mu)" }
        """
            .formatted(temporary);
    Console refused = infer(model, "infer { covariance = cluster, groups = [a, b] }");
    assertThat(refused.exitCode()).as(refused.err()).isEqualTo(3);
    assertThat(refused.err()).contains("the group of row 5 is null").contains("null-groups");
    Console console =
        infer(
            model,
            "infer { covariance = cluster, groups = [a, b], null-groups = own }",
            "output.mode = overwrite");
    assertThat(console.exitCode()).as(console.err()).isZero();
    double byA = (25.0 + 36 + 1) * 3 / 2;
    // Residuals are -3 -2 1 5 0 -1; each way with G/(G-1) (n-1)/(n-k).
    double byB = (4.0 + 9 + 1) * 3 / 2; // (-3+1+0)^2, (-2+5)^2, (-1)^2
    double byBoth = (9.0 + 4 + 1 + 25 + 0 + 1) * 6 / 5;
    assertThat(NpyFile.read(temporary.resolve("out/covariance.npy")).values()[0])
        .isCloseTo((byA + byB - byBoth) / 36, within(1e-12));
    assertThat(estimates().get("groups").get("a").asInt()).isEqualTo(3);
    assertThat(estimates().get("groups").get("b").asInt()).isEqualTo(3);
  }

  /** 0 and -0 are one group, as where Spark groups, and bytes are told by what they hold. */
  @ParameterizedTest
  @ValueSource(strings = {"double(a)", "float(a)", "encode(string(abs(a)), 'UTF-8')"})
  void rowsOfEqualValuesAreInOneGroup(String groups) throws IOException {
    Files.writeString(temporary.resolve("rows.csv"), "y,a\n1,0\n2,-0\n5,1\n9,1\n4,2\n3,2\n");
    String model =
        """
        input { path = "%s/rows.csv", options { header = true }, tensors { y = y } }
        model { parameters { mu = 4 }, loss = "0.5 * square(y - mu)" }
        infer { covariance = cluster, groups = "%s" }
        """
            .formatted(temporary, groups);
    Console console = infer(model);
    assertThat(console.exitCode()).as(console.err()).isZero();
    assertThat(estimates().get("groups").get(groups).asInt()).isEqualTo(3);
    assertThat(NpyFile.read(temporary.resolve("out/covariance.npy")).values()[0])
        .isCloseTo((25.0 + 36 + 1) * 3 / 2 / 36, within(1e-12));
  }

  /**
   * Four rows in two groups of each way, whose sums vanish, while those of both together do not:
   * the variance by inclusion and exclusion is negative.
   */
  @Test
  void negativeEigenvaluesOfSeveralWaysAreTakenForZero() throws IOException {
    Files.writeString(
        temporary.resolve("rows.csv"), "y,u,a,b\n1,1,x,1\n-1,1,x,2\n-1,1,y,1\n1,1,y,2\n");
    String one =
        """
        input { path = "%s/rows.csv", options { header = true }, tensors { y = y } }
        model { parameters { mu = 0 }, loss = "0.5 * square(y - mu)" }
        infer { covariance = cluster, groups = [a, b] }
        """
            .formatted(temporary);
    Console console = infer(one);
    assertThat(console.exitCode()).as(console.err()).isZero();
    assertThat(console.err()).contains("an eigenvalue below 0, taken for 0");
    assertThat(estimates().get("negative_eigenvalues_set_to_0").asInt()).isEqualTo(1);
    assertThat(estimates().get("estimates").get(0).get("std_error").asDouble()).isZero();
    assertThat(estimates().get("estimates").get(0).get("p").isNull()).isTrue();

    // Of two parameters, against the eigenvalues of the 2 x 2 matrix itself.
    Files.writeString(
        temporary.resolve("rows.csv"),
        "y,u,a,b\n1,1,x,1\n-1,2,x,2\n-1,3,y,1\n1,1,y,2\n2,5,z,1\n-2,4,z,2\n");
    String two =
        """
        input { path = "%s/rows.csv", options { header = true }, tensors { y = y, u = u } }
        model { parameters { m = 0, s = 0 }, loss = "0.5 * square(y - m - s * u)" }
        """
            .formatted(temporary);
    assertThat(FitTest.run(temporary, "fit", two, "output.mode = overwrite").exitCode()).isZero();
    Path fit = temporary.resolve("fit");
    Files.move(temporary.resolve("out"), fit);
    String from = "model.parameters-from = \"" + fit + "/parameters.json\"";
    double[] v = new double[4];
    String[] groups = {"a", "b", "\"concat(a, b)\""};
    for (int way = 0; way < 3; way++) {
      Console one1 =
          infer(
              two,
              from,
              "output.mode = overwrite",
              "infer { covariance = cluster, groups = " + groups[way] + " }");
      assertThat(one1.exitCode()).as(one1.err()).isZero();
      double[] own = NpyFile.read(temporary.resolve("out/covariance.npy")).values();
      for (int k = 0; k < 4; k++) {
        v[k] += (way < 2 ? 1 : -1) * own[k];
      }
    }
    double mean = (v[0] + v[3]) / 2;
    double radius = Math.hypot((v[0] - v[3]) / 2, v[1]);
    assertThat(mean - radius).isNegative();
    assertThat(mean + radius).isPositive();
    // V+ = l q q' for the positive eigenvalue l, and q q' = (V - l2 I) / (l - l2).
    double[] positive = new double[4];
    for (int k = 0; k < 4; k++) {
      double shifted = v[k] - (k == 0 || k == 3 ? mean - radius : 0);
      positive[k] = (mean + radius) * shifted / (2 * radius);
    }
    Console both =
        infer(
            two,
            from,
            "output.mode = overwrite",
            "infer { covariance = cluster, groups = [a, b] }");
    assertThat(both.exitCode()).as(both.err()).isZero();
    double[] actual = NpyFile.read(temporary.resolve("out/covariance.npy")).values();
    for (int k = 0; k < 4; k++) {
      assertThat(actual[k]).isCloseTo(positive[k], within(1e-10 * (mean + radius)));
    }
  }

  @Test
  void whatIsNoEstimateHasNoErrors() throws IOException {
    Console ended = FitTest.run(temporary, "fit", FitTest.LOGIT, "fit { max-iterations = 1 }");
    assertThat(ended.exitCode()).isEqualTo(4);
    Path fit = temporary.resolve("fit");
    Files.move(temporary.resolve("out"), fit);
    String from = "model.parameters-from = \"" + fit + "/parameters.json\"";
    for (String command : new String[] {"infer", "influence"}) {
      Console refused = FitTest.run(temporary, command, FitTest.LOGIT, from);
      assertThat(refused.exitCode()).as(refused.err()).isEqualTo(4);
      assertThat(refused.err())
          .contains("a fit that did not converge")
          .contains("curvature.model.parameters-from");
    }
    Console lasso =
        FitTest.run(
            temporary,
            "fit",
            FitTest.POISSON,
            "fit { method = owlqn, l1 = { beta = 50 }, tolerance = 1e-7, max-iterations = 500 }");
    assertThat(lasso.exitCode()).as(lasso.err()).isZero();
    Files.move(temporary.resolve("out"), temporary.resolve("lasso"));
    Console refused =
        FitTest.run(
            temporary,
            "infer",
            FitTest.POISSON,
            "model.parameters-from = \"" + temporary + "/lasso/parameters.json\"");
    assertThat(refused.exitCode()).as(refused.err()).isEqualTo(4);
    assertThat(refused.err()).contains("a fit with fit.l1").contains("model.penalty");
  }

  @Test
  void functionsMayNameDefinitionsOfParameters() throws IOException {
    Console console =
        infer(
            FitTest.POISSON,
            parameters("poisson-randhie"),
            "model.define.ratio = \"beta[1] / beta[2]\"",
            "infer.functions { direct = \"beta[1] / beta[2]\", named = ratio }",
            "infer.tests { one = [\"ratio = 1\"] }");
    assertThat(console.exitCode()).as(console.err()).isZero();
    JsonNode direct = estimates().get("estimates").get(10);
    JsonNode named = estimates().get("estimates").get(11);
    assertThat(named.get("std_error")).isEqualTo(direct.get("std_error"));
    assertThat(named.get("estimate")).isEqualTo(direct.get("estimate"));
  }

  /**
   * On the natural scale Var(s) = s^2 Var(ln s); at the minimum that is the inverse information.
   */
  @Test
  void aTransformedParameterHasTheCovarianceOfItsOwnScale() throws IOException {
    Files.writeString(temporary.resolve("rows.csv"), "y\n1\n2\n4\n7\n");
    double s = Math.sqrt((2.5 * 2.5 + 1.5 * 1.5 + 0.5 * 0.5 + 3.5 * 3.5) / 4);
    Console console =
        infer(
            """
            input { path = "%s/rows.csv", options { header = true }, tensors { y = y } }
            model { parameters { mu = 3.5, s { value = %s, transform = log } }, likelihood = true
                    loss = "ln(s) + 0.5 * square((y - mu) / s)" }
            infer { covariance = nonrobust }
            """
                .formatted(temporary, s));
    assertThat(console.exitCode()).as(console.err()).isZero();
    double[] covariance = NpyFile.read(temporary.resolve("out/covariance.npy")).values();
    assertThat(covariance[0]).isCloseTo(s * s / 4, within(1e-9));
    assertThat(covariance[3]).isCloseTo(s * s / 8, within(1e-9));
    assertThat(covariance[1]).isCloseTo(0, within(1e-9));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "2 | model.likelihood = false, infer.covariance = nonrobust | only where the loss is a negative log-likelihood",
        "2 | infer.covariance = HC4 | must be one of default",
        "2 | infer.covariance = cluster | the covariance is clustered",
        "2 | infer.level = 1.5 | a number between 0 and 1",
        "2 | infer.functions.r = \"beta[0] / x[0]\" | x is an input tensor",
        "2 | infer.functions.r = \"gamma\" | gamma",
        "2 | infer.tests.t = \"beta[0]\" | this is no equation",
        "4 | infer.tests.t = [\"beta[0] = 0\", \"2 * beta[0] = 0\"] | do not restrict the estimates independently",
        "4 | model.parameters.b0 = 0.5 | not at the minimum: a Newton step",
        "4 | infer { covariance = cluster, groups = \"1\" } | all rows are in one group",
        "3 | infer { covariance = cluster, groups = nosuch } | nosuch",
        "4 | input.limit = 10, infer.covariance = HC1 | ",
      })
  void whatCannotBeInferredIsRefused(int exitCode, String setting, String message)
      throws IOException {
    Console console = infer(FitTest.LOGIT, parameters("logit-diabetes"), setting);
    assertThat(console.exitCode()).as(console.err()).isEqualTo(exitCode);
    assertThat(console.err()).contains(message == null ? "" : message).doesNotContain("\tat ");
    assertThat(temporary.resolve("out")).doesNotExist();
  }

  @Test
  void aSingularHessianIsNamedOrInvertedWhereItCanBe() throws IOException {
    Files.writeString(temporary.resolve("rows.csv"), "u,v,y\n1,2,1\n2,4,3\n3,6,2\n1,2,2\n");
    String model =
        """
        input { path = "%s/rows.csv", options { header = true }, tensors { u = u, v = v, y = y } }
        model { parameters { a = 1, b = 0 }, loss = "square(y - u * a - v * b)" }
        """
            .formatted(temporary);
    Console refused = infer(model);
    assertThat(refused.exitCode()).isEqualTo(4);
    assertThat(refused.err())
        .contains("the Hessian is singular: the data says nothing about a - 0.5 b")
        .contains("infer.singular = pinv");
    Console taken = infer(model, "infer.singular = pinv", "output.mode = overwrite");
    assertThat(taken.exitCode()).as(taken.err()).isZero();
  }

  @Test
  void zeroDegreesOfFreedomAreToldApart() throws IOException {
    Files.writeString(temporary.resolve("rows.csv"), "u,y\n1,1\n");
    Console console =
        infer(
            """
            input { path = "%s/rows.csv", options { header = true }, tensors { u = u, y = y } }
            model { parameters { a = 1 }, loss = "square(y - u * a)" }
            """
                .formatted(temporary));
    assertThat(console.exitCode()).as(console.err()).isEqualTo(4);
    assertThat(console.err()).contains("no degrees of freedom: one row for 1 estimates");
  }

  private String parameters(String name) throws IOException {
    JsonNode params = FitTest.reference(name).get("params");
    StringBuilder beta = new StringBuilder();
    for (int k = 1; k < params.size(); k++) {
      beta.append(k > 1 ? ", " : "").append(params.get(k).asText());
    }
    return "model.parameters { b0 = %s, beta { labels = x, fill = null, value = [%s] } }"
        .formatted(params.get(0).asText(), beta);
  }

  private Console infer(String... settings) {
    return FitTest.run(temporary, "infer", settings);
  }

  private JsonNode estimates() throws IOException {
    return new ObjectMapper().readTree(temporary.resolve("out/estimates.json").toFile());
  }
}
