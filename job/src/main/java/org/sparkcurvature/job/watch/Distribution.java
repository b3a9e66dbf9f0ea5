package org.sparkcurvature.job.watch;

import java.io.Serializable;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;

/**
 * How numbers are distributed: how many there are in each of the {@link RangeSums ranges}, so that
 * a quantile is known to 0.8 % of itself. Adding up is exact and does not depend on the order.
 */
public final class Distribution implements Serializable {
  private static final long serialVersionUID = 1;

  private final RangeSums counts = new RangeSums(1);
  private long count;
  private long undefined;
  private boolean whole = true;
  private double smallest = Double.POSITIVE_INFINITY;
  private double largest = Double.NEGATIVE_INFINITY;

  /** Adds a number; NaN is counted apart. */
  public void add(double value) {
    if (Double.isNaN(value)) {
      undefined++;
      return;
    }
    count++;
    // This runs for every row of a table: once an answer is known, the test behind it is left out.
    if (whole) {
      whole = value == Math.rint(value);
    }
    if (value < smallest) {
      smallest = value;
    }
    if (value > largest) {
      largest = value;
    }
    counts.count(value);
  }

  /** Adds all numbers of another distribution. */
  public void add(Distribution other) {
    count += other.count;
    undefined += other.undefined;
    whole &= other.whole;
    smallest = Math.min(smallest, other.smallest);
    largest = Math.max(largest, other.largest);
    counts.add(other.counts);
  }

  /** How many numbers there are, those that are NaN left out. */
  public long count() {
    return count;
  }

  /** How many were NaN, or had no value. */
  public long undefined() {
    return undefined;
  }

  /** Whether all numbers are whole ones. */
  public boolean isWhole() {
    return whole;
  }

  /** The smallest number; infinite where there is none. */
  public double smallest() {
    return smallest;
  }

  /** The largest number. */
  public double largest() {
    return largest;
  }

  /**
   * The number below which a share of all lies, to 0.8 % of itself; exact up to 255 where all are
   * whole ones.
   *
   * @param share from 0 to 1
   * @return NaN where there are no numbers
   */
  public double quantile(double share) {
    if (count == 0) {
      return Double.NaN;
    }
    double wanted = Math.max(1, Math.ceil(share * count));
    double[] passed = {0};
    double[] found = {largest};
    counts.ascending(
        (value, sums, at) -> {
          if (passed[0] < wanted && passed[0] + sums[at] >= wanted) {
            found[0] = value;
          }
          passed[0] += sums[at];
        });
    double quantile = Math.max(smallest, Math.min(largest, found[0]));
    return !whole ? quantile : quantile < 0 ? Math.ceil(quantile) : Math.floor(quantile);
  }

  /**
   * The magnitude below which a share of all lies, to 0.8 % of itself.
   *
   * @param share from 0 to 1
   * @return NaN where there are no numbers
   */
  public double magnitude(double share) {
    TreeMap<Double, Double> magnitudes = new TreeMap<>();
    counts.ascending((value, sums, at) -> magnitudes.merge(Math.abs(value), sums[at], Double::sum));
    double wanted = Math.max(1, Math.ceil(share * count));
    double passed = 0;
    for (Map.Entry<Double, Double> range : magnitudes.entrySet()) {
      passed += range.getValue();
      if (passed >= wanted) {
        return Math.min(range.getKey(), Math.max(Math.abs(smallest), Math.abs(largest)));
      }
    }
    return Double.NaN;
  }

  /**
   * Counts in equal ranges: what lies outside counts in the first or the last.
   *
   * @param edges ascending, at least two
   */
  public long[] histogram(double[] edges) {
    long[] histogram = new long[edges.length - 1];
    counts.ascending(
        (value, sums, from) -> {
          int at = Arrays.binarySearch(edges, value);
          int range = at >= 0 ? at : -at - 2;
          histogram[Math.max(0, Math.min(histogram.length - 1, range))] += (long) sums[from];
        });
    return histogram;
  }
}
