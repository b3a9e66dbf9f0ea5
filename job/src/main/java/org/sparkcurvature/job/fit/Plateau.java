package org.sparkcurvature.job.fit;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.sparkcurvature.job.solve.HessianFacts;
import org.sparkcurvature.job.solve.ScaledHessian;
import org.sparkcurvature.job.solve.SymmetricMatrix;
import org.sparkcurvature.job.solve.Vectors;

/**
 * Newton steps that look along what is flat where they end. Two terms of a sum that coincide leave
 * a line on which value and gradient do not change, part of which are minima in the weak sense and
 * part saddles (Fukumizu and Amari 2000): the fit goes on from there. Collinear columns leave a
 * line on which the Hessian does not change either, which one pass tells.
 *
 * @param newton the method, which computes Hessians
 */
record Plateau(Minimiser newton) implements Minimiser {
  /** The most lines that are followed in one fit, and looked along where it ends. */
  private static final int MOST_LEFT = 5;

  private static final int MOST_LINES = 3;

  /** Steps, as shares of the element that changes most: from 0.6 to 9, none of which makes it 0. */
  private static final double FIRST = 0.6;

  private static final double GROWTH = 1.4;
  private static final int STEPS = 9;

  /** Elements of the Hessian, on scales of its diagonal, that change by less do not change. */
  private static final double UNCHANGED = 1e-6;

  @Override
  public FitResult minimise(
      ObjectiveFunction objective, FitState from, Limits limits, Consumer<FitState> kept) {
    FitState state = from;
    FitResult result = newton.minimise(objective, state, limits, kept);
    for (int left = 0; left < MOST_LEFT; left++) {
      if (!result.termination().converged()
          || result.state().iteration() >= limits.maxIterations()) {
        return result;
      }
      Optional<FitState> next = beyond(objective, result);
      if (next.isEmpty()) {
        return result;
      }
      kept.accept(next.get());
      FitResult further = newton.minimise(objective, next.get(), limits, kept);
      if (further.value() >= result.value() - doubtful(result)) {
        return result; // it leads back
      }
      result = further;
    }
    return result;
  }

  /** A point beyond the flat one from which the value falls; empty where there is none. */
  private static Optional<FitState> beyond(ObjectiveFunction objective, FitResult result) {
    SymmetricMatrix hessian = result.evaluation().hessian().orElseThrow();
    if (hessian.order() > HessianFacts.LARGEST_ORDER || ScaledHessian.factor(hessian).isPresent()) {
      return Optional.empty();
    }
    ScaledHessian here = ScaledHessian.of(hessian);
    for (int k = 0; k < Math.min(here.flat(), MOST_LINES); k++) {
      Optional<FitState> found = along(objective, result, here, here.direction(k));
      if (found.isPresent()) {
        return found;
      }
    }
    return Optional.empty();
  }

  private static Optional<FitState> along(
      ObjectiveFunction objective, FitResult result, ScaledHessian here, double[] direction) {
    double[] x = result.state().x();
    double share = 0;
    for (int i = 0; i < x.length; i++) {
      share = Math.max(share, x[i] == 0 ? 0 : Math.abs(direction[i] / x[i]));
    }
    double doubtful = doubtful(result);
    boolean ahead = share > 0;
    boolean behind = ahead;
    double t = FIRST / share;
    for (int k = 0; k < STEPS && (ahead || behind); k++, t *= GROWTH) {
      for (double step : new double[] {t, -t}) {
        if (!(step > 0 ? ahead : behind)) {
          continue;
        }
        long begun = System.nanoTime();
        double[] there = Vectors.sum(x, step, direction);
        Optional<Evaluation> trial =
            objective
                .whereFinite(there, ObjectiveFunction.Order.HESSIAN)
                .filter(e -> e.value() <= result.value() + doubtful);
        if (trial.isEmpty()) {
          ahead &= step < 0;
          behind &= step > 0;
          continue;
        }
        SymmetricMatrix hessian = trial.get().hessian().orElseThrow();
        if (k == 0 && isUnchanged(here.matrix(), hessian)) {
          return Optional.empty();
        }
        if (trial.get().value() < result.value() - doubtful
            || ScaledHessian.of(hessian).negative() > 0) {
          return Optional.of(state(result.state(), there, trial.get(), begun));
        }
      }
    }
    return Optional.empty();
  }

  /** Changes of the value below this may be rounding of its terms. */
  private static double doubtful(FitResult result) {
    return TrustRegion.DOUBTFUL * Convergence.size(result.state().history(), result.value());
  }

  private static boolean isUnchanged(SymmetricMatrix a, SymmetricMatrix b) {
    double[] scales = a.diagonal();
    for (int i = 0; i < a.order(); i++) {
      for (int j = i; j < a.order(); j++) {
        double scale = Math.sqrt(Math.abs(scales[i])) * Math.sqrt(Math.abs(scales[j]));
        if (!(Math.abs(a.at(i, j) - b.at(i, j)) <= UNCHANGED * scale)) {
          return false;
        }
      }
    }
    return true;
  }

  private static FitState state(FitState last, double[] there, Evaluation evaluation, long begun) {
    double length = Vectors.norm(Vectors.sum(there, -1, last.x()));
    int iteration = last.iteration() + 1;
    List<Iteration> history = new ArrayList<>(last.history());
    history.add(TrustRegion.entry(iteration, evaluation, 1, length, Double.NaN, true, begun));
    return last.then(iteration, there, Double.POSITIVE_INFINITY, new double[0], List.of(), history);
  }
}
