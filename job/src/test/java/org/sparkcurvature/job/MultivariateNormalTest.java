package org.sparkcurvature.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.sparkcurvature.job.cli.Console;

/**
 * The mean and covariance of normal vectors by maximum likelihood, from the command line to files.
 * The estimates are the mean and the second moments about it; the observed information there is the
 * expected one, so that Var(mu_i) = S_ii / n and Var(S_ij) = (S_ii S_jj + S_ij^2) / n (Anderson
 * 2003, section 3.6).
 */
class MultivariateNormalTest {
  private static final int ROWS = 300;
  private static final String DISTANCE = "logdet(S) / 2 + dot(r, solve(S, r)) / 2 + ln(2 * pi())";
  private static final String WHITENED =
      "sum(ln(diag(cholesky(S)))) + sum(square(solve(cholesky(S), r))) / 2 + ln(2 * pi())";
  private static final String INVERSE =
      "logdet(S) / 2 + trace(matmul(inverse(S), outer(r, r))) / 2 + ln(2 * pi())";

  @TempDir Path temporary;

  @BeforeAll
  static void startSpark() {
    LocalSpark.session();
  }

  private double[][] rows(double second) throws IOException {
    Random random = new Random(5);
    double[][] rows = new double[ROWS][];
    StringBuilder text = new StringBuilder("u,v\n");
    for (int k = 0; k < ROWS; k++) {
      double u = 3 + 1.5 * random.nextGaussian();
      double v = second * (-1 + 0.4 * (u - 3) + 0.5 * random.nextGaussian());
      rows[k] = new double[] {u, v};
      text.append(String.format(Locale.ROOT, "%s,%s%n", u, v));
    }
    Files.writeString(temporary.resolve("rows.csv"), text);
    return rows;
  }

  private String model(String loss, double scale) {
    return """
        input { path = "%s", options.header = true, tensors.y = [u, v] }
        model {
          parameters { mu = [0, 0], s = [10, 0, %s] }
          define {
            S = "reshape(concat(s[0], s[1], s[1], s[2]), 2, 2)"
            r = "y - mu"
          }
          loss = "%s", likelihood = true
        }
        infer.covariance = nonrobust
        output.mode = overwrite
        """
        .formatted(temporary.resolve("rows.csv"), 10 * scale * scale, loss);
  }

  @ParameterizedTest
  @ValueSource(strings = {DISTANCE, WHITENED, INVERSE})
  void estimatesAndErrorsAreTheKnownOnes(String loss) throws IOException {
    isEstimated(loss, 1);
  }

  @Test
  void soTheyAreInUnlikeUnits() throws IOException {
    isEstimated(DISTANCE, 1e-5);
  }

  private void isEstimated(String loss, double scale) throws IOException {
    double[][] rows = rows(scale);
    double[] mean = new double[2];
    for (double[] row : rows) {
      mean[0] += row[0] / ROWS;
      mean[1] += row[1] / ROWS;
    }
    double[] s = new double[3];
    for (double[] row : rows) {
      s[0] += (row[0] - mean[0]) * (row[0] - mean[0]) / ROWS;
      s[1] += (row[0] - mean[0]) * (row[1] - mean[1]) / ROWS;
      s[2] += (row[1] - mean[1]) * (row[1] - mean[1]) / ROWS;
    }
    double[] expected = {mean[0], mean[1], s[0], s[1], s[2]};
    double[] errors = {
      Math.sqrt(s[0] / ROWS),
      Math.sqrt(s[2] / ROWS),
      s[0] * Math.sqrt(2.0 / ROWS),
      Math.sqrt((s[0] * s[2] + s[1] * s[1]) / ROWS),
      s[2] * Math.sqrt(2.0 / ROWS)
    };
    Console fit = FitTest.run(temporary, "fit", model(loss, scale));
    assertThat(fit.exitCode()).as(fit.err()).isZero();
    assertThat(fit.out()).contains("  CONVERGED  ").contains("; minimum");
    ObjectMapper json = new ObjectMapper();
    JsonNode fitted = json.readTree(temporary.resolve("out/parameters.json").toFile());
    String values = fitted.get("mu").get("values") + ", s = " + fitted.get("s").get("values");
    Console infer =
        FitTest.run(
            temporary, "infer", model(loss, scale), "model.parameters { mu = " + values + " }");
    assertThat(infer.exitCode()).as(infer.err()).isZero();
    JsonNode table =
        json.readTree(temporary.resolve("out/estimates.json").toFile()).get("estimates");
    for (int k = 0; k < expected.length; k++) {
      assertThat(table.get(k).get("estimate").asDouble())
          .isCloseTo(expected[k], within(1e-7 * errors[k]));
      assertThat(table.get(k).get("std_error").asDouble() / errors[k]).isCloseTo(1, within(1e-7));
    }
  }

  @Test
  void aMatrixThatIsNotPositiveDefiniteIsNamed() throws IOException {
    rows(1);
    Console derive =
        FitTest.run(
            temporary,
            "derive",
            model(DISTANCE, 1),
            "model.parameters.s = [1, 2, 1]",
            "derive.wrt = [mu, s]");
    assertThat(derive.exitCode()).as(derive.err()).isEqualTo(4);
    assertThat(derive.err()).contains("logdet(S)").contains("positive definite");
  }

  @Test
  void aSingularMatrixOfARowIsNamed() throws IOException {
    Files.writeString(temporary.resolve("rows.csv"), "u,v\n1,2\n2,2\n3,1\n");
    Console derive =
        FitTest.run(
            temporary,
            "derive",
            """
            input { path = "%s", options.header = true, tensors.y = [u, v] }
            model {
              parameters.b = [1, 1]
              loss = "sum(solve(reshape(concat(y, y[1], y[0]), 2, 2), b))"
            }
            output.mode = overwrite
            """
                .formatted(temporary.resolve("rows.csv")));
    assertThat(derive.exitCode()).as(derive.err()).isEqualTo(4);
    assertThat(derive.err()).contains("row 1").contains("solve(").contains("no inverse");
  }
}
