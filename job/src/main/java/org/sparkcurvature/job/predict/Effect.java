package org.sparkcurvature.job.predict;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.sparkcurvature.job.infer.Estimate;

/**
 * An average over rows, with its error.
 *
 * @param kind {@code mean}, {@code slope}, {@code elasticity} or {@code contrast}
 * @param column by which it is; empty for a mean
 * @param from the value that a contrast compares with; empty otherwise
 * @param to the value that is compared
 * @param group the values of {@code effects.by}; null where one is null
 * @param estimate the average, with error, z, p and interval
 */
public record Effect(
    String kind, String column, String from, String to, List<String> group, Estimate estimate) {
  public Effect {
    group = Collections.unmodifiableList(new ArrayList<>(group));
  }
}
