package org.sparkcurvature.job.result;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.sparkcurvature.job.solve.ScaledHessian;

/**
 * A direction in the space of parameters, named by its largest elements: {@code beta[x3] - 0.5
 * beta[x7]}, relative to the largest, which comes first. Which are large is seen on scales that
 * make elements comparable, whatever their units; the numbers are in the elements' own.
 */
public final class Direction {
  private static final MathContext DIGITS = new MathContext(3);
  private static final int MOST = 3;
  private static final double LEAST = 0.05;

  private Direction() {}

  /**
   * A direction in words, whose elements have one unit.
   *
   * @param direction length P, not 0
   * @param names of its elements
   */
  public static String describe(double[] direction, List<String> names) {
    return describe(direction, new double[0], names);
  }

  /** The k-th eigenvector of a matrix, seen on the matrix's scales. */
  public static String describe(ScaledHessian hessian, int k, List<String> names) {
    return describe(hessian.direction(k), hessian.scales(), names);
  }

  /**
   * A direction in words.
   *
   * @param direction length P, not 0
   * @param scales an element times its scale is compared with the others; ones where they are empty
   * @param names of its elements
   */
  public static String describe(double[] direction, double[] scales, List<String> names) {
    return describe(-1, direction, scales, names);
  }

  /**
   * As the other one.
   *
   * @param first the element that comes first, not 0; -1: the largest
   */
  public static String describe(
      int first, double[] direction, double[] scales, List<String> names) {
    double[] sizes = new double[direction.length];
    for (int k = 0; k < sizes.length; k++) {
      sizes[k] = Math.abs(direction[k]) * (scales.length == 0 ? 1 : scales[k]);
    }
    List<Integer> order =
        IntStream.range(0, direction.length)
            .boxed()
            .sorted(Comparator.comparingDouble(k -> k == first ? -Double.MAX_VALUE : -sizes[k]))
            .toList();
    double largest = direction[order.get(0)];
    StringBuilder text = new StringBuilder(names.get(order.get(0)));
    int shown = 1;
    for (int k : order.subList(1, order.size())) {
      double share = direction[k] / largest;
      if (sizes[k] == 0 || sizes[k] < LEAST * sizes[order.get(0)]) {
        break;
      }
      if (shown++ == MOST) {
        return text.append(" + ...").toString();
      }
      text.append(share < 0 ? " - " : " + ");
      String factor = factor(Math.abs(share));
      text.append(factor.equals("1") ? "" : factor + " ").append(names.get(k));
    }
    return text.toString();
  }

  /** As the other one, of a direction one way along which something happens: with its sign. */
  public static String signed(double[] direction, double[] scales, List<String> names) {
    String text = describe(direction, scales, names);
    int largest = 0;
    for (int k = 1; k < direction.length; k++) {
      if (Math.abs(direction[k]) * scales[k] > Math.abs(direction[largest]) * scales[largest]) {
        largest = k;
      }
    }
    if (direction[largest] > 0) {
      return text;
    }
    return text.equals(names.get(largest)) ? "-" + text : "-(" + text + ")";
  }

  private static String factor(double share) {
    BigDecimal rounded = BigDecimal.valueOf(share).round(DIGITS).stripTrailingZeros();
    return share >= 1e-4 && share < 1e7
        ? rounded.toPlainString()
        : "%se%d"
            .formatted(
                rounded.unscaledValue().toString().replaceFirst("(?<=^.)(?=.)", "."),
                rounded.precision() - rounded.scale() - 1);
  }
}
