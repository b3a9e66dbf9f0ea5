package org.sparkcurvature.job.result;

import static java.util.Objects.requireNonNull;

import java.util.List;
import java.util.Optional;
import org.sparkcurvature.job.config.FitConfig;
import org.sparkcurvature.job.fit.FitResult;

/**
 * A fit in numbers.
 *
 * @param run rows, time and what computed it
 * @param settings what was asked for
 * @param result where the method ended
 * @param passes how often the data was passed over
 * @param verdict what the Hessian says of the point, where it was computed
 * @param falling the direction in which the value falls for ever, where there is one
 * @param path the fits of a path over factors of l1; empty where there is one fit
 * @param estimates the parameters that were estimated, on their natural scale, one after the other
 */
public record FitSummary(
    RunFacts run,
    FitConfig settings,
    FitResult result,
    int passes,
    Optional<CurvatureVerdict> verdict,
    Optional<FallingDirection> falling,
    List<PathStep> path,
    double[] estimates) {
  public FitSummary {
    requireNonNull(run);
    requireNonNull(result);
    requireNonNull(verdict);
    requireNonNull(falling);
    path = List.copyOf(path);
  }
}
