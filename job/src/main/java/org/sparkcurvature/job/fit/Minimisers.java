package org.sparkcurvature.job.fit;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.sparkcurvature.job.config.FitMethod;

/** The methods of the contract by name. */
public final class Minimisers {
  private Minimisers() {}

  /**
   * A method.
   *
   * @param l1 for {@link FitMethod#OWLQN}, the factor of each element's absolute value, length P
   */
  public static Minimiser of(FitMethod method, double[] l1) {
    return switch (method) {
      case TRUST_REGION_NEWTON -> new TrustRegion(objective -> ExactModel.source());
      case NEWTON_CG -> new Verified(new TrustRegion(ConjugateGradientModel::source));
      case LBFGS -> new Verified(new LimitedMemory(Verified.LARGEST));
      case OWLQN ->
          Arrays.stream(l1).anyMatch(factor -> factor > 0)
              ? new Rescaled(units -> new QuasiNewton(products(l1, units)))
              : of(FitMethod.LBFGS, l1);
    };
  }

  private static double[] products(double[] a, double[] b) {
    return IntStream.range(0, a.length).mapToDouble(i -> a[i] * b[i]).toArray();
  }
}
