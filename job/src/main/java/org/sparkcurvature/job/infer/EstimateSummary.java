package org.sparkcurvature.job.infer;

import static java.util.Objects.requireNonNull;

import org.sparkcurvature.job.result.FitSummary;
import org.sparkcurvature.job.result.ModelStatistics;

/**
 * A fit and what can be said of it.
 *
 * @param fit where the objective is minimal
 * @param infer the estimates with their errors
 * @param statistics how well the model fits
 */
public record EstimateSummary(FitSummary fit, InferSummary infer, ModelStatistics statistics) {
  public EstimateSummary {
    requireNonNull(fit);
    requireNonNull(infer);
    requireNonNull(statistics);
  }
}
