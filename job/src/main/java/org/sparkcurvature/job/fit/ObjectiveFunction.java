package org.sparkcurvature.job.fit;

import java.util.Arrays;
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
   * The products of the Hessian with several vectors.
   *
   * @param vectors one of length P after the other
   * @return likewise
   */
  default double[] hessianTimes(double[] x, double[] vectors, int count) {
    double[] products = new double[vectors.length];
    int length = vectors.length / count;
    for (int k = 0; k < count; k++) {
      double[] vector = Arrays.copyOfRange(vectors, k * length, (k + 1) * length);
      System.arraycopy(hessianTimes(x, vector), 0, products, k * length, length);
    }
    return products;
  }

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
