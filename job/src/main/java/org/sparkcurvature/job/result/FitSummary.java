package org.sparkcurvature.job.result;

import static java.util.Objects.requireNonNull;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.sparkcurvature.job.config.FitConfig;
import org.sparkcurvature.job.fit.FitResult;
import org.sparkcurvature.objective.Layout;

/**
 * A fit in numbers.
 *
 * @param rows how many rows there were
 * @param weight sum of the weights of the rows used
 * @param layout where each parameter lies, on its natural scale
 * @param settings what was asked for
 * @param result where the method ended
 * @param passes how often the data was passed over
 * @param verdict what the Hessian says of the point, where it was computed
 * @param divergence the direction in which the value falls for ever, in words, where there is one
 * @param estimates the parameters that were estimated, on their natural scale, one after the other
 * @param seconds where the time went, by stage
 * @param totalSeconds from the start of the program until everything but the summary was written
 * @param machinery what computed it
 * @param warnings whole sentences
 */
public record FitSummary(
    RunSummary.Rows rows,
    double weight,
    Layout layout,
    FitConfig settings,
    FitResult result,
    int passes,
    Optional<CurvatureVerdict> verdict,
    Optional<String> divergence,
    double[] estimates,
    Map<String, Double> seconds,
    double totalSeconds,
    RunSummary.Machinery machinery,
    List<String> warnings) {
  public FitSummary {
    requireNonNull(rows);
    requireNonNull(result);
    requireNonNull(verdict);
    requireNonNull(divergence);
    seconds = Collections.unmodifiableMap(new LinkedHashMap<>(seconds));
    warnings = List.copyOf(warnings);
  }
}
