package org.sparkcurvature.job.fit;

import java.util.Arrays;
import java.util.Optional;
import org.sparkcurvature.job.solve.ScaledHessian;
import org.sparkcurvature.job.solve.SymmetricMatrix;

/**
 * The minimum of a quadratic plus an l1 penalty within bounds, {@code g'd + d'Qd / 2 + sum l_i |x_i
 * + d_i|} over d. Coordinate descent finds which elements are 0 or at a bound (Friedman, Hastie and
 * Tibshirani 2010); with their signs known the rest is a linear system, solved exactly and left
 * only at a sign's change or a bound (the feature-sign search of Lee, Battle, Raina and Ng 2007).
 * So the accuracy is that of a factorisation, however correlated the columns are.
 */
final class SeparableQuadratic {
  private static final int MOST_SWEEPS = 100;

  /** A sweep that moves nothing by more than this share has found the signs, or nearly. */
  private static final double SETTLED = 1e-4;

  /** Subgradients that exceed the factor by less are rounding. */
  private static final double EXCESS = 1e-13;

  private final int n;
  private final double[] matrix;
  private final double[] l1;
  private final double[] lower;
  private final double[] upper;
  private final double[] begun;
  private final double[] point;
  private final double[] slope;
  private final double[] size;

  /**
   * @param matrix Q, n x n
   * @param gradient g, length n
   * @param x length n
   * @param penalty l and the bounds
   */
  private SeparableQuadratic(
      double[] matrix, double[] gradient, double[] x, SeparablePenalty penalty) {
    this.n = x.length;
    this.matrix = matrix;
    this.l1 = penalty.l1();
    this.lower = penalty.lower();
    this.upper = penalty.upper();
    this.begun = x;
    this.point = x.clone();
    this.slope = gradient.clone();
    this.size = gradient.clone();
    for (int i = 0; i < n; i++) {
      size[i] = Math.abs(gradient[i]);
    }
  }

  /**
   * The minimising point {@code x + d}, with exact zeros and exact bounds.
   *
   * @param matrix Q, symmetric, n x n, row-major, its diagonal above 0 but for held elements
   * @param gradient g, length n
   * @param x length n, within the bounds
   * @param penalty l and the bounds
   * @return empty where Q is not positive definite on the elements that are neither 0 nor at a
   *     bound
   */
  static Optional<double[]> minimum(
      double[] matrix, double[] gradient, double[] x, SeparablePenalty penalty) {
    SeparableQuadratic quadratic = new SeparableQuadratic(matrix, gradient, x, penalty);
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
      if (lower[i] == upper[i]) {
        continue;
      }
      double curvature = matrix[i * n + i];
      double to = SeparablePenalty.shrunk(point[i] - slope[i] / curvature, l1[i] / curvature);
      to = Math.min(upper[i], Math.max(lower[i], to));
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

  /**
   * Goes to the minimum over the elements that are neither 0 nor at a bound, as long as none
   * changes its sign or meets a bound.
   */
  private boolean solveSigned() {
    while (true) {
      int[] free = free();
      if (free.length == 0) {
        return true;
      }
      double[] rest = new double[free.length];
      for (int k = 0; k < free.length; k++) {
        int i = free[k];
        rest[k] = -slope[i] - (l1[i] == 0 ? 0 : Math.copySign(l1[i], point[i]));
      }
      Optional<double[]> step = ScaledHessian.factor(part(free)).map(f -> f.solve(rest));
      if (step.isEmpty()) {
        return false;
      }
      double share = 1;
      int blocking = -1;
      double wall = 0;
      for (int k = 0; k < free.length; k++) {
        int i = free[k];
        double end = end(i, point[i] + step.get()[k]);
        if (!Double.isNaN(end)) {
          double until = (end - point[i]) / step.get()[k];
          if (until < share || blocking < 0) {
            share = Math.min(share, until);
            blocking = i;
            wall = end;
          }
        }
      }
      for (int k = 0; k < free.length; k++) {
        int i = free[k];
        double to = i == blocking ? wall : point[i] + share * step.get()[k];
        move(i, to - point[i]);
        point[i] = to;
      }
      if (blocking < 0) {
        return true;
      }
    }
  }

  /** Where an element stops on its way: at 0, or at a bound; NaN where it does not. */
  private double end(int i, double to) {
    if (l1[i] > 0 && point[i] * to <= 0) {
      return 0;
    }
    return to <= lower[i] ? lower[i] : to >= upper[i] ? upper[i] : Double.NaN;
  }

  private int[] free() {
    int[] free = new int[n];
    int count = 0;
    for (int i = 0; i < n; i++) {
      if ((l1[i] == 0 || point[i] != 0) && point[i] > lower[i] && point[i] < upper[i]) {
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

  /** Whether an element that is 0 or at a bound has to leave it. */
  private boolean exceeds() {
    for (int i = 0; i < n; i++) {
      boolean stays = l1[i] > 0 && point[i] == 0 || point[i] <= lower[i] || point[i] >= upper[i];
      if (stays
          && Math.abs(SeparablePenalty.subgradient(point[i], slope[i], l1[i], lower[i], upper[i]))
              > EXCESS * (l1[i] + size[i])) {
        return true;
      }
    }
    return false;
  }
}
