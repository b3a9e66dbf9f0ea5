package org.sparkcurvature.job.infer;

import static java.util.Objects.requireNonNull;

import java.util.Optional;
import org.sparkcurvature.job.result.FitSummary;
import org.sparkcurvature.job.result.ModelStatistics;
import org.sparkcurvature.job.watch.FittedValues;

/**
 * A fit and what can be said of it.
 *
 * @param fit where the objective is minimal
 * @param infer the estimates with their errors
 * @param statistics how well the model fits
 * @param fitted means beside observations, where the model tells mean and variance of a row
 */
public record EstimateSummary(
    FitSummary fit, InferSummary infer, ModelStatistics statistics, Optional<FittedValues> fitted) {
  public EstimateSummary {
    requireNonNull(fit);
    requireNonNull(infer);
    requireNonNull(statistics);
  }
}
