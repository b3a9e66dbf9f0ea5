package org.sparkcurvature.job.result;

import static java.util.Objects.requireNonNull;

import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * What rows do to estimates, in short; the table has it all.
 *
 * @param run rows, time and what computed it
 * @param on what the influences are on: {@code parameters}, an expression, {@code validation}
 * @param linearPredictor that leverages are of
 * @param dispersion that Cook's distances are divided by, where it is estimated
 * @param largest the rows that matter most
 */
public record InfluenceSummary(
    RunFacts run,
    String on,
    Optional<String> linearPredictor,
    OptionalDouble dispersion,
    List<Largest> largest) {

  /**
   * A row that matters.
   *
   * @param row its id or number
   * @param value its influence, or its self-influence where influences are on parameters
   */
  public record Largest(String row, double value) {}

  public InfluenceSummary {
    requireNonNull(run);
    requireNonNull(linearPredictor);
    largest = List.copyOf(largest);
  }
}
