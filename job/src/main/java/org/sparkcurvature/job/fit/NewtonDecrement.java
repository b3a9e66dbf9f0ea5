package org.sparkcurvature.job.fit;

/** The squared Newton decrement {@code g' H^-1 g} where H is not formed. */
public final class NewtonDecrement {
  private NewtonDecrement() {}

  /**
   * Computes it by conjugate gradients, of 100 products at most.
   *
   * @param x the point, length P
   * @param here the objective there, with its gradient
   * @return at least 0; where negative curvature is met, with H's diagonal in place of H
   */
  public static double squared(ObjectiveFunction objective, double[] x, Evaluation here) {
    QuadraticModel model =
        ConjugateGradientModel.verifying(objective)
            .at(x, here, new double[0], Math.abs(here.value()));
    double predicted = model.unbounded().predicted();
    double norm = model.dualNorm(here.gradient());
    return Double.isFinite(predicted) && !model.hasNegativeCurvature()
        ? 2 * predicted
        : norm * norm;
  }
}
