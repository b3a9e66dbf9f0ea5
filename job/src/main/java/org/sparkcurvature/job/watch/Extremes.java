package org.sparkcurvature.job.watch;

import java.io.Serializable;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;

/** The rows of the largest magnitudes, the same ones in whatever order they come. */
public final class Extremes implements Serializable {
  private static final long serialVersionUID = 1;

  /** How many are kept. */
  public static final int MOST = 10;

  /**
   * A row.
   *
   * @param number its number
   * @param id the text of its id; empty where there is none
   * @param before its value in the column that is watched before; NaN where there is none
   */
  public record Extreme(long number, String id, double value, double before)
      implements Serializable {}

  private static final Comparator<Extreme> LEAST =
      Comparator.comparingDouble((Extreme extreme) -> Math.abs(extreme.value()))
          .thenComparing(Comparator.comparingLong(Extreme::number).reversed());

  private final PriorityQueue<Extreme> kept = new PriorityQueue<>(new Least());

  /** A comparator that can be sent. */
  private static final class Least implements Comparator<Extreme>, Serializable {
    private static final long serialVersionUID = 1;

    @Override
    public int compare(Extreme a, Extreme b) {
      return LEAST.compare(a, b);
    }
  }

  /** Whether a row of this magnitude would be kept; NaN never is. */
  boolean wants(double value) {
    return kept.size() < MOST
        ? !Double.isNaN(value)
        : Math.abs(value) >= Math.abs(kept.element().value());
  }

  void add(Extreme extreme) {
    kept.add(extreme);
    if (kept.size() > MOST) {
      kept.remove();
    }
  }

  void add(Extremes other) {
    other.kept.forEach(this::add);
  }

  /** The rows, the largest magnitude first. */
  public List<Extreme> descending() {
    return kept.stream().sorted(LEAST.reversed()).toList();
  }
}
