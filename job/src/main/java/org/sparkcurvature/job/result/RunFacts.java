package org.sparkcurvature.job.result;

import static java.util.Objects.requireNonNull;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.sparkcurvature.engine.Layout;

/**
 * What every estimation tells beside its answer.
 *
 * @param rows how many rows there were
 * @param weight sum of the weights of the rows used
 * @param layout where each parameter lies
 * @param seconds where the time went, by stage
 * @param totalSeconds from the start of the program until everything but the summary was written
 * @param machinery what computed it
 * @param warnings whole sentences
 */
public record RunFacts(
    RunSummary.Rows rows,
    double weight,
    Layout layout,
    Map<String, Double> seconds,
    double totalSeconds,
    RunSummary.Machinery machinery,
    List<String> warnings) {
  public RunFacts {
    requireNonNull(rows);
    requireNonNull(layout);
    requireNonNull(machinery);
    seconds = Collections.unmodifiableMap(new LinkedHashMap<>(seconds));
    warnings = List.copyOf(warnings);
  }
}
