package org.sparkcurvature.job.fit;

import java.util.Optional;
import org.sparkcurvature.job.solve.SymmetricMatrix;
import org.sparkcurvature.job.solve.Vectors;

/**
 * Whether the gradient jumps at a point. Across a short step a smooth function's gradient changes
 * by a share of the step's length, so a step of a hundredth changes it by a hundredth of that; at a
 * kink the change stays what it is.
 */
public final class Kinks {
  private static final double WIDE = 1e-3;
  private static final double NARROW = 1e-5;

  /** Between 0.01, which is smooth, and 1, which is a kink. */
  private static final double JUMPS = 0.1;

  private Kinks() {}

  /**
   * Looks to both sides of a point, by four passes.
   *
   * @param along the direction and the length that counts as a long step
   */
  public static boolean at(ObjectiveFunction objective, double[] x, double[] along) {
    Optional<Double> wide = change(objective, x, along, WIDE);
    Optional<Double> narrow = change(objective, x, along, NARROW);
    return wide.isPresent()
        && narrow.isPresent()
        && Math.abs(narrow.get()) > JUMPS * Math.abs(wide.get());
  }

  /**
   * Whether the gradient changes along a step though the Hessian says that it does not, as where a
   * sum has a kink in each of many rows. By two passes; a smooth function that is almost straight
   * between bends looks alike.
   *
   * @param hessian at {@code x}
   * @param along as for {@link #at}
   */
  public static boolean many(
      ObjectiveFunction objective, double[] x, SymmetricMatrix hessian, double[] along) {
    double told = 0;
    for (int i = 0; i < along.length; i++) {
      for (int j = 0; j < along.length; j++) {
        told += along[i] * hessian.at(i, j) * along[j];
      }
    }
    double predicted = Math.abs(2 * WIDE * told);
    return change(objective, x, along, WIDE)
        .filter(change -> predicted < JUMPS * Math.abs(change))
        .isPresent();
  }

  private static Optional<Double> change(
      ObjectiveFunction objective, double[] x, double[] along, double share) {
    Optional<Evaluation> ahead =
        objective.whereFinite(Vectors.sum(x, share, along), ObjectiveFunction.Order.GRADIENT);
    Optional<Evaluation> behind =
        objective.whereFinite(Vectors.sum(x, -share, along), ObjectiveFunction.Order.GRADIENT);
    return ahead.isPresent() && behind.isPresent()
        ? Optional.of(
            Vectors.dot(ahead.get().gradient(), along)
                - Vectors.dot(behind.get().gradient(), along))
        : Optional.empty();
  }
}
