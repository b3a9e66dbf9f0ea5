package org.sparkcurvature.job.result;

import java.util.List;

/**
 * A direction in which an objective falls for ever.
 *
 * @param along the direction in the elements' names
 * @param ends where each element that grows goes, such as {@code beta[x1] to -infinity} or {@code
 *     sigma to 0}
 * @param value the objective far along it
 */
public record FallingDirection(String along, List<String> ends, double value) {
  public FallingDirection {
    ends = List.copyOf(ends);
  }
}
