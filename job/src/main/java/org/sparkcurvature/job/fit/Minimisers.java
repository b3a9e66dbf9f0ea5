package org.sparkcurvature.job.fit;

import org.sparkcurvature.job.config.FitMethod;
import org.sparkcurvature.job.solve.HessianFacts;

/** The methods of the contract by name. */
public final class Minimisers {
  /** The most elements with bounds: their Hessian is formed. */
  public static final int LARGEST_BOUNDED = 4096;

  private Minimisers() {}

  /**
   * A method.
   *
   * @param penalty l1 only with {@link FitMethod#TRUST_REGION_NEWTON} and {@link FitMethod#OWLQN};
   *     bounds only up to {@link #LARGEST_BOUNDED} elements, whatever the method
   */
  public static Minimiser of(FitMethod method, SeparablePenalty penalty) {
    if (penalty.hasBounds()) {
      return new ProximalNewton(penalty);
    }
    double[] l1 = penalty.l1();
    if (penalty.hasL1() && method == FitMethod.TRUST_REGION_NEWTON) {
      return new ProximalNewton(penalty);
    }
    if (penalty.hasL1()) {
      // First-order steps find which elements are 0, and are slow to find the rest.
      return l1.length <= HessianFacts.LARGEST_ORDER
          ? new Finished(new LimitedMemory(l1, Integer.MAX_VALUE), 50, new ProximalNewton(penalty))
          : withoutHessians(l1);
    }
    return switch (method) {
      case TRUST_REGION_NEWTON -> new Plateau(new TrustRegion(ExactModel::source));
      case NEWTON_CG -> new Verified(new TrustRegion(ConjugateGradientModel::source));
      case LBFGS, OWLQN -> new Verified(new LimitedMemory(l1, Verified.LARGEST));
    };
  }

  /** With an l1 penalty, where P is too large for a Hessian. */
  static Minimiser withoutHessians(double[] l1) {
    return new Finished(
        new LimitedMemory(l1, Integer.MAX_VALUE), Integer.MAX_VALUE, new FaceNewton(l1));
  }
}
