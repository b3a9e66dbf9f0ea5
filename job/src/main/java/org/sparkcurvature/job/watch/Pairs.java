package org.sparkcurvature.job.watch;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * How the magnitudes of two numbers of rows lie together: counts in cells that are a quarter of a
 * power of two wide each way. Rows where either is 0, or not finite, are counted apart.
 */
public final class Pairs implements Serializable {
  private static final long serialVersionUID = 1;

  private static final int SHIFT = 50;

  private final Map<Integer, Long> counts = new HashMap<>();
  private long apart;

  /** Rows in a cell: numbers from {@code x} to {@code toX} and from {@code y} to {@code toY}. */
  public record Cell(double x, double toX, double y, double toY, long rows) {}

  void add(double signedX, double signedY) {
    double x = Math.abs(signedX);
    double y = Math.abs(signedY);
    boolean inside =
        x >= Double.MIN_NORMAL
            && y >= Double.MIN_NORMAL
            && x < Double.POSITIVE_INFINITY
            && y < Double.POSITIVE_INFINITY;
    if (inside) {
      counts.merge(step(x) << 16 | step(y), 1L, Long::sum);
    } else {
      apart++;
    }
  }

  private static int step(double value) {
    return (int) (Double.doubleToRawLongBits(value) >>> SHIFT);
  }

  private static double from(int step) {
    return Double.longBitsToDouble((long) step << SHIFT);
  }

  void add(Pairs other) {
    other.counts.forEach((cell, rows) -> counts.merge(cell, rows, Long::sum));
    apart += other.apart;
  }

  /** The rows that are in no cell. */
  public long apart() {
    return apart;
  }

  /** The cells with rows, by ascending x, then y. */
  public List<Cell> cells() {
    List<Cell> cells = new ArrayList<>();
    counts.keySet().stream()
        .sorted()
        .forEach(
            cell -> {
              int x = cell >>> 16;
              int y = cell & 0xffff;
              cells.add(new Cell(from(x), from(x + 1), from(y), from(y + 1), counts.get(cell)));
            });
    return cells;
  }
}
