package org.sparkcurvature.job.fit;

import java.util.Optional;
import org.sparkcurvature.job.solve.Vectors;

/**
 * A search along a direction for a point at which the strong Wolfe conditions hold, or, where
 * values differ by no more than rounding, their approximation by slopes alone (Hager and Zhang
 * 2005, section 2). It goes between a point that is too near and one that is too far.
 */
final class LineSearch {
  private static final double DECREASE = 1e-4;
  private static final double CURVATURE = 0.9;
  private static final int MOST_TRIALS = 40;

  private final ObjectiveFunction objective;
  private final double noise;

  /**
   * @param noise changes of the value below this are rounding
   */
  LineSearch(ObjectiveFunction objective, double noise) {
    this.objective = objective;
    this.noise = noise;
  }

  /** A point and the objective there, with its gradient. */
  record Found(double[] x, Evaluation evaluation) {}

  /**
   * Searches, the whole step first.
   *
   * @param direction in which the value falls
   * @return empty where no step lowers the value
   */
  Optional<Found> along(double[] x, Evaluation here, double[] direction) {
    double value = here.value();
    double slope = Vectors.dot(here.gradient(), direction);
    if (!(slope < 0)) {
      return Optional.empty();
    }
    double near = 0;
    double nearSlope = slope;
    double far = Double.POSITIVE_INFINITY;
    double t = 1;
    Optional<Found> best = Optional.empty();
    for (int k = 0; k < MOST_TRIALS; k++) {
      double[] there = Vectors.sum(x, t, direction);
      Optional<Evaluation> trial = objective.whereFinite(there, ObjectiveFunction.Order.GRADIENT);
      if (trial.isEmpty()) {
        far = t;
        t = near + (far - near) / 4;
        continue;
      }
      double slopeThere = Vectors.dot(trial.get().gradient(), direction);
      double change = trial.get().value() - value;
      boolean decreases = change <= DECREASE * t * slope;
      boolean rounds = change <= noise && slopeThere <= (2 * DECREASE - 1) * slope;
      if ((decreases && Math.abs(slopeThere) <= CURVATURE * Math.abs(slope))
          || (rounds && slopeThere >= CURVATURE * slope)) {
        return Optional.of(new Found(there, trial.get()));
      }
      if (decreases && best.map(b -> trial.get().value() < b.evaluation().value()).orElse(true)) {
        best = Optional.of(new Found(there, trial.get()));
      }
      if (!decreases && change > noise || slopeThere > 0) {
        far = t;
        // The minimum of the parabola through what is known, kept away from the ends.
        double width = far - near;
        double parabola =
            slopeThere > 0
                ? width * nearSlope / (nearSlope - slopeThere)
                : near == 0 ? -slope * t * t / (2 * (change - slope * t)) : width / 2;
        t = near + Math.min(0.9 * width, Math.max(0.1 * width, finite(parabola, width / 2)));
      } else {
        double reached = t;
        double parabola = (reached - near) * slopeThere / (nearSlope - slopeThere);
        near = reached;
        nearSlope = slopeThere;
        t =
            Double.isInfinite(far)
                ? near + Math.min(9 * near, Math.max(near, finite(parabola, near)))
                : near + (far - near) / 2;
      }
      if (!(far - near > Math.ulp(1.0) * near)) {
        break;
      }
    }
    return best;
  }

  private static double finite(double value, double otherwise) {
    return Double.isFinite(value) ? value : otherwise;
  }
}
