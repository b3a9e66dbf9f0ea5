package org.sparkcurvature.job.watch;

import java.io.Serializable;
import java.util.Arrays;
import java.util.TreeMap;

/**
 * How numbers are distributed: counts of those whose double has the same sign, exponent and first
 * seven bits behind the point, so that a quantile is known to 0.8 % of itself. Adding up is exact
 * and does not depend on the order; what it takes does not grow with the numbers.
 */
public final class Distribution implements Serializable {
  private static final long serialVersionUID = 1;

  private static final int BITS = 7;
  private static final int WITHIN = 1 << BITS;
  private static final int SHIFT = 52 - BITS;

  /** Sign and exponent; what is below the smallest normal number counts as 0. */
  private static final int OUTER = 1 << 12;

  private static final int NEGATIVE = 1 << 11;

  private final long[][] counts = new long[OUTER][];
  private long count;
  private long zeros;
  private long undefined;
  private double smallest = Double.POSITIVE_INFINITY;
  private double largest = Double.NEGATIVE_INFINITY;

  /** Adds a number; NaN is counted apart. */
  public void add(double value) {
    if (Double.isNaN(value)) {
      undefined++;
      return;
    }
    count++;
    smallest = Math.min(smallest, value);
    largest = Math.max(largest, value);
    if (Math.abs(value) < Double.MIN_NORMAL) {
      zeros++;
      return;
    }
    long bits = Double.doubleToRawLongBits(value);
    int outer = (int) (bits >>> 52);
    long[] within = counts[outer];
    if (within == null) {
      within = new long[WITHIN];
      counts[outer] = within;
    }
    within[(int) (bits >>> SHIFT) & (WITHIN - 1)]++;
  }

  /** Adds all numbers of another distribution. */
  public void add(Distribution other) {
    count += other.count;
    zeros += other.zeros;
    undefined += other.undefined;
    smallest = Math.min(smallest, other.smallest);
    largest = Math.max(largest, other.largest);
    for (int outer = 0; outer < OUTER; outer++) {
      if (other.counts[outer] != null) {
        if (counts[outer] == null) {
          counts[outer] = other.counts[outer].clone();
        } else {
          for (int k = 0; k < WITHIN; k++) {
            counts[outer][k] += other.counts[outer][k];
          }
        }
      }
    }
  }

  /** How many numbers there are, those that are NaN left out. */
  public long count() {
    return count;
  }

  /** How many were NaN, or had no value. */
  public long undefined() {
    return undefined;
  }

  /** The smallest number; infinite where there is none. */
  public double smallest() {
    return smallest;
  }

  /** The largest number. */
  public double largest() {
    return largest;
  }

  /** The counts in ascending order, by the middle of their ranges. */
  private TreeMap<Double, Long> ascending() {
    TreeMap<Double, Long> ascending = new TreeMap<>();
    if (zeros > 0) {
      ascending.put(0.0, zeros);
    }
    for (int outer = 0; outer < OUTER; outer++) {
      for (int k = 0; counts[outer] != null && k < WITHIN; k++) {
        if (counts[outer][k] > 0) {
          ascending.merge(middle(outer, k), counts[outer][k], Long::sum);
        }
      }
    }
    return ascending;
  }

  private static double middle(int outer, int k) {
    long from = ((long) outer << 52) | ((long) k << SHIFT);
    double low = Double.longBitsToDouble(from);
    return Double.isInfinite(low) || (outer & ~NEGATIVE) == 0x7ff
        ? (outer & NEGATIVE) == 0 ? Double.POSITIVE_INFINITY : Double.NEGATIVE_INFINITY
        : Double.longBitsToDouble(from | (1L << (SHIFT - 1)));
  }

  /**
   * The number below which a share of all lies, to 0.8 % of itself.
   *
   * @param share from 0 to 1
   * @return NaN where there are no numbers
   */
  public double quantile(double share) {
    if (count == 0) {
      return Double.NaN;
    }
    long wanted = (long) Math.ceil(share * count);
    long passed = 0;
    for (var entry : ascending().entrySet()) {
      passed += entry.getValue();
      if (passed >= Math.max(1, wanted)) {
        return Math.max(smallest, Math.min(largest, entry.getKey()));
      }
    }
    return largest;
  }

  /**
   * Counts in equal ranges: what lies outside counts in the first or the last.
   *
   * @param edges ascending, at least two
   */
  public long[] histogram(double[] edges) {
    long[] histogram = new long[edges.length - 1];
    ascending()
        .forEach(
            (value, number) -> {
              int at = Arrays.binarySearch(edges, value);
              int range = at >= 0 ? at : -at - 2;
              histogram[Math.max(0, Math.min(histogram.length - 1, range))] += number;
            });
    return histogram;
  }
}
