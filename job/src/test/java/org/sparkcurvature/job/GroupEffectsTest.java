package org.sparkcurvature.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.offset;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sparkcurvature.job.cli.Console;
import org.sparkcurvature.job.sink.NpyFile;

/**
 * Two slopes beside an effect of each of 10,000 groups, whose Hessian is never formed. Expected
 * numbers are those of the regression on deviations from the groups' means, which has the same
 * slopes, residuals and errors (Frisch and Waugh 1933, Lovell 1963).
 */
class GroupEffectsTest {
  private static final int GROUPS = 10_000;
  private static final int ROWS = 3 * GROUPS;

  @TempDir Path temporary;

  private final double[] u = new double[ROWS];
  private final double[] v = new double[ROWS];
  private final double[] y = new double[ROWS];

  @BeforeAll
  static void startSpark() {
    LocalSpark.session();
  }

  private Path rows() throws IOException {
    Random random = new Random(11);
    StringBuilder text = new StringBuilder("g,u,v,y\n");
    for (int i = 0; i < ROWS; i++) {
      int g = i % GROUPS;
      u[i] = random.nextGaussian() + 0.001 * (g % 900);
      v[i] = random.nextDouble();
      y[i] = Math.sin(g) + 0.5 * u[i] - 2 * v[i] + (1 + v[i]) * random.nextGaussian();
      text.append("%d,%s,%s,%s%n".formatted(g, u[i], v[i], y[i]));
    }
    return Files.writeString(temporary.resolve("rows.csv"), text);
  }

  /** Deviations from the groups' means; group g has the rows g, g + GROUPS, g + 2 GROUPS. */
  private static double[] within(double[] column) {
    double[] deviations = new double[ROWS];
    for (int g = 0; g < GROUPS; g++) {
      double mean = (column[g] + column[g + GROUPS] + column[g + 2 * GROUPS]) / 3;
      for (int i = g; i < ROWS; i += GROUPS) {
        deviations[i] = column[i] - mean;
      }
    }
    return deviations;
  }

  private static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < ROWS; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }

  @Test
  void slopesAndTheirErrorsAreThoseWithinGroups() throws IOException {
    String model =
        """
        input { path = "%s", options { header = true }, tensors { x = [u, v], y = y, g = g } }
        model {
          parameters { beta { labels = x, fill = 0 }, a { shape = [%d], fill = 0 } }
          loss = "0.5 * square(y - a[g] - dot(x, beta))"
        }
        fit { method = newton-cg, tolerance = 1e-9 }
        infer.covariance = HC0
        """
            .formatted(rows(), GROUPS);
    Console fit = FitTest.run(temporary, "fit", model);
    assertThat(fit.exitCode()).as(fit.err()).isZero();
    Files.move(temporary.resolve("out"), temporary.resolve("fit"));

    double[] du = within(u);
    double[] dv = within(v);
    double[] dy = within(y);
    double[] h = {dot(du, du), dot(du, dv), dot(dv, dv)};
    double determinant = h[0] * h[2] - h[1] * h[1];
    double[] inverse = {h[2] / determinant, -h[1] / determinant, h[0] / determinant};
    double[] beta = {
      inverse[0] * dot(du, dy) + inverse[1] * dot(dv, dy),
      inverse[1] * dot(du, dy) + inverse[2] * dot(dv, dy)
    };
    JsonNode parameters =
        new ObjectMapper().readTree(temporary.resolve("fit/parameters.json").toFile());
    for (int k = 0; k < 2; k++) {
      assertThat(parameters.at("/beta/values/" + k).asDouble()).isCloseTo(beta[k], offset(1e-7));
    }
    double effect = 0;
    for (int i = 7; i < ROWS; i += GROUPS) {
      effect += (y[i] - beta[0] * u[i] - beta[1] * v[i]) / 3;
    }
    assertThat(parameters.at("/a/values/7").asDouble()).isCloseTo(effect, offset(1e-6));

    double[] meat = new double[3];
    for (int i = 0; i < ROWS; i++) {
      double residual = dy[i] - beta[0] * du[i] - beta[1] * dv[i];
      meat[0] += residual * residual * du[i] * du[i];
      meat[1] += residual * residual * du[i] * dv[i];
      meat[2] += residual * residual * dv[i] * dv[i];
    }
    Console infer =
        FitTest.run(
            temporary,
            "infer",
            model,
            "derive.wrt = [beta]",
            "model.parameters-from = \"%s/fit/parameters.json\"".formatted(temporary));
    assertThat(infer.exitCode()).as(infer.err()).isZero();
    double[] covariance = NpyFile.read(temporary.resolve("out/covariance.npy")).values();
    double[][] rows = {{inverse[0], inverse[1]}, {inverse[1], inverse[2]}};
    for (int r = 0; r < 2; r++) {
      for (int c = 0; c < 2; c++) {
        double expected =
            rows[r][0] * (meat[0] * rows[c][0] + meat[1] * rows[c][1])
                + rows[r][1] * (meat[1] * rows[c][0] + meat[2] * rows[c][1]);
        assertThat(covariance[r * 2 + c])
            .isCloseTo(expected, offset(1e-6 * Math.sqrt(covariance[0] * covariance[3])));
      }
    }
  }
}
