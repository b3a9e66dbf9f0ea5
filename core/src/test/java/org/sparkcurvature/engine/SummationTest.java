package org.sparkcurvature.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.sparkcurvature.diff.Differentiator;
import org.sparkcurvature.graph.Node;

/**
 * Sums over samples that cancel to 1e-18 of their terms: the error is at most 1e-13 of the sum of
 * magnitudes, whatever is summed by which kernel, in blocks of as many samples as there are at
 * most.
 */
class SummationTest {
  private static final double BOUND = 1e-13;
  private static final int ROWS = 20_000;

  /** Terms whose sum is 1e-18 of the sum of their magnitudes, in random order. */
  private static double[] terms(Random random) {
    List<Double> terms = new ArrayList<>();
    for (int k = 0; k < ROWS / 2 - 1; k++) {
      double term = Math.exp(4 * random.nextGaussian());
      terms.add(term);
      terms.add(-term);
    }
    double magnitude = terms.stream().mapToDouble(Math::abs).sum();
    terms.add(0.75e-18 * magnitude);
    terms.add(0.25e-18 * magnitude);
    Collections.shuffle(terms, random);
    return terms.stream().mapToDouble(Double::doubleValue).toArray();
  }

  /**
   * loss = y (c + b + square(dot(x, beta)) / 2 + sum(square(d)) / 2): value, gradient and the
   * Hessian by d are plain sums of y, the Hessian by beta is a product of matrices.
   *
   * @param columns of x
   */
  @ParameterizedTest
  @ValueSource(ints = {1, 3, 40})
  void errorsAreSmallBesideTheSumOfMagnitudes(int columns) {
    Expressions e = new Expressions();
    Node x = e.input("x", columns);
    Node y = e.input("y");
    Node b = e.parameter("b");
    Node beta = e.parameter("beta", columns);
    Node d = e.parameter("d", 2);
    Node half = e.constant(0.5);
    Node product = e.call("multiply", half, e.call("square", e.call("dot", x, beta)));
    Node squares = e.call("multiply", half, e.call("sum", e.call("square", d)));
    Node inside = e.call("add", b, e.call("add", product, squares));
    Request request =
        Request.by("b", "beta", "d")
            .withSums(Request.Global.NONE.withValue().withGradient().withHessian());
    DerivativeSpec spec =
        new DerivativeSpec(
            e.model(e.call("multiply", y, inside)), request, Precision.DOUBLE, 256L << 20);
    assertThat(spec.cost().blockRows()).isGreaterThan(1500);

    Random random = new Random(3);
    double[] tenths = new double[ROWS];
    Arrays.fill(tenths, 0.1);
    double[] xs =
        IntStream.range(0, ROWS * columns).mapToDouble(k -> random.nextGaussian()).toArray();
    double[] weights = new double[ROWS];
    Arrays.fill(weights, 1);
    // Equal terms round to the same side again and again.
    for (double[] ys : List.of(terms(random), tenths)) {
      Samples samples =
          new Samples(
              ROWS,
              Map.of("x", xs, "y", ys),
              weights,
              Map.of("b", new double[] {1}, "beta", new double[columns], "d", new double[2]));
      for (Differentiator.Mode mode : Differentiator.Mode.values()) {
        Sums sums = samples.sums(spec, mode);
        assertExact("value", sums.value(), ys, new double[0][]);
        assertExact("gradient", sums.gradient()[0], ys, new double[0][]);
        int p = 3 + columns;
        double[] hessian = sums.curvature(Request.Curvature.HESSIAN);
        assertExact("by d", hessian[p * (p + 1) / 2 - 1], ys, new double[0][]);
        double[] last = column(xs, columns, columns - 1);
        assertExact(
            "by beta",
            hessian[p],
            ys,
            new double[][] {column(xs, columns, 0), column(xs, columns, 0)});
        assertExact(
            "corner", hessian[p + columns - 1], ys, new double[][] {column(xs, columns, 0), last});
      }
    }
  }

  private static double[] column(double[] xs, int columns, int column) {
    return IntStream.range(0, ROWS).mapToDouble(k -> xs[k * columns + column]).toArray();
  }

  /** Compares with the sum of products by rational arithmetic. */
  private static void assertExact(String what, double actual, double[] ys, double[][] factors) {
    BigDecimal sum = BigDecimal.ZERO;
    BigDecimal magnitudes = BigDecimal.ZERO;
    for (int k = 0; k < ys.length; k++) {
      BigDecimal term = new BigDecimal(ys[k]);
      for (double[] factor : factors) {
        term = term.multiply(new BigDecimal(factor[k]));
      }
      sum = sum.add(term);
      magnitudes = magnitudes.add(term.abs());
    }
    double error =
        new BigDecimal(actual).subtract(sum).abs().doubleValue() / magnitudes.doubleValue();
    assertThat(error).as(what).isLessThan(BOUND);
  }
}
