package org.sparkcurvature.job.fit;

import java.util.List;
import java.util.Optional;
import org.sparkcurvature.job.solve.SmallestEigenvalue;
import org.sparkcurvature.job.solve.Vectors;

/**
 * The way off a point whose gradient vanishes though it is no minimum, where P is too large for a
 * Hessian: a direction of negative curvature on the scales of the Hessian's diagonal, by products.
 */
final class Saddle {
  /** Products that are spent on it. */
  static final int PRODUCTS = 30;

  private static final int MOST_TRIALS = 60;

  private Saddle() {}

  /**
   * A direction of negative curvature, of length 1 in the metric, length P; empty where none is
   * found within {@link #PRODUCTS}.
   *
   * @param scales of the metric, length P
   */
  static Optional<double[]> direction(ObjectiveFunction objective, double[] x, double[] scales) {
    SmallestEigenvalue smallest =
        SmallestEigenvalue.of(
            x.length,
            PRODUCTS,
            vector -> over(objective.hessianTimes(x, over(vector, scales)), scales));
    return smallest.isNegative() ? Optional.of(over(smallest.vector(), scales)) : Optional.empty();
  }

  private static double[] over(double[] vector, double[] scales) {
    double[] result = vector.clone();
    for (int i = 0; i < result.length; i++) {
      result[i] /= scales[i];
    }
    return result;
  }

  /**
   * A lower point along a direction of negative curvature, to the side on which the gradient falls.
   *
   * @param here the objective at {@code x}, with its gradient
   * @return empty where the curvature is too weak to lower the value by more than its rounding
   */
  static Optional<LineSearch.Found> leave(
      ObjectiveFunction objective,
      double[] x,
      Evaluation here,
      double[] direction,
      double[] scales,
      List<Iteration> history) {
    double size = Convergence.size(history, here.value());
    double noise = Convergence.noise(history, here.value());
    double t = Metric.firstRadius(0, scales, x, size);
    t = Math.copySign(t, -Vectors.dot(here.gradient(), direction));
    for (int k = 0; k < MOST_TRIALS; k++, t = k % 2 == 0 ? -t / 4 : -t) {
      double[] there = Vectors.sum(x, t, direction);
      Optional<Evaluation> trial =
          objective
              .whereFinite(there, ObjectiveFunction.Order.GRADIENT)
              .filter(e -> e.value() < here.value() - noise);
      if (trial.isPresent()) {
        return Optional.of(new LineSearch.Found(there, trial.get()));
      }
    }
    return Optional.empty();
  }
}
