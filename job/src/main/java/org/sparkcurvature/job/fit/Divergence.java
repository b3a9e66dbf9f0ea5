package org.sparkcurvature.job.fit;

import java.util.Optional;
import org.sparkcurvature.job.solve.ScaledHessian;

/**
 * Whether a gradient that vanishes belongs to a minimum or to a value that falls for ever, as that
 * of a logistic loss whose classes are separable: there each Newton step is as long as the one
 * before, and far beyond it the value is still lower, where a minimum's would have risen.
 */
public final class Divergence {
  /** Newton steps below this share of the point are those of a minimum. */
  private static final double SHORT = 1e-3;

  private static final double FAR = 10;

  private Divergence() {}

  /**
   * Looks beyond a point at which a method converged. Takes a pass over the data only where the
   * Newton step is long.
   *
   * @param result with the Hessian at the point
   * @return the direction in which the value falls, length P; empty for a minimum
   */
  public static Optional<double[]> direction(ObjectiveFunction objective, FitResult result) {
    Evaluation here = result.evaluation();
    double[] x = result.state().x();
    ScaledHessian hessian = ScaledHessian.of(here.hessian().orElseThrow());
    double[] step = newton(hessian, here.gradient());
    double decrement = -Vectors.dot(here.gradient(), step);
    if (largest(step) <= SHORT * largest(x) || decrement <= here.noise()) {
      return Optional.empty();
    }
    Optional<Evaluation> beyond =
        objective.whereFinite(Vectors.sum(x, FAR, step), ObjectiveFunction.Order.GRADIENT);
    // A quadratic would have risen by 40 decrements there.
    return beyond.filter(b -> b.value() < here.value() - decrement / 2).map(b -> step);
  }

  private static double[] newton(ScaledHessian hessian, double[] gradient) {
    double[] coefficients = hessian.toEigen(gradient);
    for (int k = 0; k < coefficients.length; k++) {
      double eigenvalue = hessian.eigenvalue(k);
      coefficients[k] = eigenvalue > hessian.tolerance() ? -coefficients[k] / eigenvalue : 0;
    }
    return hessian.fromEigen(coefficients);
  }

  private static double largest(double[] vector) {
    double largest = 0;
    for (double element : vector) {
      largest = Math.max(largest, Math.abs(element));
    }
    return largest;
  }
}
