package org.sparkcurvature.job.fit;

import java.util.Arrays;
import java.util.stream.IntStream;
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
    if (penalised && l1.length <= HessianFacts.LARGEST_ORDER) {
      // First-order steps find which elements are 0, and are slow to find the rest.
      return new Finished(owlqn(l1), new ProximalNewton(l1));
    }
    return switch (method) {
      case TRUST_REGION_NEWTON -> new TrustRegion(ExactModel::source);
      case NEWTON_CG -> new Verified(new TrustRegion(ConjugateGradientModel::source));
      case LBFGS -> new Verified(new LimitedMemory(Verified.LARGEST));
      case OWLQN -> penalised ? owlqn(l1) : of(FitMethod.LBFGS, l1);
    };
  }

  private static Minimiser owlqn(double[] l1) {
    return new Rescaled(units -> new QuasiNewton(products(l1, units)));
  }

  private static double[] products(double[] a, double[] b) {
    return IntStream.range(0, a.length).mapToDouble(i -> a[i] * b[i]).toArray();
  }
}
