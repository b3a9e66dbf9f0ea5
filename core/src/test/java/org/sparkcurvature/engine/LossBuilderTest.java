package org.sparkcurvature.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.sparkcurvature.engine.LossBuilder.Tensor;
import org.sparkcurvature.graph.ExpressionException;
import org.sparkcurvature.graph.Model;

/** A loss and a request written in Java. */
class LossBuilderTest {
  private static final double[] X = {1, 2, -1, 0.5, 3, 3};
  private static final double[] Y = {0.5, -1, 2};
  private static final double[] BETA = {0.25, -0.5};

  private static Model squares() {
    LossBuilder loss = new LossBuilder();
    Tensor z = loss.define("z", loss.input("x", 2).dot(loss.parameter("beta", 2)));
    return loss.build(loss.input("y").minus(z).apply("square").dividedBy(2));
  }

  private static DerivativeSpec spec(Request.Global sums) {
    return DerivativeSpec.of(squares(), Request.by("beta").withSums(sums));
  }

  /** X'WX, as least squares have it. */
  @Test
  void sumsOverArraysAreThoseOfTheDefinition() {
    Sums sums =
        spec(Request.Global.NONE.withValue().withGradient().withHessian(Request.HessianForm.FULL))
            .sums(Map.of("beta", BETA), Map.of("x", X, "y", Y), new double[] {1, 2, 0.5});
    double value = 0;
    double[] gradient = new double[2];
    double[] hessian = new double[3];
    for (int m = 0; m < 3; m++) {
      double weight = m == 0 ? 1 : m == 1 ? 2 : 0.5;
      double a = X[2 * m];
      double b = X[2 * m + 1];
      double r = Y[m] - a * BETA[0] - b * BETA[1];
      value += weight * r * r / 2;
      gradient[0] -= weight * r * a;
      gradient[1] -= weight * r * b;
      hessian[0] += weight * a * a;
      hessian[1] += weight * a * b;
      hessian[2] += weight * b * b;
    }
    assertThat(sums.rows()).isEqualTo(3);
    assertThat(sums.weight()).isEqualTo(3.5);
    assertThat(sums.value()).isCloseTo(value, within(1e-14));
    assertThat(sums.gradient()).containsExactly(gradient, within(1e-14));
    assertThat(sums.curvature(Request.Curvature.HESSIAN)).containsExactly(hessian, within(1e-14));
  }

  @Test
  void arraysOfManyBlocksAreAddedUp() {
    int rows = 10_000;
    double[] x = new double[2 * rows];
    double[] y = new double[rows];
    for (int m = 0; m < rows; m++) {
      x[2 * m] = m % 7;
      x[2 * m + 1] = m % 3;
      y[m] = m % 5;
    }
    DerivativeSpec small =
        new DerivativeSpec(
            squares(),
            Request.by("beta").withSums(Request.Global.NONE.withGradient()),
            Precision.DOUBLE,
            1 << 12);
    double[] gradient = small.sums(Map.of("beta", BETA), Map.of("x", x, "y", y)).gradient();
    double[] expected = new double[2];
    for (int m = 0; m < rows; m++) {
      double r = y[m] - x[2 * m] * BETA[0] - x[2 * m + 1] * BETA[1];
      expected[0] -= r * x[2 * m];
      expected[1] -= r * x[2 * m + 1];
    }
    assertThat(gradient).containsExactly(expected, within(1e-8));
  }

  @Test
  void arraysMustFit() {
    DerivativeSpec spec = spec(Request.Global.NONE.withValue());
    Map<String, double[]> beta = Map.of("beta", BETA);
    assertThatThrownBy(() -> spec.sums(beta, Map.of("x", X)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("there are no values of input y");
    assertThatThrownBy(() -> spec.sums(beta, Map.of("x", X, "y", new double[2])))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("input x has 3 samples of 2 numbers, y 2 of 1");
    assertThatThrownBy(() -> spec.sums(beta, Map.of("x", new double[5], "y", Y)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("input x has 5 numbers, which are no whole samples of 2");
    assertThatThrownBy(() -> spec.sums(beta, Map.of("x", X, "y", Y), new double[2]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("there are 2 weights of 3 samples");
    assertThatThrownBy(() -> spec.sums(Map.of(), Map.of("x", X, "y", Y)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("beta");
  }

  @Test
  void namesAreTakenOnce() {
    LossBuilder loss = new LossBuilder();
    Tensor x = loss.input("x");
    assertThatThrownBy(() -> loss.parameter("x"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("the name x is taken");
    assertThatThrownBy(() -> loss.define("loss", x)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> x.apply("frobnicate"))
        .isInstanceOf(ExpressionException.class)
        .hasMessage("there is no function frobnicate");
    assertThatThrownBy(() -> loss.build(loss.input("v", 3)))
        .isInstanceOf(ExpressionException.class)
        .hasMessageContaining("must be a scalar");
  }

  @Test
  void operationsAreThoseOfTheLanguage() {
    LossBuilder loss = new LossBuilder();
    Tensor a = loss.input("A", 2, 2);
    Tensor v = a.matmul(a.at(1)).times(2).plus(1).minus(a.applyAlong(0, "max"));
    assertThat(v.shape().extents()).containsExactly(2);
    Tensor found = v.at(loss.input("i")).dividedBy(v.sum().minus(3));
    DerivativeSpec spec =
        DerivativeSpec.of(
            loss.build(found), Request.by("A").withSums(Request.Global.NONE.withValue()));
    // A (3, 4)' = (11, 25)': (23 - 3, 51 - 4), of which the second over 67 - 3.
    double value =
        spec.sums(Map.of(), Map.of("A", new double[] {1, 2, 3, 4}, "i", new double[] {1})).value();
    assertThat(value).isCloseTo(47.0 / 64, within(1e-15));
  }

  @Test
  void columnsAreAskedForByWhatTheyAre() {
    Request request =
        Request.by("beta")
            .withSamples(
                Request.PerSample.NONE
                    .withGradient()
                    .withHessian(Request.SampleHessianForm.PACKED)
                    .withValuesOf("z")
                    .withJacobiansOf("z")
                    .withAdjointsOf("z"));
    try (Engine engine = DerivativeSpec.of(squares(), request).open(Map.of("beta", BETA))) {
      engine.supply("x", X, 1);
      engine.supply("y", Y, 1);
      engine.evaluate(1);
      double z = -BETA[0] + 0.5 * BETA[1];
      assertThat(engine.column(SampleResult.valueOf("z"))[0]).isEqualTo(z);
      assertThat(engine.column(SampleResult.adjointOf("z"))[0]).isEqualTo(z + 1);
      assertThat(engine.column(SampleResult.jacobianOf("z"))).startsWith(-1, 0.5);
      assertThat(engine.column(SampleResult.GRADIENT)).startsWith(-(z + 1), (z + 1) / 2);
      assertThat(engine.column(SampleResult.HESSIAN)).startsWith(1, -0.5, 0.25);
      assertThatThrownBy(() -> engine.column(SampleResult.valueOf("x")))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }
}
