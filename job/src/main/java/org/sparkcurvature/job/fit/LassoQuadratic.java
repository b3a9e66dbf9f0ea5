package org.sparkcurvature.job.fit;

import java.util.Arrays;
import java.util.Optional;
import org.sparkcurvature.job.solve.ScaledHessian;
import org.sparkcurvature.job.solve.SymmetricMatrix;

/**
 * The minimum of a quadratic plus an l1 penalty, {@code g'd + d'Qd / 2 + sum l_i |x_i + d_i|} over
 * d. Coordinate descent finds which elements are 0 (Friedman, Hastie and Tibshirani 2010); with
 * their signs known the rest is a linear system, solved exactly and left only at a sign's change
 * (the feature-sign search of Lee, Battle, Raina and Ng 2007). So the accuracy is that of a
 * factorisation, however correlated the columns are.
 */
final class LassoQuadratic {
  private static final int MOST_SWEEPS = 100;

  /** A sweep that moves nothing by more than this share has found the signs, or nearly. */
  private static final double SETTLED = 1e-4;

  /** Subgradients that exceed the factor by less are rounding. */
  private static final double EXCESS = 1e-13;

  private final int n;
  private final double[] matrix;
  private final double[] factors;
  private final double[] begun;
  private final double[] point;
  private final double[] slope;
  private final double[] size;

  /**
   * @param matrix Q, n x n
   * @param gradient g, length n
   * @param x length n
   * @param factors l, length n, at least 0
   */
  private LassoQuadratic(double[] matrix, double[] gradient, double[] x, double[] factors) {
    this.n = x.length;
    this.matrix = matrix;
    this.factors = factors;
    this.begun = x;
    this.point = x.clone();
    this.slope = gradient.clone();
    this.size = gradient.clone();
    for (int i = 0; i < n; i++) {
      size[i] = Math.abs(gradient[i]);
    }
  }

  /**
   * The minimising point {@code x + d}, with exact zeros.
   *
   * @param matrix Q, symmetric, n x n, row-major, its diagonal above 0
   * @param gradient g, length n
   * @param x length n
   * @param factors l, length n, at least 0
   * @return empty where Q is not positive definite on the elements that are not 0
   */
  static Optional<double[]> minimum(
      double[] matrix, double[] gradient, double[] x, double[] factors) {
    LassoQuadratic quadratic = new LassoQuadratic(matrix, gradient, x, factors);
    return quadratic.solve() ? Optional.of(quadratic.point) : Optional.empty();
  }

  private boolean solve() {
    double moved = Double.POSITIVE_INFINITY;
    for (int k = 0; k < MOST_SWEEPS && moved > SETTLED; k++) {
      moved = sweep();
    }
    if (!Double.isFinite(moved)) {
      return false;
    }
    // Each round ends at the minimum of an orthant's face, lower than the one before: the limit is
    // for rounding alone.
    for (int round = 0; round < 10 + 2 * n; round++) {
      if (!solveSigned()) {
        return false;
      }
      if (!exceeds()) {
        return true;
      }
      sweep();
    }
    return true;
  }

  /** Minimises along each element in turn; the largest move relative to the largest element. */
  private double sweep() {
    double moved = 0;
    double largest = 0;
    for (int i = 0; i < n; i++) {
      double curvature = matrix[i * n + i];
      double to = AbsoluteValues.shrunk(point[i] - slope[i] / curvature, factors[i] / curvature);
      double move = to - point[i];
      if (move != 0) {
        // What has not moved keeps its bits: at the minimum nothing may be left of rounding.
        move(i, move);
        point[i] = to;
      }
      moved = Math.max(moved, Math.abs(move));
      largest = Math.max(largest, Math.abs(to - begun[i]));
    }
    return moved == 0 ? 0 : moved / largest;
  }

  private void move(int i, double by) {
    int row = i * n;
    for (int j = 0; j < n; j++) {
      double change = by * matrix[row + j];
      slope[j] += change;
      size[j] = Math.max(size[j], Math.abs(change));
    }
  }

  /** Goes to the minimum over the elements that are not 0, as long as none changes its sign. */
  private boolean solveSigned() {
    while (true) {
      int[] free = free();
      if (free.length == 0) {
        return true;
      }
      double[] rest = new double[free.length];
      for (int k = 0; k < free.length; k++) {
        int i = free[k];
        rest[k] = -slope[i] - (factors[i] == 0 ? 0 : Math.copySign(factors[i], point[i]));
      }
      Optional<double[]> step = ScaledHessian.factor(part(free)).map(f -> f.solve(rest));
      if (step.isEmpty()) {
        return false;
      }
      double share = 1;
      int blocking = -1;
      for (int k = 0; k < free.length; k++) {
        int i = free[k];
        if (factors[i] > 0 && point[i] * (point[i] + step.get()[k]) <= 0) {
          double until = -point[i] / step.get()[k];
          if (until < share || blocking < 0) {
            share = Math.min(share, until);
            blocking = i;
          }
        }
      }
      for (int k = 0; k < free.length; k++) {
        int i = free[k];
        double to = i == blocking ? 0 : point[i] + share * step.get()[k];
        move(i, to - point[i]);
        point[i] = to;
      }
      if (blocking < 0) {
        return true;
      }
    }
  }

  private int[] free() {
    int[] free = new int[n];
    int count = 0;
    for (int i = 0; i < n; i++) {
      if (factors[i] == 0 || point[i] != 0) {
        free[count++] = i;
      }
    }
    return Arrays.copyOf(free, count);
  }

  private SymmetricMatrix part(int[] rows) {
    int m = rows.length;
    double[] packed = new double[Math.toIntExact(SymmetricMatrix.packedLength(m))];
    int at = 0;
    for (int a = 0; a < m; a++) {
      for (int b = a; b < m; b++) {
        packed[at++] = matrix[rows[a] * n + rows[b]];
      }
    }
    return SymmetricMatrix.ofPacked(m, packed);
  }

  /** Whether an element that is 0 has to leave it. */
  private boolean exceeds() {
    for (int i = 0; i < n; i++) {
      if (factors[i] > 0
          && point[i] == 0
          && Math.abs(slope[i]) - factors[i] > EXCESS * (factors[i] + size[i])) {
        return true;
      }
    }
    return false;
  }
}
