package org.sparkcurvature.job.result;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;
import org.sparkcurvature.job.result.Objective.Hessian;
import org.sparkcurvature.job.sink.Matrices;

class ObjectiveTest {

  @Test
  void theNormNeitherOverflowsNorVanishes() {
    assertThat(norm(3, -4)).isEqualTo(5);
    assertThat(norm(3e200, 4e200)).isCloseTo(5e200, within(1e186));
    assertThat(norm(3e-200, 4e-200)).isCloseTo(5e-200, within(1e-214));
    assertThat(norm(0, 0)).isZero();
    assertThat(Objective.none().gradientNorm()).isEmpty();
  }

  @Test
  void whatIsNotFiniteIsNamed() {
    assertThat(of(1, new double[] {1}, new Hessian.Diagonal(new double[] {1})).notFinite())
        .isEmpty();
    assertThat(of(Double.NaN, new double[] {1}, new Hessian.None()).notFinite())
        .contains("the value");
    assertThat(of(1, new double[] {1, Double.POSITIVE_INFINITY}, new Hessian.None()).notFinite())
        .contains("the gradient");
    assertThat(of(1, new double[] {1}, new Hessian.Diagonal(new double[] {Double.NaN})).notFinite())
        .contains("the diagonal of the Hessian");
    assertThat(
            of(
                    1,
                    new double[] {1},
                    new Hessian.Blocks(Map.of("W", Matrices.of(2, (i, j) -> Double.NaN))))
                .notFinite())
        .contains("the matrix hessian_W");
  }

  @Test
  void matricesHaveTheNamesOfTheirFiles() {
    Objective objective =
        new Objective(
            OptionalDouble.empty(),
            Optional.empty(),
            new Hessian.Full(Matrices.of(2, (i, j) -> i + j)),
            Optional.of(Matrices.of(2, (i, j) -> 1)),
            Optional.of(Matrices.of(2, (i, j) -> 2)));
    assertThat(objective.matrices().keySet()).containsExactly("hessian", "ggn", "opg");
    assertThat(objective.hessianMatrices().keySet()).containsExactly("hessian");
    assertThat(objective.hessianDiagonal().orElseThrow()).containsExactly(0, 2);
  }

  private static double norm(double... gradient) {
    return of(0, gradient, new Hessian.None()).gradientNorm().orElseThrow();
  }

  private static Objective of(double value, double[] gradient, Hessian hessian) {
    return new Objective(
        OptionalDouble.of(value),
        Optional.of(gradient),
        hessian,
        Optional.empty(),
        Optional.empty());
  }
}
