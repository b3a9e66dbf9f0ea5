package org.sparkcurvature.job.infer;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.apache.commons.math3.special.Gamma;
import org.sparkcurvature.job.solve.ScaledHessian;
import org.sparkcurvature.job.solve.SymmetricMatrix;

/**
 * A Wald test of equations taken together: r' (R V R')^-1 r is chi-squared with as many degrees of
 * freedom as there are equations, where all of them hold.
 *
 * @param name what it is called
 * @param hypothesis the equations as they were written
 * @param statistic r' (R V R')^-1 r
 * @param degreesOfFreedom number of equations
 * @param p probability of a larger statistic where all equations hold
 */
public record WaldTest(
    String name, List<String> hypothesis, double statistic, int degreesOfFreedom, double p) {
  public WaldTest {
    hypothesis = List.copyOf(hypothesis);
  }

  /**
   * Tests that all of {@code values} are 0.
   *
   * @param values r: what the equations say is 0, at the estimates
   * @param covariance of the values: R V R'
   * @return empty if the covariance is singular: equations that say the same, or nothing
   */
  public static Optional<WaldTest> of(
      String name, List<String> hypothesis, double[] values, SymmetricMatrix covariance) {
    if (Arrays.stream(covariance.diagonal()).anyMatch(variance -> !(variance > 0))) {
      return Optional.empty();
    }
    ScaledHessian decomposed = ScaledHessian.of(covariance);
    if (!decomposed.isPositiveDefinite()) {
      return Optional.empty();
    }
    double[] coefficients = decomposed.toEigen(values);
    double statistic = 0;
    for (int k = 0; k < coefficients.length; k++) {
      statistic += coefficients[k] * coefficients[k] / decomposed.eigenvalue(k);
    }
    // The upper tail itself: 1 less the lower one is 0 from 1e-16 on.
    double p = Estimate.aboveZero(Gamma.regularizedGammaQ(values.length / 2.0, statistic / 2));
    return Optional.of(new WaldTest(name, hypothesis, statistic, values.length, p));
  }
}
