package org.sparkcurvature.job.fit;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.sparkcurvature.job.solve.HessianFacts;
import org.sparkcurvature.job.solve.Vectors;

/**
 * A method without Hessians, followed by Newton steps: they tell whether its end is a minimum, and
 * go on where it is none. Gradients alone do not tell, where the Hessian is ill-conditioned or at a
 * saddle. Where P is too large for a Hessian, the steps are those of conjugate gradients, and
 * products look for negative curvature where these end.
 *
 * @param first the method
 */
record Verified(Minimiser first) implements Minimiser {
  /** The largest P whose Hessian is computed to verify an end. */
  static final int LARGEST = HessianFacts.LARGEST_ORDER;

  /** Values that differ by this share may be of one minimum, where rounding stalls a method. */
  private static final double SAME = 1e-6;

  @Override
  public FitResult minimise(
      ObjectiveFunction objective, FitState from, Limits limits, Consumer<FitState> kept) {
    FitState state = from.start().length == 0 ? from.startedAt(from.x()) : from;
    if (state.phase() == FitState.Phase.FIRST) {
      FitResult end = first.minimise(objective, state, limits, kept);
      if (end.termination() == FitResult.Termination.MAX_ITERATIONS
          || end.termination() == FitResult.Termination.DIVERGED) {
        return end;
      }
      state = end.state().verifying();
    }
    return state.x().length <= LARGEST
        ? byHessians(objective, state, limits, kept)
        : byProducts(objective, state, limits, kept);
  }

  /**
   * Newton steps from where the first method ended; where these find no way, from where that began:
   * long first steps may have led to where the loss is flat or has a pole.
   */
  private static FitResult byHessians(
      ObjectiveFunction objective, FitState from, Limits limits, Consumer<FitState> kept) {
    Minimiser newton = new Plateau(new TrustRegion(ExactModel::source));
    FitResult result = newton.minimise(objective, from, limits, kept);
    FitState end = result.state();
    if (result.termination() != FitResult.Termination.STALLED
        || from.phase() == FitState.Phase.AGAIN
        || end.iteration() >= limits.maxIterations()) {
      return result;
    }
    long begun = System.nanoTime();
    Evaluation start = objective.at(end.start(), ObjectiveFunction.Order.GRADIENT);
    List<Iteration> history = new ArrayList<>(end.history());
    double length = Vectors.norm(Vectors.sum(end.start(), -1, end.x()));
    history.add(TrustRegion.entry(end.iteration() + 1, start, 1, length, Double.NaN, true, begun));
    FitState again = end.beginning(FitState.Phase.AGAIN, end.start(), history);
    kept.accept(again);
    FitResult second = newton.minimise(objective, again, limits, kept);
    // A minimum above a point that was reached is not what was asked for.
    double same = SAME * Convergence.size(end.history(), result.value());
    return second.value() <= result.value() + same ? second : result;
  }

  private static FitResult byProducts(
      ObjectiveFunction objective, FitState from, Limits limits, Consumer<FitState> kept) {
    FitState state = from;
    Minimiser newton = new TrustRegion(ConjugateGradientModel::verifying);
    while (true) {
      FitResult result = newton.minimise(objective, state, limits, kept);
      Optional<double[]> falling =
          result.termination().converged()
              ? Saddle.direction(objective, result.state().x(), result.state().scales())
              : Optional.empty();
      if (falling.isEmpty()) {
        return result;
      }
      if (result.state().iteration() >= limits.maxIterations()) {
        return result.ended(FitResult.Termination.MAX_ITERATIONS);
      }
      Optional<FitState> left = leave(objective, result, falling.get());
      if (left.isEmpty()) {
        return result.ended(FitResult.Termination.STALLED);
      }
      state = left.get();
      kept.accept(state);
    }
  }

  private static Optional<FitState> leave(
      ObjectiveFunction objective, FitResult saddle, double[] direction) {
    long begun = System.nanoTime();
    FitState state = saddle.state();
    return Saddle.leave(
            objective, state.x(), saddle.evaluation(), direction, state.scales(), state.history())
        .map(
            found -> {
              List<Iteration> history = new ArrayList<>(state.history());
              double length = Vectors.norm(Vectors.sum(found.x(), -1, state.x()));
              history.add(
                  TrustRegion.entry(
                      state.iteration() + 1,
                      found.evaluation(),
                      1,
                      length,
                      Double.NaN,
                      true,
                      begun));
              return state.then(
                  state.iteration() + 1,
                  found.x(),
                  Double.POSITIVE_INFINITY,
                  new double[0],
                  List.of(),
                  history);
            });
  }
}
