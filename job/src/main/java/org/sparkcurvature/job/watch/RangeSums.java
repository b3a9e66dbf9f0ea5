package org.sparkcurvature.job.watch;

import java.io.Serializable;

/**
 * Sums by ranges of a number: those whose double has the same sign, exponent and first seven bits
 * behind the point are together, so that a number is known to 0.8 % of itself. What it takes does
 * not grow with the numbers.
 */
final class RangeSums implements Serializable {
  private static final long serialVersionUID = 1;

  private static final int BITS = 7;
  private static final int WITHIN = 1 << BITS;
  private static final int SHIFT = 52 - BITS;

  /** Sign and exponent. */
  private static final int OUTER = 1 << 12;

  private static final int NEGATIVE = 1 << 11;
  private static final int INFINITE = NEGATIVE - 1;

  private final int width;
  private final double[][] sums = new double[OUTER][];

  /**
   * @param width how many sums a range has
   */
  RangeSums(int width) {
    this.width = width;
  }

  /** What takes the ranges in their order. */
  interface Visitor {

    /**
     * Takes the next range.
     *
     * @param value in the middle of the range
     * @param sums where its sums begin at {@code from}
     */
    void range(double value, double[] sums, int from);
  }

  /** Adds 1 to the first sum of a number's range. */
  void count(double value) {
    long bits = bits(value);
    range(bits)[within(bits)]++;
  }

  /** The array in which the sums of a number's range lie, from {@link #place} on. */
  double[] sums(double value) {
    return range(bits(value));
  }

  int place(double value) {
    return within(bits(value));
  }

  private double[] range(long bits) {
    int outer = (int) (bits >>> 52);
    if (sums[outer] == null) {
      sums[outer] = new double[width * WITHIN];
    }
    return sums[outer];
  }

  private int within(long bits) {
    return width * ((int) (bits >>> SHIFT) & (WITHIN - 1));
  }

  /** What is below the smallest normal number counts as 0. */
  private static long bits(double value) {
    return Math.abs(value) < Double.MIN_NORMAL ? 0 : Double.doubleToRawLongBits(value);
  }

  /** Adds the sums of others, of the same width. */
  void add(RangeSums other) {
    for (int outer = 0; outer < OUTER; outer++) {
      if (other.sums[outer] != null) {
        if (sums[outer] == null) {
          sums[outer] = other.sums[outer].clone();
        } else {
          for (int k = 0; k < width * WITHIN; k++) {
            sums[outer][k] += other.sums[outer][k];
          }
        }
      }
    }
  }

  /** Visits the ranges by ascending numbers, those of a first sum of 0 left out. */
  void ascending(Visitor visitor) {
    for (int k = 0; k < OUTER; k++) {
      // Below 0 the largest magnitudes come first.
      boolean below = k < NEGATIVE;
      int outer = below ? OUTER - 1 - k : k - NEGATIVE;
      for (int i = 0; sums[outer] != null && i < WITHIN; i++) {
        int within = below ? WITHIN - 1 - i : i;
        if (sums[outer][width * within] > 0) {
          visitor.range(middle(outer, within), sums[outer], width * within);
        }
      }
    }
  }

  private static double middle(int outer, int within) {
    int exponent = outer & ~NEGATIVE;
    if (exponent == 0) {
      return 0;
    }
    long low = ((long) outer << 52) | ((long) within << SHIFT);
    return Double.longBitsToDouble(exponent == INFINITE ? low : low | (1L << (SHIFT - 1)));
  }
}
