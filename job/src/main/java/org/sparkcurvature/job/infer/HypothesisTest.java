package org.sparkcurvature.job.infer;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import org.apache.commons.math3.special.Beta;
import org.apache.commons.math3.special.Gamma;
import org.sparkcurvature.job.config.HypothesisConfig.Kind;
import org.sparkcurvature.job.solve.ScaledHessian;
import org.sparkcurvature.job.solve.SymmetricMatrix;

/**
 * Tests of one hypothesis: of equations that are taken together. Where all of them hold, each
 * statistic is chi-squared with as many degrees of freedom as there are equations; the Wald
 * statistic over them is F where estimates over their errors are t.
 *
 * @param name what it is called
 * @param hypothesis the equations as they were written
 * @param degreesOfFreedom number of equations
 * @param residual degrees of freedom of that t; empty: normal
 * @param wald r' (R V R')^-1 r, by the estimates and their covariance
 * @param likelihoodRatio twice the difference of log-likelihoods from a fit under the hypothesis,
 *     over the dispersion
 * @param score g' H^-1 g at that fit (Rao 1948)
 */
public record HypothesisTest(
    String name,
    List<String> hypothesis,
    int degreesOfFreedom,
    OptionalDouble residual,
    OptionalDouble wald,
    OptionalDouble likelihoodRatio,
    OptionalDouble score) {
  public HypothesisTest {
    hypothesis = List.copyOf(hypothesis);
  }

  /**
   * The statistic of one kind of test.
   *
   * @param distribution of the statistic where all equations hold: {@code chi2(2)}, {@code F(2,
   *     97)}
   * @param p the probability of a larger one there, never 0
   */
  public record Statistic(Kind kind, String distribution, double value, double p) {
    /** What the test is called. */
    public String name() {
      return kind == Kind.WALD ? "Wald" : key().replace('_', ' ');
    }

    /** What the test is called in files. */
    public String key() {
      return kind.name().toLowerCase(Locale.ROOT);
    }
  }

  /** The statistics that there are. */
  public List<Statistic> statistics() {
    List<Statistic> statistics = new ArrayList<>();
    wald.ifPresent(
        value ->
            statistics.add(
                residual.isPresent()
                    ? f(value / degreesOfFreedom, residual.getAsDouble())
                    : chiSquared(Kind.WALD, value)));
    likelihoodRatio.ifPresent(value -> statistics.add(chiSquared(Kind.LIKELIHOOD_RATIO, value)));
    score.ifPresent(value -> statistics.add(chiSquared(Kind.SCORE, value)));
    return statistics;
  }

  private Statistic chiSquared(Kind kind, double value) {
    String distribution = "chi2(" + degreesOfFreedom + ")";
    return new Statistic(kind, distribution, value, chance(value, degreesOfFreedom));
  }

  private Statistic f(double value, double within) {
    // As for t, whose square is F: from the upper tail itself.
    double p =
        Beta.regularizedBeta(
            1 / (1 + degreesOfFreedom * value / within), within / 2, degreesOfFreedom / 2.0);
    String whole = within == Math.rint(within) ? "%.0f" : "%.2f";
    String distribution =
        String.format(Locale.ROOT, "F(%d, " + whole + ")", degreesOfFreedom, within);
    return new Statistic(Kind.WALD, distribution, value, Estimate.aboveZero(p));
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
