package org.sparkcurvature.job.result;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A direction in the space of parameters, named by its largest elements: {@code beta[x3] - 0.5
 * beta[x7]}, relative to the largest, which comes first.
 */
public final class Direction {
  private static final MathContext DIGITS = new MathContext(3);
  private static final int MOST = 3;
  private static final double LEAST = 0.05;

  private Direction() {}

  /**
   * The direction in words.
   *
   * @param direction length P, not 0
   * @param names of its elements
   */
  public static String describe(double[] direction, List<String> names) {
    List<Integer> order =
        IntStream.range(0, direction.length)
            .boxed()
            .sorted(Comparator.comparingDouble(k -> -Math.abs(direction[k])))
            .toList();
    double largest = direction[order.get(0)];
    StringBuilder text = new StringBuilder(names.get(order.get(0)));
    int shown = 1;
    for (int k : order.subList(1, order.size())) {
      double share = direction[k] / largest;
      if (Math.abs(share) < LEAST) {
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

  private static String factor(double share) {
    return BigDecimal.valueOf(share).round(DIGITS).stripTrailingZeros().toPlainString();
  }
}
