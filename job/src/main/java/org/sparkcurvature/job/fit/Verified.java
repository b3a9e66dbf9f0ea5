package org.sparkcurvature.job.fit;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.sparkcurvature.job.solve.HessianFacts;

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

  @Override
  public FitResult minimise(
      ObjectiveFunction objective, FitState from, Limits limits, Consumer<FitState> kept) {
    FitState state = from;
    if (from.phase() == FitState.Phase.FIRST) {
      FitResult end = first.minimise(objective, from, limits, kept);
      if (end.ending() == FitResult.Ending.MAX_ITERATIONS
          || end.ending() == FitResult.Ending.DIVERGED) {
        return end;
      }
      state = end.state().verifying();
    }
    Consumer<FitState> verifying = next -> kept.accept(next.inPhase(FitState.Phase.VERIFYING));
    if (state.x().length <= LARGEST) {
      return new Plateau(new TrustRegion(ExactModel::source))
          .minimise(objective, state, limits, verifying);
    }
    Minimiser newton = new TrustRegion(ConjugateGradientModel::verifying);
    while (true) {
      FitResult result = newton.minimise(objective, state, limits, verifying);
      Optional<double[]> falling =
          result.ending().converged()
              ? Saddle.direction(objective, result.state().x(), result.state().scales())
              : Optional.empty();
      if (falling.isEmpty()) {
        return result;
      }
      if (result.state().iteration() >= limits.maxIterations()) {
        return result.ended(FitResult.Ending.MAX_ITERATIONS);
      }
      Optional<FitState> left = leave(objective, result, falling.get());
      if (left.isEmpty()) {
        return result.ended(FitResult.Ending.STALLED);
      }
      state = left.get();
      verifying.accept(state);
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
              return new FitState(
                  state.iteration() + 1,
                  found.x(),
                  Double.POSITIVE_INFINITY,
                  new double[0],
                  List.of(),
                  history,
                  FitState.Phase.VERIFYING);
            });
  }
}
