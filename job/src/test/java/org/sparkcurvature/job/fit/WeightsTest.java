package org.sparkcurvature.job.fit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.sparkcurvature.job.config.FitMethod;

/** Logistic fits whose weights are tiny or huge, or differ by 10^15. */
class WeightsTest {
  private static final int TRIALS = 25;

  private static LocalObjective logistic(String loss, double[] x, double[] y, double[] weights) {
    return LocalObjective.loss(loss)
        .column("x", x)
        .column("y", y)
        .weights(weights)
        .parameter("b0", 0)
        .parameter("b1", 0)
        .build();
  }

  /** All weights times a constant: nothing changes but the value. */
  @ParameterizedTest
  @EnumSource(FitMethod.class)
  void ofAnyUnit(FitMethod method) {
    Random random = new Random(1);
    double[] x = new double[50];
    double[] y = new double[50];
    double[] weights = new double[50];
    for (int i = 0; i < 50; i++) {
      x[i] = random.nextGaussian();
      y[i] = random.nextDouble() < sigmoid(0.3 + x[i]) ? 1 : 0;
      weights[i] = 1 + i % 3;
    }
    String loss = "binary_cross_entropy(b0 + b1 * x, y)";
    FitResult usual = logistic(loss, x, y, weights).fit(method, 1e-10, 100);
    assertThat(usual.termination().converged()).isTrue();
    for (int exponent : new int[] {-996, -565, -50, 50, 565, 996}) {
      double[] scaled = new double[50];
      for (int i = 0; i < 50; i++) {
        scaled[i] = Math.scalb(weights[i], exponent);
      }
      FitResult result = logistic(loss, x, y, scaled).fit(method, 1e-10, 100);
      assertThat(result.termination()).as("2^" + exponent).isEqualTo(usual.termination());
      assertThat(result.value())
          .isCloseTo(Math.scalb(usual.value(), exponent), within(Math.scalb(1e-10, exponent)));
      for (int k = 0; k < 2; k++) {
        assertThat(result.state().x()[k]).isCloseTo(usual.state().x()[k], within(1e-9));
      }
    }
  }

  /** b0 = ln(4.1e-7 / 1) of the rows at x = 0, b0 + b1 = ln 3 of those at x = 1. */
  @ParameterizedTest
  @EnumSource(FitMethod.class)
  void heavyRowsDoNotHideLightOnes(FitMethod method) {
    FitResult result =
        logistic(
                "softplus(b0 + b1 * x) - y * (b0 + b1 * x)",
                new double[] {0, 0, 1, 1},
                new double[] {0, 1, 0, 1},
                new double[] {1e15, 4.1e8, 1, 3})
            .fit(method, 1e-10, 200);
    assertThat(result.termination().converged()).as(result.termination().toString()).isTrue();
    assertThat(result.state().x()[0]).isCloseTo(Math.log(4.1e-7), within(1e-8));
    assertThat(result.state().x()[0] + result.state().x()[1]).isCloseTo(Math.log(3), within(1e-6));
  }

  /**
   * Random problems: what converged is right, by a Newton step whose derivatives do not cancel; the
   * loss that keeps its digits always converges where there is a minimum.
   */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "softplus(b0 + b1 * x) - y * (b0 + b1 * x)",
        "binary_cross_entropy(b0 + b1 * x, y)"
      })
  void convergedIsRight(String loss) {
    int right = 0;
    for (int seed = 0; seed < TRIALS; seed++) {
      Random random = new Random(seed);
      int n = 6 + random.nextInt(8);
      double[] x = new double[n];
      double[] y = new double[n];
      double[] weights = new double[n];
      boolean extreme = random.nextBoolean();
      for (int i = 0; i < n; i++) {
        x[i] = Math.round(random.nextGaussian() * 30) / 10.0;
        y[i] = random.nextInt(2);
        weights[i] =
            extreme ? (random.nextInt(3) == 0 ? 1e15 : 1) : Math.pow(10, random.nextInt(16));
      }
      for (FitMethod method : List.of(FitMethod.TRUST_REGION_NEWTON, FitMethod.LBFGS)) {
        FitResult result = logistic(loss, x, y, weights).fit(method, 1e-8, 100);
        if (result.termination().converged()) {
          right++;
          double[] b = result.state().x();
          double largest = Math.max(Math.abs(b[0]), Math.abs(b[1]));
          for (double step : newton(x, y, weights, b)) {
            assertThat(Math.abs(step)).as(seed + " " + method).isLessThan(1e-6 * largest);
          }
        }
      }
    }
    assertThat(right).isGreaterThan(loss.startsWith("binary") ? 2 * TRIALS - 1 : TRIALS);
  }

  /** The Newton step at b. */
  private static double[] newton(double[] x, double[] y, double[] weights, double[] b) {
    double[] g = new double[2];
    double[] h = new double[3];
    for (int i = 0; i < x.length; i++) {
      double eta = b[0] + b[1] * x[i];
      double slope = weights[i] * (y[i] == 1 ? -sigmoid(-eta) : sigmoid(eta));
      double curvature = weights[i] * sigmoid(eta) * sigmoid(-eta);
      g[0] += slope;
      g[1] += slope * x[i];
      h[0] += curvature;
      h[1] += curvature * x[i];
      h[2] += curvature * x[i] * x[i];
    }
    double determinant = h[0] * h[2] - h[1] * h[1];
    return new double[] {
      (h[2] * g[0] - h[1] * g[1]) / determinant, (h[0] * g[1] - h[1] * g[0]) / determinant
    };
  }

  private static double sigmoid(double u) {
    return u >= 0 ? 1 / (1 + Math.exp(-u)) : Math.exp(u) / (1 + Math.exp(u));
  }
}
