package org.sparkcurvature.job.fit;

import java.util.Arrays;

/**
 * What is added to a smooth function element by element: the absolute value times a factor, and 0
 * within bounds and infinity outside of them (Parikh and Boyd 2014, "Proximal algorithms").
 *
 * @param l1 factors, length P, at least 0; an element of factor 0 is not penalised
 * @param lower bounds, length P; minus infinity where there is none
 * @param upper bounds, length P, not below the lower ones: where they are equal the element is held
 */
public record SeparablePenalty(double[] l1, double[] lower, double[] upper) {

  /** Absolute values without bounds. */
  public static SeparablePenalty l1(double[] factors) {
    double[] lower = new double[factors.length];
    double[] upper = new double[factors.length];
    Arrays.fill(lower, Double.NEGATIVE_INFINITY);
    Arrays.fill(upper, Double.POSITIVE_INFINITY);
    return new SeparablePenalty(factors.clone(), lower, upper);
  }

  /** Nothing is added. */
  public static SeparablePenalty none(int length) {
    return l1(new double[length]);
  }

  /** Whether an absolute value counts. */
  boolean hasL1() {
    return Arrays.stream(l1).anyMatch(factor -> factor > 0);
  }

  /** Whether an element has a bound. */
  public boolean hasBounds() {
    for (int i = 0; i < l1.length; i++) {
      if (lower[i] > Double.NEGATIVE_INFINITY || upper[i] < Double.POSITIVE_INFINITY) {
        return true;
      }
    }
    return false;
  }

  /** The penalty at a point. */
  double value(double[] x) {
    double sum = 0;
    for (int i = 0; i < x.length; i++) {
      if (x[i] < lower[i] || x[i] > upper[i]) {
        return Double.POSITIVE_INFINITY;
      }
      sum += l1[i] == 0 ? 0 : l1[i] * Math.abs(x[i]);
    }
    return sum;
  }

  /**
   * The subgradient of least norm of a smooth function plus the penalty: 0 exactly at the minimum
   * of a convex function.
   *
   * @param gradient of the smooth function at {@code x}, length P
   */
  double[] subgradient(double[] x, double[] gradient) {
    double[] least = gradient.clone();
    for (int i = 0; i < x.length; i++) {
      least[i] = subgradient(x[i], gradient[i], l1[i], lower[i], upper[i]);
    }
    return least;
  }

  /** That of one element. */
  static double subgradient(double x, double gradient, double l1, double lower, double upper) {
    double least = x == 0 ? shrunk(gradient, l1) : gradient + Math.copySign(l1, x);
    // At a bound only one direction is left, and at two none.
    least = x <= lower ? Math.min(0, least) : least;
    return x >= upper ? Math.max(0, least) : least;
  }

  /** The number nearer to 0 by a distance, 0 where it is within that distance of 0. */
  static double shrunk(double number, double distance) {
    return Math.abs(number) <= distance ? 0 : number - Math.copySign(distance, number);
  }

  /** The point of the bounds that is nearest, a fresh array. */
  public double[] within(double[] x) {
    double[] within = x.clone();
    for (int i = 0; i < x.length; i++) {
      within[i] = Math.min(upper[i], Math.max(lower[i], x[i]));
    }
    return within;
  }

  /**
   * Whether the point lies on no kink and no bound of this element: what is smooth there has a
   * Hessian.
   */
  public boolean isSmoothAt(double[] x, int i) {
    return (l1[i] == 0 || x[i] != 0) && x[i] > lower[i] && x[i] < upper[i];
  }

  /** The elements that are smooth at a point. */
  public int[] smooth(double[] x) {
    int[] smooth = new int[x.length];
    int count = 0;
    for (int i = 0; i < x.length; i++) {
      if (isSmoothAt(x, i)) {
        smooth[count++] = i;
      }
    }
    return Arrays.copyOf(smooth, count);
  }

  /** The same with further elements held where they are. */
  public SeparablePenalty holding(int[] elements, double[] x) {
    double[] low = lower.clone();
    double[] high = upper.clone();
    for (int i : elements) {
      low[i] = x[i];
      high[i] = x[i];
    }
    return new SeparablePenalty(l1, low, high);
  }
}
