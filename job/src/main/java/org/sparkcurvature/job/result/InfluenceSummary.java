package org.sparkcurvature.job.result;

import static java.util.Objects.requireNonNull;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.sparkcurvature.objective.Layout;

/**
 * What rows do to estimates, in short; the table has it all.
 *
 * @param rows how many rows there were
 * @param weight sum of the weights of the rows used
 * @param layout where each parameter lies, on its natural scale
 * @param on what the influences are on: {@code parameters}, an expression, {@code validation}
 * @param linearPredictor that leverages are of
 * @param largest the rows that matter most
 * @param seconds where the time went, by stage
 * @param totalSeconds from the start of the program until everything but the summary was written
 * @param machinery what computed it
 * @param warnings whole sentences
 */
public record InfluenceSummary(
    RunSummary.Rows rows,
    double weight,
    Layout layout,
    String on,
    Optional<String> linearPredictor,
    List<Largest> largest,
    Map<String, Double> seconds,
    double totalSeconds,
    RunSummary.Machinery machinery,
    List<String> warnings) {

  /**
   * A row that matters.
   *
   * @param row its id or number
   * @param value its influence, or its self-influence where influences are on parameters
   */
  public record Largest(String row, double value) {}

  public InfluenceSummary {
    requireNonNull(rows);
    requireNonNull(linearPredictor);
    largest = List.copyOf(largest);
    seconds = Collections.unmodifiableMap(new LinkedHashMap<>(seconds));
    warnings = List.copyOf(warnings);
  }
}
