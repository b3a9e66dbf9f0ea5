package org.sparkcurvature.job.fit;

import java.util.List;
import org.sparkcurvature.job.solve.Vectors;

/**
 * The criteria by which methods end. None has a unit: multiplying the value by a constant, or an
 * element by one, changes nothing.
 *
 * <p>What is measured is E, by how much the second-order model falls below the point: half the
 * squared Newton decrement g' H^-1 g (Boyd and Vandenberghe 2004, section 9.5). For a
 * log-likelihood, 2 E is the squared length of the Newton step in standard errors; for least
 * squares it is that times the residual variance. E is compared with
 *
 * <ul>
 *   <li>the smaller of |value| and the {@link #gain}: the {@link #relative} measure. The value
 *       alone would mislead where a constant is added to it, the gain where the start was absurd;
 *   <li>the rounding of the value: the {@link #noise}. Below it values say nothing about a step,
 *       and the gradient decides.
 * </ul>
 */
final class Convergence {
  private static final double FORGETTING = 0.5;
  private static final double PROGRESS = 1e-3;
  private static final double SHORT = 1e-8;
  private static final double ROUNDING = 10 * Math.ulp(1.0);

  private Convergence() {}

  /**
   * By how much the value fell lately: the largest f_j - f over earlier points j, halved for each
   * step between, so that a bad start is forgotten.
   *
   * @param history up to the point, with it or without; what was not accepted does not count
   * @param value f at the point
   */
  static double gain(List<Iteration> history, double value) {
    double gain = 0;
    double share = 1;
    boolean here = true;
    for (int k = history.size() - 1; k >= 0; k--) {
      Iteration iteration = history.get(k);
      if (iteration.outcome() == Iteration.Outcome.ACCEPTED) {
        here &= iteration.value() == value; // the point itself, or one that cannot be told from it
        gain = Math.max(gain, share * (iteration.value() - value));
        share *= here ? 1 : FORGETTING;
      }
    }
    return gain;
  }

  /** What the value is made of: the larger of |value| and the {@link #gain}. */
  static double size(List<Iteration> history, double value) {
    return Math.max(Math.abs(value), gain(history, value));
  }

  /** Changes of the value below this are rounding. */
  static double noise(List<Iteration> history, double value) {
    return ROUNDING * size(history, value);
  }

  /**
   * The measure that {@code fit.tolerance} bounds: the root of the share that a Newton step would
   * still gain, from 1 at the start down to 0.
   *
   * @param decrease E, at least 0; infinite where the model has no minimum
   */
  static double relative(double decrease, List<Iteration> history, double value) {
    if (decrease == 0) {
      return 0;
    }
    double size = Math.min(Math.abs(value), Math.max(gain(history, value), decrease));
    return decrease < size ? Math.sqrt(decrease / size) : 1;
  }

  /**
   * How many of the last steps changed the value by no more than its rounding. A step that takes
   * nearly all of the value away makes progress, whatever was gained before it.
   */
  static int stepsWithinNoise(List<Iteration> history, double noise) {
    int count = 0;
    double after = Double.NaN;
    for (int k = history.size() - 1; k >= 0; k--) {
      Iteration iteration = history.get(k);
      if (iteration.outcome() == Iteration.Outcome.ACCEPTED) {
        double before = iteration.value();
        if (!Double.isNaN(after)) {
          if (!(Math.abs(before - after) <= noise)
              || Math.abs(after) < PROGRESS * Math.abs(before)) {
            break;
          }
          count++;
        }
        after = before;
      }
    }
    return count;
  }

  /**
   * Whether a step leaves 8 digits of every element as they are. Where errors are large beside the
   * estimates the value tells too little of them, and one more step costs less than a doubt.
   */
  static boolean isShort(double[] step, double[] x) {
    for (int i = 0; i < x.length; i++) {
      if (!(Math.abs(step[i]) <= SHORT * Math.abs(x[i]))) {
        return false;
      }
    }
    return true;
  }

  /**
   * Whether a step is less than the rounding of the point: |s| against |x|, both in a metric d.
   *
   * @param scales d, length P
   */
  static boolean isRounding(double[] step, double[] x, double[] scales) {
    return Vectors.scaledNorm(scales, step) <= ROUNDING / 2 * Vectors.scaledNorm(scales, x);
  }
}
