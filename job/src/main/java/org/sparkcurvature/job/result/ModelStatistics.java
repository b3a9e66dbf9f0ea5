package org.sparkcurvature.job.result;

import static java.util.Objects.requireNonNull;

import java.util.OptionalDouble;
import org.apache.commons.math3.special.Gamma;

/**
 * How well a model fits, as tables of generalised linear models say it.
 *
 * @param observations n: rows used, or the sum of frequencies
 * @param parameters k: how many elements were estimated
 * @param logLikelihood at the estimates
 * @param nullLogLikelihood that of the model without predictors
 * @param nullParameters how many elements that model estimates
 * @param deviance summed over rows
 * @param nullDeviance that of the model without predictors
 * @param pearson the sum of squared Pearson residuals
 * @param dispersion Pearson's statistic over n - k, where the variance is known up to a factor;
 *     otherwise 1
 * @param isScaled whether the dispersion is estimated
 */
public record ModelStatistics(
    double observations,
    int parameters,
    OptionalDouble logLikelihood,
    OptionalDouble nullLogLikelihood,
    int nullParameters,
    OptionalDouble deviance,
    OptionalDouble nullDeviance,
    OptionalDouble pearson,
    double dispersion,
    boolean isScaled) {
  public ModelStatistics {
    requireNonNull(logLikelihood);
    requireNonNull(nullLogLikelihood);
    requireNonNull(deviance);
    requireNonNull(nullDeviance);
    requireNonNull(pearson);
  }

  /** n - k. */
  public double residualDegreesOfFreedom() {
    return observations - parameters;
  }

  /** Twice the difference of log-likelihoods to the model without predictors. */
  public OptionalDouble likelihoodRatio() {
    return logLikelihood.isPresent() && nullLogLikelihood.isPresent() && degreesOfFreedom() > 0
        ? OptionalDouble.of(2 * (logLikelihood.getAsDouble() - nullLogLikelihood.getAsDouble()))
        : OptionalDouble.empty();
  }

  /** How many elements the model has more than the one without predictors. */
  public int degreesOfFreedom() {
    return parameters - nullParameters;
  }

  /** The probability of a larger likelihood ratio where no predictor has an effect. */
  public OptionalDouble likelihoodRatioP() {
    OptionalDouble ratio = likelihoodRatio();
    return ratio.isEmpty()
        ? ratio
        : OptionalDouble.of(
            Math.max(
                Double.MIN_NORMAL,
                Gamma.regularizedGammaQ(
                    degreesOfFreedom() / 2.0, Math.max(0, ratio.getAsDouble()) / 2)));
  }

  /** 1 - log-likelihood over that of the model without predictors (McFadden 1974). */
  public OptionalDouble pseudoR2() {
    return logLikelihood.isPresent()
            && nullLogLikelihood.isPresent()
            && nullLogLikelihood.getAsDouble() != 0
        ? OptionalDouble.of(1 - logLikelihood.getAsDouble() / nullLogLikelihood.getAsDouble())
        : OptionalDouble.empty();
  }

  /** The share of the deviance that the predictors explain: R2 of a linear model. */
  public OptionalDouble explainedDeviance() {
    return deviance.isPresent() && nullDeviance.isPresent() && nullDeviance.getAsDouble() > 0
        ? OptionalDouble.of(1 - deviance.getAsDouble() / nullDeviance.getAsDouble())
        : OptionalDouble.empty();
  }

  /** 2 k - 2 log-likelihood; an estimated dispersion is not counted, as in statsmodels. */
  public OptionalDouble aic() {
    return logLikelihood.isEmpty()
        ? logLikelihood
        : OptionalDouble.of(2.0 * parameters - 2 * logLikelihood.getAsDouble());
  }

  /** k ln n - 2 log-likelihood. */
  public OptionalDouble bic() {
    return logLikelihood.isEmpty()
        ? logLikelihood
        : OptionalDouble.of(parameters * Math.log(observations) - 2 * logLikelihood.getAsDouble());
  }
}
