package org.sparkcurvature.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.function.BiFunction;
import java.util.stream.Stream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.sparkcurvature.diff.Differentiator;
import org.sparkcurvature.graph.Node;

/**
 * Norms of elements so large or small that their squares leave the range of double. A norm is
 * homogeneous: of s x its value is s times, its Hessian 1/s times that of x, its gradient the same.
 */
class NormsTest {
  private static final double[] X = {0.3, -1.2, 0.7, 2, -0.4, 0.9};

  /** Powers of two near 10 to -250, -170, ..., 250. */
  private static final int[] EXPONENTS = {-830, -565, -540, -365, -151, 0, 151, 365, 540, 565, 830};

  private static Arguments loss(String name, BiFunction<Expressions, Node, Node> loss) {
    return Arguments.of(name, loss);
  }

  static Stream<Arguments> losses() {
    return Stream.of(
        loss("norm2", (e, x) -> e.call("norm2", x)),
        loss("sqrt(dot(x, x))", (e, x) -> e.call("sqrt", e.call("dot", x, x))),
        loss("standard deviation", (e, x) -> deviation(e, x, 6)),
        loss("by rows", (e, x) -> e.call("sum", e.along("norm2", 1, matrix(e, x)))),
        loss("by columns", (e, x) -> e.call("sum", e.along("norm2", 0, matrix(e, x)))),
        loss(
            "sqrt(a^2 + b^2)",
            (e, x) ->
                e.call(
                    "sqrt",
                    e.call(
                        "add",
                        e.call("square", e.call("index", x, e.constant(1))),
                        e.call("pow", e.call("index", x, e.constant(3)), e.constant(2))))),
        loss(
            "sum of hypotenuses",
            (e, x) ->
                e.call(
                    "sum",
                    e.call(
                        "sqrt",
                        e.call(
                            "add",
                            e.call("square", half(e, x, 0)),
                            e.call("square", half(e, x, 3)))))));
  }

  private static Node half(Expressions e, Node x, int from) {
    return e.call("slice", x, e.constant(from), e.constant(3));
  }

  private static Node matrix(Expressions e, Node x) {
    return e.call("reshape", x, e.constant(2), e.constant(3));
  }

  private static Node deviation(Expressions e, Node x, int n) {
    Node residual = e.call("subtract", x, e.call("mean", x));
    return e.call(
        "sqrt", e.call("divide", e.call("sum", e.call("square", residual)), e.constant(n - 1)));
  }

  private static DerivativeSpec spec(BiFunction<Expressions, Node, Node> loss) {
    Expressions e = new Expressions();
    Node x = e.input("x", X.length);
    Request request =
        Request.by("x")
            .withSamples(
                Request.PerSample.NONE
                    .withValue()
                    .withGradient()
                    .withHessian(Request.SampleHessianForm.FULL));
    return new DerivativeSpec(e.model(loss.apply(e, x)), request, Precision.DOUBLE, 1 << 20);
  }

  private static Samples at(double... x) {
    return new Samples(1, Map.of("x", x), new double[] {1}, Map.of());
  }

  private static double[] scaled(double by) {
    return java.util.Arrays.stream(X).map(u -> by * u).toArray();
  }

  private static double[] column(
      DerivativeSpec spec, Samples samples, String name, Differentiator.Mode mode) {
    return samples.column(spec, name, mode).get(0);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("losses")
  void areHomogeneous(String name, BiFunction<Expressions, Node, Node> loss) {
    DerivativeSpec spec = spec(loss);
    for (Differentiator.Mode mode : Differentiator.Mode.values()) {
      double value = column(spec, at(X), "value", mode)[0];
      double[] gradient = column(spec, at(X), "gradient", mode);
      double[] hessian = column(spec, at(X), "hessian", mode);
      for (int exponent : EXPONENTS) {
        double scale = Math.scalb(1.0, exponent);
        Samples here = at(scaled(scale));
        assertClose(column(spec, here, "value", mode), new double[] {scale * value});
        assertClose(column(spec, here, "gradient", mode), gradient);
        assertClose(
            column(spec, here, "hessian", mode),
            java.util.Arrays.stream(hessian).map(h -> h / scale).toArray());
      }
    }
  }

  /** Gradient x / n and Hessian (I - x x' / n^2) / n. */
  @Test
  void agreesWithItsFormulas() {
    DerivativeSpec spec = spec((e, x) -> e.call("norm2", x));
    double n = Math.sqrt(java.util.Arrays.stream(X).map(u -> u * u).sum());
    for (double scale : new double[] {1e-250, 1e-170, 1e-120, 1, 1e120, 1e170, 1e250}) {
      Samples here = at(scaled(scale));
      double[] gradient = new double[X.length];
      double[] hessian = new double[X.length * X.length];
      for (int i = 0; i < X.length; i++) {
        gradient[i] = X[i] / n;
        for (int j = 0; j < X.length; j++) {
          hessian[i * X.length + j] = ((i == j ? 1 : 0) - X[i] / n * (X[j] / n)) / n / scale;
        }
      }
      assertClose(here.column(spec, "value").get(0), new double[] {n * scale});
      assertClose(here.column(spec, "gradient").get(0), gradient);
      assertClose(here.column(spec, "hessian").get(0), hessian);
    }
  }

  @Test
  void elementsOfAllSizes() {
    DerivativeSpec spec = spec((e, x) -> e.call("norm2", x));
    Samples here = at(1e170, -1e-170, 0, 1e-3, 5e-324, 0);
    assertThat(here.column(spec, "value").get(0)).containsExactly(1e170);
    assertClose(here.column(spec, "gradient").get(0), new double[] {1, 0, 0, 1e-173, 0, 0});
    Samples zero = at(0, 0, 0, 0, 0, 0);
    assertThat(zero.column(spec, "value").get(0)).containsExactly(0);
    assertThat(zero.column(spec, "gradient").get(0)).containsOnly(0);
  }

  /** By parameters and summed over samples. */
  @Test
  void ofResidualsByParameters() {
    for (Differentiator.Mode mode : Differentiator.Mode.values()) {
      double[][] sums = new double[3][];
      double[] scales = {1, Math.scalb(1.0, -565), Math.scalb(1.0, 565)};
      for (int k = 0; k < scales.length; k++) {
        Expressions e = new Expressions();
        Node x = e.input("x", 6);
        Node w = e.parameter("W", 2, 3);
        Node z = e.call("matmul", w, e.call("slice", x, e.constant(0), e.constant(3)));
        Node r = e.call("subtract", z, e.call("slice", x, e.constant(4), e.constant(2)));
        Request request =
            Request.by("W").withSums(Request.Global.NONE.withValue().withGradient().withHessian());
        DerivativeSpec spec =
            new DerivativeSpec(e.model(e.call("norm2", r)), request, Precision.DOUBLE, 1 << 20);
        Samples samples =
            new Samples(
                1,
                Map.of("x", new double[] {0.3, -1.2, 0.7, 0, -0.4 * scales[k], 0.9 * scales[k]}),
                new double[] {1},
                Map.of("W", scaled(scales[k])));
        double[] hessian = samples.sums(spec, mode).curvature(Request.Curvature.HESSIAN);
        double scale = scales[k];
        sums[k] = java.util.Arrays.stream(hessian).map(h -> h * scale).toArray();
      }
      assertClose(sums[1], sums[0]);
      assertClose(sums[2], sums[0]);
    }
  }

  private static void assertClose(double[] actual, double[] expected) {
    assertThat(actual).hasSameSizeAs(expected);
    double largest = java.util.Arrays.stream(expected).map(Math::abs).max().orElse(0);
    for (int k = 0; k < expected.length; k++) {
      assertThat(actual[k]).isCloseTo(expected[k], Offset.offset(2e-15 * largest));
    }
  }
}
