package org.sparkcurvature.backend;

/**
 * Loops over short runs of numbers. Eight at a time, then four, are written out: the compiler makes
 * as many one vector, and enters and leaves such a loop in less time than one that it unrolls
 * itself.
 */
final class Rows {
  private Rows() {}

  /** {@code y = factor x}. */
  static void scale(double factor, double[] x, int from, double[] y, int at, int length) {
    int k = 0;
    for (; k + 8 <= length; k += 8) {
      int of = from + k;
      int to = at + k;
      y[to] = factor * x[of];
      y[to + 1] = factor * x[of + 1];
      y[to + 2] = factor * x[of + 2];
      y[to + 3] = factor * x[of + 3];
      y[to + 4] = factor * x[of + 4];
      y[to + 5] = factor * x[of + 5];
      y[to + 6] = factor * x[of + 6];
      y[to + 7] = factor * x[of + 7];
    }
    if (k + 4 <= length) {
      int of = from + k;
      int to = at + k;
      y[to] = factor * x[of];
      y[to + 1] = factor * x[of + 1];
      y[to + 2] = factor * x[of + 2];
      y[to + 3] = factor * x[of + 3];
      k += 4;
    }
    for (; k < length; k++) {
      y[at + k] = factor * x[from + k];
    }
  }

  /** {@code y = x y}. */
  static void multiply(double[] x, int from, double[] y, int at, int length) {
    int k = 0;
    for (; k + 8 <= length; k += 8) {
      int of = from + k;
      int to = at + k;
      y[to] *= x[of];
      y[to + 1] *= x[of + 1];
      y[to + 2] *= x[of + 2];
      y[to + 3] *= x[of + 3];
      y[to + 4] *= x[of + 4];
      y[to + 5] *= x[of + 5];
      y[to + 6] *= x[of + 6];
      y[to + 7] *= x[of + 7];
    }
    if (k + 4 <= length) {
      int of = from + k;
      int to = at + k;
      y[to] *= x[of];
      y[to + 1] *= x[of + 1];
      y[to + 2] *= x[of + 2];
      y[to + 3] *= x[of + 3];
      k += 4;
    }
    for (; k < length; k++) {
      y[at + k] *= x[from + k];
    }
  }
}
