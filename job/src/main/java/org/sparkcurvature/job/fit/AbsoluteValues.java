package org.sparkcurvature.job.fit;

/**
 * An l1 penalty: the sum of the elements' absolute values, each with a factor of its own.
 *
 * @param factors length P, at least 0; an element of factor 0 is not penalised
 */
record AbsoluteValues(double[] factors) {

  /** The penalty at a point. */
  double value(double[] x) {
    double sum = 0;
    for (int i = 0; i < x.length; i++) {
      sum += factors[i] == 0 ? 0 : factors[i] * Math.abs(x[i]);
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
      least[i] =
          x[i] == 0
              ? shrunk(gradient[i], factors[i])
              : gradient[i] + Math.copySign(factors[i], x[i]);
    }
    return least;
  }

  /** The number nearer to 0 by a distance, 0 where it is within that distance of 0. */
  static double shrunk(double number, double distance) {
    return Math.abs(number) <= distance ? 0 : number - Math.copySign(distance, number);
  }

  /** Whether the point lies on no kink of this element: what is smooth there has a Hessian. */
  boolean isSmoothAt(double[] x, int i) {
    return factors[i] == 0 || x[i] != 0;
  }
}
