package org.sparkcurvature.job.infer;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import org.apache.commons.math3.special.Gamma;
import org.sparkcurvature.job.solve.ScaledHessian;
import org.sparkcurvature.job.solve.SymmetricMatrix;

/**
 * Tests of one hypothesis: of equations that are taken together. Each statistic is chi-squared with
 * as many degrees of freedom as there are equations, where all of them hold.
 *
 * @param name what it is called
 * @param hypothesis the equations as they were written
 * @param degreesOfFreedom number of equations
 * @param wald r' (R V R')^-1 r, by the estimates and their covariance
 * @param likelihoodRatio twice the difference of log-likelihoods from a fit under the hypothesis,
 *     over the dispersion
 * @param score g' H^-1 g at that fit (Rao 1948)
 */
public record HypothesisTest(
    String name,
    List<String> hypothesis,
    int degreesOfFreedom,
    OptionalDouble wald,
    OptionalDouble likelihoodRatio,
    OptionalDouble score) {
  public HypothesisTest {
    hypothesis = List.copyOf(hypothesis);
  }

  /** The statistics that there are, by the name of the test. */
  public Map<String, Double> statistics() {
    Map<String, Double> statistics = new LinkedHashMap<>();
    wald.ifPresent(value -> statistics.put("Wald", value));
    likelihoodRatio.ifPresent(value -> statistics.put("likelihood ratio", value));
    score.ifPresent(value -> statistics.put("score", value));
    return statistics;
  }

  /** The probability of a larger statistic where all equations hold. */
  public double p(double statistic) {
    return chance(statistic, degreesOfFreedom);
  }

  /** The probability that chi-squared is larger, never 0. */
  public static double chance(double statistic, long degreesOfFreedom) {
    // The upper tail itself: 1 less the lower one is 0 from 1e-16 on.
    return Estimate.aboveZero(
        Gamma.regularizedGammaQ(degreesOfFreedom / 2.0, Math.max(0, statistic) / 2));
  }

  /**
   * The Wald statistic of all of {@code values} being 0.
   *
   * @param values r: what the equations say is 0, at the estimates
   * @param covariance of the values: R V R'
   * @return empty if the covariance is singular: equations that say the same, or nothing
   */
  public static OptionalDouble wald(double[] values, SymmetricMatrix covariance) {
    if (Arrays.stream(covariance.diagonal()).anyMatch(variance -> !(variance > 0))) {
      return OptionalDouble.empty();
    }
    ScaledHessian decomposed = ScaledHessian.of(covariance);
    if (!decomposed.isPositiveDefinite()) {
      return OptionalDouble.empty();
    }
    double[] coefficients = decomposed.toEigen(values);
    double statistic = 0;
    for (int k = 0; k < coefficients.length; k++) {
      statistic += coefficients[k] * coefficients[k] / decomposed.eigenvalue(k);
    }
    return OptionalDouble.of(statistic);
  }
}
