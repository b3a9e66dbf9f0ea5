package org.sparkcurvature.ops;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.hipparchus.analysis.differentiation.DerivativeStructure;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.sparkcurvature.diff.Differentiator;
import org.sparkcurvature.engine.Precision;
import org.sparkcurvature.engine.Request;
import org.sparkcurvature.ops.Evaluation.Arguments;

/**
 * Every row of {@link Rows}, through the whole engine: values against a naive loop, derivatives
 * against Hipparchus' DerivativeStructure and against central differences of the loop; special
 * points and kinks; inputs unchanged.
 */
class RulesTest {
  private static final int SAMPLES = 3;

  static Stream<Row> rows() {
    return Rows.TABLE.stream();
  }

  @Test
  void everyOperationHasRow() {
    TreeSet<String> operations = new TreeSet<>(FunctionRegistry.names());
    operations.addAll(Elementwise.table().keySet());
    TreeSet<String> tested = new TreeSet<>();
    Rows.TABLE.forEach(row -> tested.add(row.name()));
    assertThat(tested).isEqualTo(operations);
  }

  @Test
  void everyWiderToleranceHasReason() {
    for (Row row : Rows.TABLE) {
      assertThat(row.tolerance() > Row.USUAL).as(row.name()).isEqualTo(!row.why().isEmpty());
    }
  }

  @ParameterizedTest
  @MethodSource("rows")
  void agreesWithIndependentDerivatives(Row row) {
    for (List<List<Integer>> shapes : row.shapes()) {
      for (Differentiator.Mode mode : Differentiator.Mode.values()) {
        for (Arguments as : Arguments.values()) {
          compare(row, shapes, as, Precision.DOUBLE, mode, row.tolerance());
        }
        compare(row, shapes, Arguments.INPUTS, Precision.FLOAT, mode, 2e-5);
      }
    }
  }

  private static void compare(
      Row row,
      List<List<Integer>> shapes,
      Arguments as,
      Precision precision,
      Differentiator.Mode mode,
      double tolerance) {
    Evaluation evaluation = new Evaluation(row, shapes, as);
    Random random = new Random(7);
    List<double[][]> samples = new ArrayList<>();
    double[][] factors = new double[SAMPLES][evaluation.resultSize()];
    double[] weights = new double[SAMPLES];
    double[][] fixed = row.draw(shapes, random);
    for (int sample = 0; sample < SAMPLES; sample++) {
      double[][] arguments = row.draw(shapes, random);
      for (int k = 0; k < arguments.length && as == Arguments.PARAMETERS; k++) {
        arguments[k] = row.isDifferentiated(k) ? fixed[k] : arguments[k];
      }
      if (precision == Precision.FLOAT) {
        toFloats(arguments);
      }
      samples.add(arguments);
      for (int k = 0; k < factors[sample].length; k++) {
        factors[sample][k] = 0.5 + random.nextDouble();
      }
      weights[sample] = 0.5 + random.nextDouble();
    }
    Evaluation.Result result = evaluation.run(samples, factors, weights, precision, mode);
    int p = evaluation.isDifferentiated() ? row.variables(samples.get(0)) : 0;
    double value = 0;
    double[] gradient = new double[p];
    double[] hessian = new double[p * p];
    for (int sample = 0; sample < SAMPLES; sample++) {
      List<DerivativeStructure> expected = row.evaluate(samples.get(sample), 2);
      double[] values = expected.stream().mapToDouble(DerivativeStructure::getValue).toArray();
      assertClose(result.values().get(sample), values, tolerance, row + " value");
      if (p == 0) {
        continue;
      }
      double[] first = gradientOf(expected, factors[sample], p);
      double[] second = hessianOf(expected, factors[sample], p);
      assertClose(result.gradients().get(sample), first, tolerance, row + " gradient");
      assertClose(result.hessians().get(sample), second, tolerance, row + " hessian");
      for (int k = 0; k < values.length; k++) {
        value += weights[sample] * factors[sample][k] * values[k];
      }
      add(gradient, weights[sample], first);
      add(hessian, weights[sample], second);
      if (precision == Precision.DOUBLE && as == Arguments.INPUTS) {
        checkDifferences(row, samples.get(sample), factors[sample], first, second);
      }
    }
    if (as == Arguments.PARAMETERS && p > 0) {
      assertClose(
          new double[] {result.sums().value()}, new double[] {value}, tolerance, row + " sum");
      assertClose(result.sums().gradient(), gradient, tolerance, row + " sum of gradients");
      assertClose(
          unpacked(result.sums().curvature(Request.Curvature.HESSIAN), p),
          hessian,
          tolerance,
          row + " sum of hessians");
      assertClose(result.sums().products(), hessian, tolerance, row + " products");
    }
  }

  private static void toFloats(double[][] arguments) {
    for (double[] argument : arguments) {
      for (int k = 0; k < argument.length; k++) {
        argument[k] = (float) argument[k];
      }
    }
  }

  private static void add(double[] sum, double weight, double[] values) {
    for (int k = 0; k < sum.length; k++) {
      sum[k] += weight * values[k];
    }
  }

  private static double[] gradientOf(List<DerivativeStructure> values, double[] factors, int p) {
    double[] gradient = new double[p];
    for (int k = 0; k < factors.length; k++) {
      for (int i = 0; i < p; i++) {
        int[] orders = new int[p];
        orders[i] = 1;
        gradient[i] += factors[k] * values.get(k).getPartialDerivative(orders);
      }
    }
    return gradient;
  }

  private static double[] hessianOf(List<DerivativeStructure> values, double[] factors, int p) {
    double[] hessian = new double[p * p];
    for (int k = 0; k < factors.length; k++) {
      for (int i = 0; i < p; i++) {
        for (int j = 0; j < p; j++) {
          int[] orders = new int[p];
          orders[i]++;
          orders[j]++;
          hessian[i * p + j] += factors[k] * values.get(k).getPartialDerivative(orders);
        }
      }
    }
    return hessian;
  }

  private static double[] unpacked(double[] packed, int p) {
    double[] full = new double[p * p];
    int at = 0;
    for (int i = 0; i < p; i++) {
      for (int j = i; j < p; j++) {
        full[i * p + j] = packed[at];
        full[j * p + i] = packed[at++];
      }
    }
    return full;
  }

  /** Central differences of the loop, of order 1 and 2, extrapolated to step 0 (Richardson). */
  private static void checkDifferences(
      Row row, double[][] arguments, double[] factors, double[] gradient, double[] hessian) {
    int p = gradient.length;
    double scale = 1 + largest(gradient) + largest(hessian);
    for (int i = 0; i < p; i++) {
      int a = i;
      double first =
          extrapolate(
              h ->
                  (loop(row, arguments, factors, a, h) - loop(row, arguments, factors, a, -h))
                      / (2 * h));
      assertThat(gradient[i]).as(row + " difference %d", i).isCloseTo(first, off(1e-9 * scale));
      for (int j = i; j < p; j++) {
        int b = j;
        double second =
            extrapolate(
                h ->
                    (loop(row, arguments, factors, a, h, b, h)
                            - loop(row, arguments, factors, a, h, b, -h)
                            - loop(row, arguments, factors, a, -h, b, h)
                            + loop(row, arguments, factors, a, -h, b, -h))
                        / (4 * h * h));
        assertThat(hessian[i * p + j])
            .as(row + " second difference %d %d", i, j)
            .isCloseTo(second, off(1e-7 * scale));
      }
    }
  }

  private static double extrapolate(java.util.function.DoubleUnaryOperator difference) {
    int levels = 4;
    double[] column = new double[levels];
    double h = 0.04;
    for (int k = 0; k < levels; k++, h /= 2) {
      column[k] = difference.applyAsDouble(h);
    }
    double factor = 4;
    for (int level = 1; level < levels; level++, factor *= 4) {
      for (int k = 0; k < levels - level; k++) {
        column[k] = (factor * column[k + 1] - column[k]) / (factor - 1);
      }
    }
    return column[0];
  }

  /** The loop's loss with arguments moved: pairs of variable and step. */
  private static double loop(Row row, double[][] arguments, double[] factors, double... moves) {
    double[][] moved = new double[arguments.length][];
    for (int k = 0; k < moved.length; k++) {
      moved[k] = arguments[k].clone();
    }
    for (int m = 0; m < moves.length; m += 2) {
      int variable = (int) moves[m];
      for (int k = 0; k < moved.length; k++) {
        if (row.isDifferentiated(k)) {
          if (variable >= 0 && variable < moved[k].length) {
            moved[k][variable] += moves[m + 1];
          }
          variable -= moved[k].length;
        }
      }
    }
    List<DerivativeStructure> values = row.evaluate(moved, 0);
    double sum = 0;
    for (int k = 0; k < factors.length; k++) {
      sum += factors[k] * values.get(k).getValue();
    }
    return sum;
  }

  static Stream<Row> rowsWithSpecialPoints() {
    return rows().filter(row -> !row.specials().isEmpty());
  }

  @ParameterizedTest
  @MethodSource("rowsWithSpecialPoints")
  void isRightAtSpecialPoints(Row row) {
    for (Row.Special special : row.specials()) {
      double[][] arguments =
          special.arguments().stream().map(RulesTest::array).toArray(double[][]::new);
      List<List<Integer>> shapes = new ArrayList<>();
      for (int k = 0; k < arguments.length; k++) {
        boolean vector = arguments[k].length > 1 || row.shapes().get(0).get(k).size() == 1;
        shapes.add(vector ? List.of(arguments[k].length) : List.of());
      }
      for (int run = 0; run < 4; run++) {
        Arguments as = Arguments.values()[run % 2];
        Differentiator.Mode mode = Differentiator.Mode.values()[run / 2];
        Evaluation evaluation = new Evaluation(row, shapes, as);
        double[] factors = new double[evaluation.resultSize()];
        java.util.Arrays.fill(factors, 1);
        Evaluation.Result result =
            evaluation.run(
                List.<double[][]>of(arguments),
                new double[][] {factors},
                new double[] {1},
                Precision.DOUBLE,
                mode);
        String what = row + " at " + special.arguments();
        assertClose(result.values().get(0), array(special.value()), 1e-14, 0, what + " value");
        if (evaluation.isDifferentiated()) {
          int p = special.gradient().size();
          assertClose(
              result.gradients().get(0), array(special.gradient()), 1e-14, 0, what + " gradient");
          assertClose(
              result.hessians().get(0),
              special.hessian().isEmpty() ? new double[p * p] : array(special.hessian()),
              1e-14,
              what + " hessian");
          if (as == Arguments.PARAMETERS) {
            assertClose(
                result.sums().products(), result.hessians().get(0), 1e-14, 0, what + " products");
          }
        }
      }
    }
  }

  private static double[] array(List<Double> values) {
    return values.stream().mapToDouble(v -> v).toArray();
  }

  private static org.assertj.core.data.Offset<Double> off(double tolerance) {
    return org.assertj.core.data.Offset.offset(tolerance);
  }

  /** Equal relative to the largest of what is expected, or to 0.1; NaN never is. */
  private static void assertClose(
      double[] actual, double[] expected, double tolerance, String what) {
    assertClose(actual, expected, tolerance, 0.1, what);
  }

  private static void assertClose(
      double[] actual, double[] expected, double tolerance, double floor, String what) {
    assertThat(actual).as(what).hasSameSizeAs(expected);
    double scale = Math.max(floor, largest(expected));
    for (int k = 0; k < expected.length; k++) {
      assertThat(Math.abs(actual[k] - expected[k]) <= tolerance * scale)
          .as("%s, element %d: %s instead of %s", what, k, actual[k], expected[k])
          .isTrue();
    }
  }

  private static double largest(double[] values) {
    double largest = 0;
    for (double value : values) {
      largest = Math.max(largest, Math.abs(value));
    }
    return largest;
  }
}
