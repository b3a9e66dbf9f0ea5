package org.sparkcurvature.job.language;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.sparkcurvature.engine.NonFiniteException;
import org.sparkcurvature.rewrite.Rewriter;

/**
 * What patterns of rewriting match, over many orders of magnitude: value, gradient and Hessian
 * against {@code table.csv}, which {@code make.py} beside it computes with as many digits as it
 * takes. Each element that is not zero to 1e-10 of itself.
 */
class SweepTest {
  private static final double TOLERANCE = 1e-10;

  /** Of 1, or of the largest element, where the true value is zero. */
  private static final double OF_ZERO = 1e-14;

  /** A line of the table. */
  private record Point(
      String expression,
      Map<String, Double> at,
      double[] value,
      double[] gradient,
      double[] hessian) {

    static Point of(String line) {
      String[] cells = line.split(" \\| ");
      Map<String, Double> at = new LinkedHashMap<>();
      for (String variable : cells[1].split(",")) {
        String[] pair = variable.split("=");
        at.put(pair[0], Double.valueOf(pair[1]));
      }
      return new Point(cells[0], at, numbers(cells[2]), numbers(cells[3]), numbers(cells[4]));
    }

    private static double[] numbers(String cell) {
      return Arrays.stream(cell.split(" ")).mapToDouble(Double::parseDouble).toArray();
    }
  }

  static Stream<Arguments> expressions() throws IOException {
    Path table = Path.of("src/test/resources/org/sparkcurvature/job/sweep/table.csv");
    return Files.readAllLines(table).stream()
        .map(Point::of)
        .collect(Collectors.groupingBy(Point::expression, LinkedHashMap::new, Collectors.toList()))
        .entrySet()
        .stream()
        .map(e -> Arguments.of(e.getKey(), e.getValue()));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("expressions")
  void keepsItsDigits(String expression, List<Point> points) {
    List<String> lost = new ArrayList<>();
    for (Point point : points) {
      try {
        Expression.Results found =
            Expression.of(expression, point.at()).evaluate(List.copyOf(point.at().keySet())).get(0);
        compare(lost, point, "value", new double[] {found.value()}, point.value());
        compare(lost, point, "gradient", found.gradient(), point.gradient());
        compare(lost, point, "hessian", found.hessian(), point.hessian());
      } catch (NonFiniteException e) {
        lost.add(point.at() + ": " + e.getMessage());
      }
    }
    assertThat(lost).isEmpty();
  }

  /**
   * A pattern that no line of the table goes through is missing here. An index must be an input,
   * and the table has parameters alone: the pattern that needs one is swept by {@link DigitsTest}'s
   * margins.
   */
  @Test
  void everyPatternIsSwept() throws IOException {
    Set<String> missing = new TreeSet<>(Rewriter.patterns());
    missing.remove("lgamma(a * x) -> lgamma_product(a, x), x of inputs");
    missing.remove("logsumexp(z) - z[y], two classes -> binary_cross_entropy(z[1] - z[0], y)");
    expressions()
        .map(arguments -> ((List<?>) arguments.get()[1]).get(0))
        .map(point -> (Point) point)
        .flatMap(
            point ->
                Expression.of(point.expression(), point.at())
                    .rewritings(List.copyOf(point.at().keySet()))
                    .stream())
        .forEach(applied -> missing.removeAll(applied.patterns()));
    assertThat(missing).isEmpty();
  }

  private static void compare(
      List<String> lost, Point point, String what, double[] found, double[] expected) {
    assertThat(found).hasSameSizeAs(expected);
    double largest = Arrays.stream(expected).map(Math::abs).max().orElse(0);
    for (int k = 0; k < found.length; k++) {
      double allowed =
          expected[k] == 0 ? OF_ZERO * Math.max(1, largest) : TOLERANCE * Math.abs(expected[k]);
      if (!(Math.abs(found[k] - expected[k]) <= allowed)) {
        lost.add(
            "%s: %s[%d] is %s instead of %s".formatted(point.at(), what, k, found[k], expected[k]));
      }
    }
  }
}
