package org.sparkcurvature.ops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.withPrecision;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Elementwise functions against numbers computed in 700 digits (reference.csv, made by
 * reference.py): values, first and second derivatives, at ordinary and at extreme arguments.
 * Relative error, element by element.
 */
class ReferenceTest {
  private static final double USUAL = 1e-12;

  /** Smaller numbers have fewer digits, or none. */
  private static final double SUBNORMAL = Double.MIN_NORMAL * 0x1p30;

  /** Functions with zeros that no double hits: near one, the error is relative to 1 instead. */
  private static final Map<String, String> RELATIVE_TO_ONE =
      Map.of(
          "lgamma", "crosses zero between the negative integers",
          "digamma", "crosses zero near 1.46 and between the negative integers",
          "log_diff_exp", "crosses zero where exp(a) = exp(b) + 1, between a and a term near -a",
          "logaddexp", "crosses zero where exp(a) + exp(b) = 1");

  private record Line(String function, double[] arguments, double[] expected) {}

  private static Map<String, List<Line>> lines() {
    Map<String, List<Line>> lines = new LinkedHashMap<>();
    try (BufferedReader reader =
        new BufferedReader(
            new InputStreamReader(
                ReferenceTest.class.getResourceAsStream("reference.csv"),
                StandardCharsets.UTF_8))) {
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        String[] cells = line.split(",");
        int arity = Elementwise.row(cells[0]).arity();
        double[] numbers =
            Arrays.stream(cells, 1, cells.length).mapToDouble(Double::parseDouble).toArray();
        lines
            .computeIfAbsent(cells[0], name -> new ArrayList<>())
            .add(
                new Line(
                    cells[0],
                    Arrays.copyOf(numbers, arity),
                    Arrays.copyOfRange(numbers, arity, numbers.length)));
      }
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
    return lines;
  }

  static Stream<String> functions() {
    return lines().keySet().stream();
  }

  /** What returns only 0 and 1, a power of two or one of its arguments has no digits to check. */
  private static final List<String> EXACT =
      List.of(
          "equal",
          "not_equal",
          "less",
          "less_equal",
          "greater",
          "greater_equal",
          "and",
          "or",
          "not",
          "where",
          "floor",
          "round",
          "norm_scale");

  @Test
  void everyFunctionHasNumbers() {
    TreeSet<String> with = new TreeSet<>(lines().keySet());
    with.addAll(EXACT);
    assertThat(with).isEqualTo(new TreeSet<>(Elementwise.table().keySet()));
  }

  @ParameterizedTest
  @MethodSource("functions")
  void agreesWithNumbersInManyDigits(String function) {
    for (Line line : lines().get(function)) {
      double[] actual = evaluate(Elementwise.row(function), line.arguments());
      assertThat(actual).hasSameSizeAs(line.expected());
      for (int k = 0; k < actual.length; k++) {
        double expected = line.expected()[k];
        double floor = RELATIVE_TO_ONE.containsKey(function) ? 1 : 0;
        double error = Math.abs(actual[k] - expected);
        boolean close =
            actual[k] == expected
                || error <= USUAL * Math.max(Math.abs(expected), floor)
                || error <= SUBNORMAL && Math.abs(expected) <= SUBNORMAL;
        assertThat(close)
            .as(
                "%s%s, number %d: %s instead of %s",
                function, Arrays.toString(line.arguments()), k, actual[k], expected)
            .isTrue();
      }
    }
  }

  // spotless:off
  @ParameterizedTest
  @CsvSource({
      "logaddexp,  Infinity,  Infinity,  Infinity, 0.5, 0.5",
      "logaddexp, -Infinity, -Infinity, -Infinity, 0.5, 0.5",
      "logaddexp, -Infinity,  2,         2,        0,   1",
      "logaddexp,  2, -Infinity,         2,        1,   0",
      "log_diff_exp, 2, -Infinity,       2,        1,   0",
      "greatest,   1, -Infinity,         1,        1,   0",
      "least,     -1,  Infinity,        -1,        1,   0"
  })
  // spotless:on
  void infiniteArgumentsHaveTheirLimits(
      String function, double a, double b, double value, double first, double second) {
    double[] actual = evaluate(Elementwise.row(function), new double[] {a, b});
    assertThat(Arrays.copyOf(actual, 3))
        .usingElementComparator((x, y) -> x == y.doubleValue() ? 0 : 1)
        .containsExactly(value, first, second);
  }

  /** log Gamma(n) = log (n - 1)!, which is exact until its logarithm is taken. */
  @Test
  void logGammaOfIntegersIsThatOfFactorials() {
    BigInteger factorial = BigInteger.ONE;
    for (int n = 1; n < 1000; n++) {
      int exponent = Math.max(0, factorial.bitLength() - 1000);
      double expected =
          Math.log(factorial.shiftRight(exponent).doubleValue()) + exponent * Math.log(2);
      assertThat(SpecialFunctions.lgamma(n))
          .as("n = %d", n)
          .isEqualTo(expected, withPrecision(1e-14 * Math.max(1, expected)));
      factorial = factorial.multiply(BigInteger.valueOf(n));
    }
  }

  static Stream<Elementwise> rows() {
    return Elementwise.table().values().stream();
  }

  /** What stands in for arguments of a branch that is not taken is harmless. */
  @ParameterizedTest
  @MethodSource("rows")
  void isFiniteAtItsInteriorPoint(Elementwise row) {
    double[] usual = {-1e3, -20, -0.5, 0, 0.5, 20, 1e3};
    double[] arguments = new double[row.arity()];
    for (int k = 0; k < Math.pow(usual.length, row.arity()); k++) {
      int choice = k;
      for (int operand = 0; operand < arguments.length; operand++) {
        arguments[operand] = row.interior(operand).orElse(usual[choice % usual.length]);
        choice /= usual.length;
      }
      for (double result : evaluate(row, arguments)) {
        assertThat(result).as(row.name() + Arrays.toString(arguments)).isFinite();
      }
    }
  }

  /** The value, the first derivatives, the second derivatives. */
  private static double[] evaluate(Elementwise row, double[] arguments) {
    List<Double> results = new ArrayList<>();
    double[] lane = Arrays.copyOf(arguments, 5);
    double value = evaluate(row, List.of(), lane);
    results.add(value);
    lane[row.arity()] = value;
    for (int k = 0; k < row.arity(); k++) {
      results.add(evaluate(row, List.of(k), lane));
    }
    lane[row.arity() + 1] = results.get(1);
    for (int k = 0; k < row.arity(); k++) {
      for (int l = k; l < row.arity(); l++) {
        results.add(evaluate(row, List.of(k, l), lane));
      }
    }
    return results.stream().mapToDouble(v -> v).toArray();
  }

  /** As a kernel does: by a loop over many lanes, where there is one. */
  private static double evaluate(Elementwise row, List<Integer> partial, double[] x) {
    if (row.loop(partial).isEmpty()) {
      return row.lane(partial).at(x[0], x[1], x[2]);
    }
    double[] y = new double[1];
    row.loop(partial)
        .get()
        .run(new double[] {x[0]}, new double[] {x[1]}, new double[] {x[2]}, y, 1);
    return y[0];
  }
}
