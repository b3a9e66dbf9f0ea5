package org.sparkcurvature.job.fit;

import java.util.Arrays;
import org.sparkcurvature.job.config.FitMethod;
import org.sparkcurvature.job.solve.HessianFacts;

/** The methods of the contract by name. */
public final class Minimisers {
  private Minimisers() {}

  /**
   * A method.
   *
   * @param l1 the factor of each element's absolute value, length P; all 0 unless the method is
   *     {@link FitMethod#TRUST_REGION_NEWTON} or {@link FitMethod#OWLQN}
   */
  public static Minimiser of(FitMethod method, double[] l1) {
    boolean penalised = Arrays.stream(l1).anyMatch(factor -> factor > 0);
    if (penalised && method == FitMethod.TRUST_REGION_NEWTON) {
      return new ProximalNewton(l1);
    }
    if (penalised) {
      // First-order steps find which elements are 0, and are slow to find the rest.
      return l1.length <= HessianFacts.LARGEST_ORDER
          ? new Finished(new LimitedMemory(l1, Integer.MAX_VALUE), 50, new ProximalNewton(l1))
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
