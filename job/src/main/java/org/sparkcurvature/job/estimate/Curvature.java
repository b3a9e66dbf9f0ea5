package org.sparkcurvature.job.estimate;

import java.util.List;
import org.sparkcurvature.job.config.Refusal;
import org.sparkcurvature.job.errors.Errors;
import org.sparkcurvature.job.errors.JobException;
import org.sparkcurvature.job.result.Direction;
import org.sparkcurvature.job.solve.ScaledHessian;
import org.sparkcurvature.job.solve.SymmetricMatrix;

/** The Hessian of an objective where it must be that of a minimum. */
public final class Curvature {
  /** Newton decrement g' H^-1 g on sums above which a point is not taken for the minimum. */
  private static final double MOST_DECREMENT = 1e-8;

  private Curvature() {}

  /**
   * Decomposes a Hessian that is to be inverted.
   *
   * @param names of its elements
   * @param singular what becomes of one that is singular
   * @throws org.sparkcurvature.job.errors.JobException with exit code 4 if it has no inverse, or is
   *     not that of a minimum; the direction is named
   */
  public static ScaledHessian atMinimum(
      SymmetricMatrix hessian, List<String> names, Refusal singular) {
    ScaledHessian decomposed = ScaledHessian.of(hessian);
    if (decomposed.negative() > 0) {
      throw falls(Direction.describe(decomposed.direction(0), names));
    }
    if (decomposed.flat() > 0 && singular == Refusal.FAIL) {
      throw flat(Direction.describe(decomposed.direction(0), names), decomposed.flat());
    }
    return decomposed;
  }

  /** A direction, in words, along which the objective falls. */
  static JobException falls(String direction) {
    return Errors.noAnswer(
        "the Hessian is not positive definite: the objective falls along "
            + direction
            + ", so that this point is no minimum",
        "curvature.model.parameters",
        "give the values of a fit that converged (model.parameters-from)");
  }

  /** A direction, in words, of which the data says nothing, and how many there are. */
  static JobException flat(String direction, int count) {
    return Errors.noAnswer(
        "the Hessian is singular: the data says nothing about "
            + direction
            + (count > 1 ? " and " + (count - 1) + " further directions" : ""),
        "curvature.model",
        "collinear columns do this: drop one of them, add a model.penalty, or set infer.singular ="
            + " pinv, which takes variances along such directions for 0");
  }

  /**
   * Refuses a point that is not the minimum.
   *
   * @throws org.sparkcurvature.job.errors.JobException with exit code 4 and the Newton decrement,
   *     unless that is small enough
   */
  public static void refuseNotMinimal(ScaledHessian hessian, double[] gradient) {
    double[] coefficients = hessian.toEigen(gradient);
    double decrement = 0;
    for (int k = 0; k < coefficients.length; k++) {
      if (hessian.eigenvalue(k) > hessian.tolerance()) {
        decrement += coefficients[k] * coefficients[k] / hessian.eigenvalue(k);
      }
    }
    refuseDecrement(decrement);
  }

  /** As {@link #refuseNotMinimal}, by the Newton decrement {@code g' H^-1 g}. */
  public static void refuseDecrement(double decrement) {
    if (!(decrement <= MOST_DECREMENT)) {
      throw Errors.noAnswer(
          "the gradient is not near 0 at these parameters (g' H^-1 g = %.3g, and at most %.0e is)"
              .formatted(decrement, MOST_DECREMENT),
          "curvature.model.parameters",
          "give the values of a fit that converged: model.parameters-from ="
              + " \"<output of fit>/parameters.json\"");
    }
  }
}
