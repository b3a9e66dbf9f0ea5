package org.sparkcurvature.job.fit;

import java.util.Optional;
import org.sparkcurvature.job.errors.ExitCode;
import org.sparkcurvature.job.errors.JobException;

/** An objective of P free elements, to be minimised. Each call is a pass over the data. */
public interface ObjectiveFunction {

  /** Which derivatives are wanted beside the value. */
  enum Order {
    GRADIENT,
    /** Gradient and Hessian. */
    HESSIAN
  }

  /**
   * The objective at a point.
   *
   * @param x length P
   * @throws org.sparkcurvature.job.errors.JobException with exit code 4 if a value or derivative is
   *     not finite
   */
  Evaluation at(double[] x, Order order);

  /**
   * The product of the Hessian with a vector.
   *
   * @param x where, length P
   * @param vector length P
   * @throws org.sparkcurvature.job.errors.JobException as {@link #at} does
   */
  double[] hessianTimes(double[] x, double[] vector);

  /**
   * The diagonal of the Hessian, length P.
   *
   * @throws org.sparkcurvature.job.errors.JobException as {@link #at} does
   */
  double[] hessianDiagonal(double[] x);

  /** The objective at a point; empty where it is not finite: a minimiser goes elsewhere. */
  default Optional<Evaluation> whereFinite(double[] x, Order order) {
    try {
      return Optional.of(at(x, order));
    } catch (JobException e) {
      if (e.exitCode() == ExitCode.NO_ANSWER) {
        return Optional.empty();
      }
      throw e;
    }
  }
}
