package org.sparkcurvature.job.infer;

import java.util.Optional;
import org.sparkcurvature.job.config.FitMethod;
import org.sparkcurvature.job.errors.ExitCode;
import org.sparkcurvature.job.errors.JobException;
import org.sparkcurvature.job.fit.Evaluation;
import org.sparkcurvature.job.fit.FitResult;
import org.sparkcurvature.job.fit.FitState;
import org.sparkcurvature.job.fit.Minimiser;
import org.sparkcurvature.job.fit.Minimisers;
import org.sparkcurvature.job.fit.ObjectiveFunction;
import org.sparkcurvature.job.fit.SeparablePenalty;
import org.sparkcurvature.job.solve.ScaledHessian;
import org.sparkcurvature.job.solve.SymmetricMatrix;
import org.sparkcurvature.job.solve.Vectors;

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

  /** A root that grows by less than this part of what is looked for, over a far way, is level. */
  private static final double LEVEL = 1e-6;

  /** A refit that fails is begun from nearer, after at most this many halvings of the way. */
  private static final int HALVINGS = 4;

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

  /** What is known at a value of the element. */
  private sealed interface Trial {}

  /** A point of the profile: all elements, the root of twice the rise, and its derivative. */
  private record Point(double[] x, double root, double slope) implements Trial {}

  /** Why there is no point. */
  private enum NoPoint implements Trial {
    /** The objective has no value there. */
    NOT_FINITE,
    /** The minimum over the other elements was not found. */
    NOT_REACHED
  }

  /**
   * An end of an interval.
   *
   * @param element which one
   * @param upper whether it is the upper end
   * @param root the root of twice the rise that is looked for: 1.96 for 95 %
   * @return the element's value there, at most its bound; infinite where the profile does not rise
   *     that far; NaN where it cannot be followed to its end: a minimum over the other elements was
   *     not found, or the objective ends before
   */
  public double end(int element, boolean upper, double root) {
    double sign = upper ? 1 : -1;
    double error = Math.sqrt(inverse.at(element, element));
    double bound = upper ? bounds.upper()[element] : bounds.lower()[element];
    double inside = best[element];
    double insideRoot = 0;
    double outside = Double.NaN;
    boolean outsideIsPoint = false;
    double[] from = best;
    double to = best[element] + sign * root * error;
    for (int k = 0; k < MOST_TRIALS; k++) {
      to = sign > 0 ? Math.min(to, bound) : Math.max(to, bound);
      Trial trial = at(element, to, from, HALVINGS);
      if (trial == NoPoint.NOT_REACHED) {
        return Double.NaN;
      }
      double next = Double.NaN;
      if (trial instanceof Point point) {
        double missing = root - point.root();
        if (Math.abs(missing) <= ENOUGH * root || (missing > 0 && to == bound)) {
          return to;
        }
        next = point.slope() > 0 ? to + sign * missing / point.slope() : Double.NaN;
        if (missing > 0) {
          boolean far = Math.abs(to - best[element]) > 1.5 * Math.abs(inside - best[element]);
          if (k > 0 && far && point.root() - insideRoot < LEVEL * root) {
            return sign * Double.POSITIVE_INFINITY;
          }
          inside = to;
          insideRoot = point.root();
          from = point.x();
        } else {
          outside = to;
          outsideIsPoint = true;
        }
      } else {
        outside = to;
        outsideIsPoint = false;
      }
      if (Double.isNaN(outside)) {
        double reach = Math.max(Math.abs(to - best[element]), error);
        double farthest = to + sign * 3 * reach;
        next = sign * next <= sign * farthest ? next : farthest;
        if (Math.abs(next - best[element]) > FAR * error) {
          return sign * Double.POSITIVE_INFINITY;
        }
      } else if (!(sign * next > sign * inside && sign * next < sign * outside)) {
        next = (inside + outside) / 2;
        if (next == inside || next == outside) {
          // Neighbouring numbers: the root lies between them, or the objective's end does.
          return outsideIsPoint ? inside : Double.NaN;
        }
      }
      to = next;
    }
    return Double.NaN;
  }

  /**
   * The minimum over the other elements where one has a value.
   *
   * @param halvings how often the way there may be halved where the minimum is not found at once
   */
  private Trial at(int element, double to, double[] from, int halvings) {
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
    NoPoint failed;
    try {
      FitResult result =
          Minimisers.of(FitMethod.TRUST_REGION_NEWTON, held)
              .minimise(objective, FitState.at(start), limits, state -> {});
      if (result.termination().converged()) {
        return point(element, result);
      }
      failed = NoPoint.NOT_REACHED;
    } catch (JobException e) {
      if (e.exitCode() != ExitCode.NO_ANSWER) {
        throw e;
      }
      failed = NoPoint.NOT_FINITE;
    }
    return halvings > 0
            && at(element, from[element] + change / 2, from, halvings - 1) instanceof Point half
        ? at(element, to, half.x(), halvings - 1)
        : failed;
  }

  private Point point(int element, FitResult result) {
    double rise = Math.max(0, result.value() - value);
    double root = Math.sqrt(2 * rise);
    double gradient = Math.abs(result.evaluation().gradient()[element]);
    return new Point(result.state().x(), root, root > 0 ? gradient / root : 0);
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
        .map(factor -> Vectors.dot(factor.solve(gradient), gradient));
  }
}
