package org.sparkcurvature.job.groups;

/** Combinations of columns that lie one behind the other in an array. */
final class Columns {
  private Columns() {}

  /** Multiplies the {@code count} numbers of a column. */
  static void scale(double[] column, int at, int count, double factor) {
    for (int row = 0; row < count; row++) {
      column[at + row] *= factor;
    }
  }

  /**
   * Adds multiples of columns to another one, four at a time: it is read and written as often.
   *
   * @param at where the first column begins
   * @param step from a column to the next
   * @param count numbers of a column
   * @param first the first of the factors
   * @param length how many columns there are
   * @param to where the other column begins in {@code sum}
   */
  static void add(
      double[] columns,
      int at,
      int step,
      int count,
      double[] factors,
      int first,
      int length,
      double[] sum,
      int to) {
    int k = 0;
    for (; k + 3 < length; k += 4) {
      addFour(columns, at + k * step, step, count, factors, first + k, sum, to);
    }
    if (k + 1 < length) {
      addTwo(columns, at + k * step, step, count, factors, first + k, sum, to);
      k += 2;
    }
    if (k < length) {
      int from = at + k * step;
      double factor = factors[first + k];
      for (int row = 0; row < count; row++) {
        sum[to + row] += columns[from + row] * factor;
      }
    }
  }

  private static void addFour(
      double[] columns,
      int at,
      int step,
      int count,
      double[] factors,
      int first,
      double[] sum,
      int to) {
    int second = at + step;
    int third = second + step;
    int fourth = third + step;
    double a = factors[first];
    double b = factors[first + 1];
    double c = factors[first + 2];
    double d = factors[first + 3];
    for (int row = 0; row < count; row++) {
      sum[to + row] =
          sum[to + row]
              + columns[at + row] * a
              + columns[second + row] * b
              + columns[third + row] * c
              + columns[fourth + row] * d;
    }
  }

  private static void addTwo(
      double[] columns,
      int at,
      int step,
      int count,
      double[] factors,
      int first,
      double[] sum,
      int to) {
    int second = at + step;
    double a = factors[first];
    double b = factors[first + 1];
    for (int row = 0; row < count; row++) {
      sum[to + row] = sum[to + row] + columns[at + row] * a + columns[second + row] * b;
    }
  }
}
