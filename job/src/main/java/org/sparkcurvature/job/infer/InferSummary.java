package org.sparkcurvature.job.infer;

import static java.util.Objects.requireNonNull;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import org.sparkcurvature.job.config.InferConfig;
import org.sparkcurvature.job.result.RunFacts;
import org.sparkcurvature.job.solve.SymmetricMatrix;
import org.sparkcurvature.job.watch.FittedValues;

/**
 * What was inferred.
 *
 * @param run rows, time and what computed it
 * @param count n: rows used, or the sum of frequencies
 * @param settings what was asked for
 * @param factor the small-sample factor of the covariance, in words; {@code none}
 * @param degreesOfFreedom of the t distribution that estimates over their errors are compared with;
 *     empty: normal
 * @param groups number of groups by column, where it is clustered
 * @param negative how many eigenvalues of the covariance were below 0 and are taken for 0
 * @param profiled the parameters that are estimated, too, and not told of
 * @param coefficients the parameters that are estimated on their natural scale: of these exp says
 *     something
 * @param value the objective, a sum
 * @param likelihood information criteria where the loss is a negative log-likelihood
 * @param covariance of the estimates, on their natural scale
 * @param estimates the parameters, then their functions
 * @param tests in the order of the configuration
 * @param rows their losses and levels
 */
public record InferSummary(
    RunFacts run,
    double count,
    InferConfig settings,
    String factor,
    OptionalDouble degreesOfFreedom,
    Map<String, Long> groups,
    int negative,
    List<String> profiled,
    Set<String> coefficients,
    double value,
    Optional<Likelihood> likelihood,
    SymmetricMatrix covariance,
    List<Estimate> estimates,
    List<HypothesisTest> tests,
    Optional<FittedValues> rows) {

  /**
   * A fitted likelihood.
   *
   * @param logLikelihood of all rows, without a penalty
   * @param aic 2 k - 2 log-likelihood
   * @param bic k ln n - 2 log-likelihood
   */
  public record Likelihood(double logLikelihood, double aic, double bic) {

    /**
     * The criteria.
     *
     * @param k number of estimates
     * @param n number of rows
     */
    public static Likelihood of(double logLikelihood, int k, double n) {
      return new Likelihood(
          logLikelihood, 2 * k - 2 * logLikelihood, k * Math.log(n) - 2 * logLikelihood);
    }
  }

  /** Whether tables give exp of an estimate. */
  public boolean hasExp(Estimate estimate) {
    return settings.transform() == InferConfig.TableTransform.EXP
        && coefficients.contains(estimate.parameter());
  }

  public InferSummary {
    requireNonNull(run);
    requireNonNull(likelihood);
    groups = Collections.unmodifiableMap(new LinkedHashMap<>(groups));
    profiled = List.copyOf(profiled);
    coefficients = Set.copyOf(coefficients);
    estimates = List.copyOf(estimates);
    tests = List.copyOf(tests);
  }
}
