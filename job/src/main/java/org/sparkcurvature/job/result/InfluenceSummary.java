package org.sparkcurvature.job.result;

import static java.util.Objects.requireNonNull;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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
 * @param estimate what the influences are on, where that is one number
 * @param stdError its nonrobust standard error, where there is one
 * @param usual the magnitude that 99 % of the rows' influences on it are below
 */
public record InfluenceSummary(
    RunFacts run,
    String on,
    Optional<String> linearPredictor,
    OptionalDouble dispersion,
    List<Largest> largest,
    OptionalDouble estimate,
    OptionalDouble stdError,
    OptionalDouble usual) {

  /**
   * A row that matters.
   *
   * @param row its id or number
   * @param value its influence, or its self-influence where influences are on parameters
   * @param beside what else the table says of it: leverage, carried numbers
   */
  public record Largest(String row, double value, Map<String, Double> beside) {
    public Largest {
      beside = Collections.unmodifiableMap(new LinkedHashMap<>(beside));
    }
  }

  public InfluenceSummary {
    requireNonNull(run);
    requireNonNull(linearPredictor);
    largest = List.copyOf(largest);
    requireNonNull(estimate);
    requireNonNull(stdError);
    requireNonNull(usual);
  }
}
