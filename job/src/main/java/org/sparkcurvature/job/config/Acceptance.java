package org.sparkcurvature.job.config;

import static java.util.Objects.requireNonNull;

/**
 * With which rows an input is good enough to go on.
 *
 * @param maxRejected the largest share of invalid rows, from 0 to 1
 * @param onEmpty what no rows at all mean
 * @param missing what a cell without a value means
 * @param missingPath what a path without files means
 */
public record Acceptance(
    double maxRejected, OnEmpty onEmpty, Missing missing, MissingPath missingPath) {
  public Acceptance {
    requireNonNull(onEmpty);
    requireNonNull(missing);
    requireNonNull(missingPath);
  }
}
