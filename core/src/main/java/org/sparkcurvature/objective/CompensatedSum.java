package org.sparkcurvature.objective;

import java.io.Serializable;

/**
 * Sums of vectors of one length. Each element is carried as two doubles, the second of which
 * collects what the first rounds away (Knuth's two-sum), so that it is accurate however many terms
 * there are.
 */
public final class CompensatedSum implements Serializable {
  private static final long serialVersionUID = 1L;
  private final double[] high;
  private final double[] low;

  CompensatedSum(int length) {
    this(new double[length], new double[length]);
  }

  private CompensatedSum(double[] high, double[] low) {
    this.high = high;
    this.low = low;
  }

  void add(int at, double value) {
    double sum = high[at] + value;
    double shift = sum - high[at];
    low[at] += (high[at] - (sum - shift)) + (value - shift);
    high[at] = sum;
  }

  void add(int at, double[] values, int count) {
    double[] h = high;
    double[] l = low;
    for (int k = 0; k < count; k++) {
      double old = h[at + k];
      double sum = old + values[k];
      double shift = sum - old;
      l[at + k] += (old - (sum - shift)) + (values[k] - shift);
      h[at + k] = sum;
    }
  }

  /**
   * Adds another partial sum. The order of adding decides the last bits.
   *
   * @throws IllegalArgumentException if it has another length
   */
  public void add(CompensatedSum other) {
    if (other.high.length != high.length) {
      throw new IllegalArgumentException(
          "sums of lengths " + high.length + " and " + other.high.length);
    }
    add(0, other.high, high.length);
    for (int k = 0; k < low.length; k++) {
      low[k] += other.low[k];
    }
  }

  /** {@code rows} runs of {@code length} elements, one every {@code stride}, from {@code from}. */
  CompensatedSum rows(int from, int rows, int length, int stride) {
    CompensatedSum part = new CompensatedSum(Math.multiplyExact(rows, length));
    for (int r = 0; r < rows; r++) {
      System.arraycopy(high, from + r * stride, part.high, r * length, length);
      System.arraycopy(low, from + r * stride, part.low, r * length, length);
    }
    return part;
  }

  /** The sums, a fresh array. */
  public double[] values() {
    double[] values = new double[high.length];
    for (int k = 0; k < values.length; k++) {
      values[k] = high[k] + low[k];
    }
    return values;
  }
}
