package org.sparkcurvature.job.fit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.sparkcurvature.job.config.FitMethod;
import org.sparkcurvature.job.solve.Vectors;

/** Saddles of more elements than a Hessian is formed for: products alone tell them from minima. */
class SaddleTest {
  private static final int P = 600;
  private static final Minimiser.Limits LIMITS = new Minimiser.Limits(1e-10, 200);

  /**
   * {@code sum c_i (x_i - t_i)^2 / 2 + s (x_0 x_1 + x_0^4 / 4)}, whose diagonal is positive
   * everywhere. With t = 0 and s^2 > c_0 c_1 the origin is a saddle, and with s = 0 a minimum.
   */
  private static final class Chain implements ObjectiveFunction {
    private final double coupling;
    private final double target;
    private int products;

    Chain(double coupling, double target) {
      this.coupling = coupling;
      this.target = target;
    }

    private static double weight(int i) {
      return 1 + (i % 7) / 3.0;
    }

    @Override
    public Evaluation at(double[] x, Order order) {
      assertThat(order).as("no Hessian of so many elements").isEqualTo(Order.GRADIENT);
      double value = coupling * (x[0] * x[1] + Math.pow(x[0], 4) / 4);
      double[] gradient = new double[P];
      for (int i = 0; i < P; i++) {
        double distance = x[i] - target;
        value += weight(i) * distance * distance / 2;
        gradient[i] = weight(i) * distance;
      }
      gradient[0] += coupling * (x[1] + x[0] * x[0] * x[0]);
      gradient[1] += coupling * x[0];
      return new Evaluation(value, gradient, Optional.empty(), 1);
    }

    @Override
    public double[] hessianTimes(double[] x, double[] vector) {
      products++;
      double[] product = new double[P];
      for (int i = 0; i < P; i++) {
        product[i] = weight(i) * vector[i];
      }
      product[0] += coupling * (vector[1] + 3 * x[0] * x[0] * vector[0]);
      product[1] += coupling * vector[0];
      return product;
    }

    @Override
    public double[] hessianDiagonal(double[] x) {
      double[] diagonal = new double[P];
      for (int i = 0; i < P; i++) {
        diagonal[i] = weight(i);
      }
      diagonal[0] += 3 * coupling * x[0] * x[0];
      return diagonal;
    }
  }

  private static FitResult fit(FitMethod method, double l1, Chain objective) {
    double[] factors = new double[P];
    Arrays.fill(factors, 2, P, l1);
    return Minimisers.of(method, SeparablePenalty.l1(factors))
        .minimise(objective, FitState.at(new double[P]), LIMITS, state -> {});
  }

  /** With s = 3: x_1 = -3 x_0 / c_1, and 3 x_0^2 = 9 / c_1 - 1, c_1 = 4 / 3. */
  @ParameterizedTest
  @CsvSource({"NEWTON_CG, 0", "LBFGS, 0", "OWLQN, 0", "OWLQN, 0.5"})
  void aSaddleIsLeftForTheMinimum(FitMethod method, double l1) {
    FitResult result = fit(method, l1, new Chain(3, 0));
    assertThat(result.termination().converged()).as(result.termination().toString()).isTrue();
    double expected = Math.sqrt((9 / (4 / 3.0) - 1) / 3);
    double[] x = result.state().x();
    assertThat(Math.abs(x[0])).isCloseTo(expected, within(1e-7));
    assertThat(x[1]).isCloseTo(-9 / 4.0 * x[0], within(1e-7));
  }

  @ParameterizedTest
  @EnumSource(
      value = FitMethod.class,
      names = {"NEWTON_CG", "LBFGS", "OWLQN"})
  void aMinimumCostsAFewTenProductsMore(FitMethod method) {
    Chain objective = new Chain(0.5, 2);
    FitResult result = fit(method, 0, objective);
    assertThat(result.termination().converged()).as(result.termination().toString()).isTrue();
    assertThat(objective.products).isBetween(1, Saddle.PRODUCTS + 60);
    double[] gradient =
        objective.at(result.state().x(), ObjectiveFunction.Order.GRADIENT).gradient();
    assertThat(Vectors.norm(gradient)).isLessThan(1e-7);
  }

  /** One negative eigenvalue in the middle of nowhere, hidden from the diagonal. */
  @Test
  void theDirectionIsOfNegativeCurvature() {
    Chain objective = new Chain(3, 0);
    double[] scales = new double[P];
    Arrays.fill(scales, 1);
    double[] direction = Saddle.direction(objective, new double[P], scales).orElseThrow();
    assertThat(Vectors.dot(direction, objective.hessianTimes(new double[P], direction)))
        .isNegative();
    assertThat(objective.products).isLessThanOrEqualTo(Saddle.PRODUCTS + 1);
    assertThat(Saddle.direction(new Chain(0.5, 0), new double[P], scales)).isEmpty();
  }
}
