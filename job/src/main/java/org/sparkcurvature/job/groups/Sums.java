package org.sparkcurvature.job.groups;

import java.util.Arrays;

/**
 * Sums over the rows of a group, added in their order: in runs of a fixed length, and these with
 * compensation, so that neither blocks nor other groups change a bit, and the error does not grow
 * with the rows.
 */
final class Sums {
  static final int RUN = 128;

  private double[] part;
  private final double[] sum;
  private final double[] error;
  private int rows;

  /** Whether a run has been added to the sums. */
  private boolean flushed;

  Sums(int length) {
    this.part = new double[length];
    this.sum = new double[length];
    this.error = new double[length];
  }

  /**
   * Where the terms of rows are added, at most {@link #room} of them; {@link #next} counts them.
   */
  double[] part() {
    return part;
  }

  /** How many rows may be added to what is there. */
  int room() {
    return RUN - rows;
  }

  void next(int count) {
    rows += count;
    if (rows == RUN) {
      flush();
    }
  }

  private void flush() {
    flushed = true;
    for (int i = 0; i < part.length; i++) {
      // Knuth's sum of two numbers with its error.
      double a = sum[i];
      double b = part[i];
      double s = a + b;
      double t = s - a;
      error[i] += (a - (s - t)) + (b - t);
      sum[i] = s;
      part[i] = 0;
    }
    rows = 0;
  }

  /** The sums, and begins anew. */
  double[] take() {
    if (!flushed) {
      // The usual case: no more rows than a run has.
      double[] only = part;
      part = new double[only.length];
      rows = 0;
      return only;
    }
    flush();
    flushed = false;
    double[] result = sum.clone();
    for (int i = 0; i < result.length; i++) {
      // The error of what is not finite is NaN.
      result[i] += Double.isFinite(error[i]) ? error[i] : 0;
    }
    Arrays.fill(sum, 0);
    Arrays.fill(error, 0);
    return result;
  }
}
