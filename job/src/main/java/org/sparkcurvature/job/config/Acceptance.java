package org.sparkcurvature.job.config;

import static java.util.Objects.requireNonNull;

/**
 * With which rows an input is good enough to go on.
 *
 * @param maxRejected the largest share of invalid rows, from 0 to 1
 * @param onEmpty what no rows at all mean
 */
public record Acceptance(double maxRejected, OnEmpty onEmpty) {
  public Acceptance {
    requireNonNull(onEmpty);
  }
}
