package org.sparkcurvature.job.fit;

import org.sparkcurvature.job.solve.Vectors;

/**
 * The scales on which elements are comparable: the roots of the Hessian's diagonal (Moré 1978). A
 * step of length 1 along an element then changes the value by an amount of the value's own unit,
 * whatever the element's unit is.
 */
final class Metric {
  /** Scales fall by no more than this at once: curvature may vanish in passing. */
  private static final double MOST_FALL = 0.25;

  /** In roots of the value: a step of that length along an element changes it by about 5 %. */
  private static final double FIRST_RADIUS = 0.3;

  private Metric() {}

  /**
   * Scales at a point.
   *
   * @param diagonal of the Hessian, length P
   * @param gradient length P
   * @param before the scales so far; empty where there are none
   * @param size of the value, {@link Convergence#size}
   */
  static double[] of(double[] diagonal, double[] gradient, double[] before, double size) {
    double[] scales = new double[diagonal.length];
    double reference = reference(diagonal, gradient, size);
    for (int i = 0; i < scales.length; i++) {
      double scale = Math.sqrt(Math.abs(diagonal[i]));
      if (scale == 0) {
        // Without curvature: a unit step is to change the value by the root of its size.
        scale = Math.abs(gradient[i]) / Math.sqrt(reference);
      }
      scales[i] = before.length == 0 ? scale : Math.max(MOST_FALL * before[i], scale);
      if (!(scales[i] > 0)) {
        scales[i] = 1; // the value does not depend on the element
      }
    }
    return scales;
  }

  private static double reference(double[] diagonal, double[] gradient, double size) {
    double reference = size;
    for (int i = 0; i < diagonal.length; i++) {
      double curvature = Math.abs(diagonal[i]);
      if (curvature > 0) {
        reference = Math.max(reference, gradient[i] / curvature * gradient[i]);
      }
    }
    return reference > 0 ? reference : 1;
  }

  /** A radius to begin with where the model has no minimum: nothing but sizes is known. */
  static double firstRadius(double cauchy, double[] scales, double[] x, double size) {
    double radius = Math.max(cauchy, FIRST_RADIUS * Math.sqrt(size));
    if (!(radius > 0)) {
      radius = 0.1 * Vectors.scaledNorm(scales, x);
    }
    return radius > 0 ? radius : Vectors.norm(scales);
  }
}
