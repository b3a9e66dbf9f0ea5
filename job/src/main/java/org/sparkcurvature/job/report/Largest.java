package org.sparkcurvature.job.report;

import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;

/** The elements of largest magnitude, found in one pass. */
public final class Largest {
  private static final Comparator<Element> BY_MAGNITUDE =
      Comparator.comparingDouble(element -> Math.abs(element.value()));

  private final int count;
  private final PriorityQueue<Element> kept = new PriorityQueue<>(BY_MAGNITUDE);

  /** An element of a matrix; of a vector where {@code row} and {@code column} are equal. */
  public record Element(int row, int column, double value) {}

  /** Keeps the {@code count} largest. */
  public Largest(int count) {
    this.count = count;
  }

  public void offer(int row, int column, double value) {
    if (kept.size() < count) {
      kept.add(new Element(row, column, value));
    } else if (Math.abs(value) > Math.abs(kept.element().value())) {
      kept.remove();
      kept.add(new Element(row, column, value));
    }
  }

  /** The elements kept, largest magnitude first; equal ones in their order. */
  public List<Element> descending() {
    return kept.stream()
        .sorted(
            BY_MAGNITUDE
                .reversed()
                .thenComparingInt(Element::row)
                .thenComparingInt(Element::column))
        .toList();
  }

  /**
   * The positions of the {@code count} values of the largest magnitude, ascending; of equal ones
   * the first. NaN counts as 0.
   */
  public static int[] positions(double[] values, int count) {
    ToDoubleFunction<Integer> magnitude = k -> Double.isNaN(values[k]) ? 0 : -Math.abs(values[k]);
    return IntStream.range(0, values.length)
        .boxed()
        .sorted(Comparator.comparingDouble(magnitude))
        .limit(count)
        .mapToInt(Integer::intValue)
        .sorted()
        .toArray();
  }
}
