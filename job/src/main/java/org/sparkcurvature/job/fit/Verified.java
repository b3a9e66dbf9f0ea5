package org.sparkcurvature.job.fit;

import java.util.function.Consumer;
import org.sparkcurvature.job.solve.HessianFacts;

/**
 * A method without Hessians, followed by Newton steps: they tell whether its end is a minimum, and
 * go on where it is none. Gradients alone do not tell, where the Hessian is ill-conditioned or at a
 * saddle. Where P is too large for a Hessian, the steps are those of conjugate gradients.
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
    Minimiser newton =
        new TrustRegion(
            state.x().length <= LARGEST
                ? each -> ExactModel.source(each)
                : ConjugateGradientModel::verifying);
    return newton.minimise(
        objective, state, limits, next -> kept.accept(next.inPhase(FitState.Phase.VERIFYING)));
  }
}
