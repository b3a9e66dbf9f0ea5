package org.sparkcurvature.job.infer;

import java.util.Optional;
import org.sparkcurvature.job.config.FitMethod;
import org.sparkcurvature.job.fit.Evaluation;
import org.sparkcurvature.job.fit.FitResult;
import org.sparkcurvature.job.fit.FitState;
import org.sparkcurvature.job.fit.Minimiser;
import org.sparkcurvature.job.fit.Minimisers;
import org.sparkcurvature.job.fit.ObjectiveFunction;
import org.sparkcurvature.job.fit.SeparablePenalty;
import org.sparkcurvature.job.solve.ScaledHessian;
import org.sparkcurvature.job.solve.SymmetricMatrix;

/**
 * Where the profile of a negative log-likelihood, its minimum over all other elements, has risen by
 * a given amount: the ends of an interval by profile likelihood. The signed root of the rise is
 * nearly linear in the element, and its derivative is known from the gradient at the minimum over
 * the others, so that Newton's method takes a few fits for each end (Venables and Ripley 2002,
 * section 8.4).
 */
public final class ProfileLikelihood {
  /** A root this near to what is looked for, relative, is found: 1e-7 of a standard error. */
  private static final double ENOUGH = 1e-7;

  private static final int MOST_TRIALS = 60;

  /** So many standard errors away the profile no longer rises. */
  private static final double FAR = 1e4;

  private final ObjectiveFunction objective;
  private final SeparablePenalty bounds;
  private final Minimiser.Limits limits;
  private final double[] best;
  private final double value;
  private final SymmetricMatrix inverse;

  /**
   * @param objective the negative log-likelihood, divided by the dispersion where there is one
   * @param bounds of its elements
   * @param best where it is least, length P
   * @param value there
   * @param inverse of the Hessian there, order P, 0 along held elements
   */
  public ProfileLikelihood(
      ObjectiveFunction objective,
      SeparablePenalty bounds,
      Minimiser.Limits limits,
      double[] best,
      double value,
      SymmetricMatrix inverse) {
    this.objective = objective;
    this.bounds = bounds;
    this.limits = limits;
    this.best = best.clone();
    this.value = value;
    this.inverse = inverse;
  }

  /** A point of the profile: all elements, the root of twice the rise, and its derivative. */
  private record Point(double[] x, double root, double slope) {}

  /**
   * An end of an interval.
   *
   * @param element which one
   * @param upper whether it is the upper end
   * @param root the root of twice the rise that is looked for: 1.96 for 95 %
   * @return the element's value there, at most its bound; infinite where the profile does not rise
   *     that far
   */
  public double end(int element, boolean upper, double root) {
    double sign = upper ? 1 : -1;
    double error = Math.sqrt(inverse.at(element, element));
    double bound = upper ? bounds.upper()[element] : bounds.lower()[element];
    double inside = best[element];
    double outside = Double.NaN;
    double[] from = best;
    double to = best[element] + sign * root * error;
    for (int k = 0; k < MOST_TRIALS; k++) {
      to = sign > 0 ? Math.min(to, bound) : Math.max(to, bound);
      Optional<Point> found = at(element, to, from);
      if (found.isEmpty()) {
        // Not finite there: come nearer.
        outside = to;
        to = (inside + to) / 2;
        continue;
      }
      Point point = found.get();
      double missing = root - point.root();
      if (Math.abs(missing) <= ENOUGH * root) {
        return to;
      }
      if (missing > 0) {
        if (to == bound) {
          return bound;
        }
        inside = to;
        from = point.x();
      } else {
        outside = to;
      }
      double next = point.slope() > 0 ? to + sign * missing / point.slope() : Double.NaN;
      double reach = Math.max(Math.abs(to - best[element]), error);
      if (Double.isNaN(outside)) {
        double farthest = to + sign * 3 * reach;
        next = sign * next <= sign * farthest ? next : farthest;
        if (Math.abs(next - best[element]) > FAR * error) {
          return sign * Double.POSITIVE_INFINITY;
        }
      } else if (!(sign * next > sign * inside && sign * next < sign * outside)) {
        next = (inside + outside) / 2;
      }
      if (next == to) {
        return to;
      }
      to = next;
    }
    return Double.NaN;
  }

  /** The minimum over the other elements where one has a value; empty where there is none. */
  private Optional<Point> at(int element, double to, double[] from) {
    double[] start = from.clone();
    double change = to - from[element];
    double own = inverse.at(element, element);
    for (int j = 0; j < start.length; j++) {
      // Along the tangent of the profile at its minimum.
      start[j] += change * at(inverse, element, j) / own;
    }
    start[element] = to;
    start = bounds.within(start);
    SeparablePenalty held = bounds.holding(new int[] {element}, start);
    if (objective.whereFinite(start, ObjectiveFunction.Order.GRADIENT).isEmpty()) {
      return Optional.empty();
    }
    FitResult result =
        Minimisers.of(FitMethod.TRUST_REGION_NEWTON, held)
            .minimise(objective, FitState.at(start), limits, state -> {});
    if (!result.ending().converged()) {
      return Optional.empty();
    }
    double rise = Math.max(0, result.value() - value);
    double root = Math.sqrt(2 * rise);
    double gradient = Math.abs(result.evaluation().gradient()[element]);
    return Optional.of(new Point(result.state().x(), root, root > 0 ? gradient / root : 0));
  }

  private static double at(SymmetricMatrix matrix, int i, int j) {
    return i <= j ? matrix.at(i, j) : matrix.at(j, i);
  }

  /**
   * The score statistic {@code g' H^-1 g}.
   *
   * @param evaluation with the Hessian
   * @return empty where the Hessian is not positive definite
   */
  public static Optional<Double> score(Evaluation evaluation) {
    double[] gradient = evaluation.gradient();
    return ScaledHessian.factor(evaluation.hessian().orElseThrow())
        .map(
            factor -> {
              double[] solved = factor.solve(gradient);
              double sum = 0;
              for (int i = 0; i < solved.length; i++) {
                sum += solved[i] * gradient[i];
              }
              return sum;
            });
  }
}
