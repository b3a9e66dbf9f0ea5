package org.sparkcurvature.job.fit;

import java.util.function.Consumer;

/**
 * A method that leads near a minimum, and one that goes on from where it ends and says whether it
 * is one.
 *
 * @param near the first method
 * @param most iterations after which the second one takes over in any case
 * @param end the second, which keeps no memory of points
 */
record Finished(Minimiser near, int most, Minimiser end) implements Minimiser {
  @Override
  public FitResult minimise(
      ObjectiveFunction objective, FitState from, Limits limits, Consumer<FitState> kept) {
    FitState state = from;
    if (from.phase() == FitState.Phase.FIRST) {
      Limits first = new Limits(limits.tolerance(), Math.min(most, limits.maxIterations()));
      FitResult reached = near.minimise(objective, from, first, kept);
      if (reached.state().iteration() >= limits.maxIterations()
          || reached.termination() == FitResult.Termination.DIVERGED) {
        return reached;
      }
      state = reached.state().verifying();
    }
    return end.minimise(objective, state, limits, kept);
  }
}
