package org.sparkcurvature.engine;

import java.io.Serializable;

/**
 * Sums of vectors of one length. Each element is carried as two doubles, the second of which
 * collects what the first rounds away (Knuth's two-sum), so that it is accurate however many terms
 * there are.
 */
public final class CompensatedSum implements Serializable {
  private static final long serialVersionUID = 1L;
  private static final double[] NOTHING = {};

  private final int length;

  /** Empty as long as nothing has been added. */
  private double[] high = NOTHING;

  /** What was rounded away; empty as long as no element has two terms. */
  private double[] low = NOTHING;

  CompensatedSum(int length) {
    this.length = length;
  }

  void add(int at, double value) {
    begin();
    open();
    double sum = high[at] + value;
    double shift = sum - high[at];
    low[at] += (high[at] - (sum - shift)) + (value - shift);
    high[at] = sum;
  }

  void add(int at, double[] values, int count) {
    begin();
    double[] h = high;
    if (low.length == 0 && isZero(at, count)) {
      for (int k = 0; k < count; k++) {
        // Zero has no sign here, whichever it was.
        h[at + k] = values[k] + 0.0;
      }
      return;
    }
    open();
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
    if (other.length != length) {
      throw new IllegalArgumentException("sums of lengths " + length + " and " + other.length);
    }
    if (other.high.length == 0) {
      return;
    }
    begin();
    open();
    double[] h = high;
    double[] l = low;
    double[] values = other.high;
    for (int k = 0; k < h.length; k++) {
      double old = h[k];
      double sum = old + values[k];
      double shift = sum - old;
      l[k] += (old - (sum - shift)) + (values[k] - shift);
      h[k] = sum;
    }
    for (int k = 0; k < other.low.length; k++) {
      l[k] += other.low[k];
    }
  }

  private void begin() {
    if (high.length == 0) {
      high = new double[length];
    }
  }

  private void open() {
    if (low.length == 0) {
      low = new double[length];
    }
  }

  private boolean isZero(int at, int count) {
    for (int k = at; k < at + count; k++) {
      if (high[k] != 0) {
        return false;
      }
    }
    return true;
  }

  /** {@code rows} runs of {@code length} elements, one every {@code stride}, from {@code from}. */
  CompensatedSum rows(int from, int rows, int length, int stride) {
    CompensatedSum part = new CompensatedSum(Math.multiplyExact(rows, length));
    if (high.length == 0) {
      return part;
    }
    part.begin();
    if (low.length > 0) {
      part.open();
    }
    for (int r = 0; r < rows; r++) {
      System.arraycopy(high, from + r * stride, part.high, r * length, length);
      if (low.length > 0) {
        System.arraycopy(low, from + r * stride, part.low, r * length, length);
      }
    }
    return part;
  }

  /** The sums, a fresh array. */
  public double[] values() {
    if (low.length == 0) {
      return java.util.Arrays.copyOf(high, length);
    }
    double[] values = new double[length];
    for (int k = 0; k < length; k++) {
      values[k] = high[k] + low[k];
    }
    return values;
  }
}
