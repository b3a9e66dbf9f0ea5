package org.sparkcurvature.job.config;

import static java.util.Objects.requireNonNull;

import java.util.Optional;

/**
 * The block {@code fit}.
 *
 * @param method how the objective is minimised
 * @param tolerance the relative gradient norm at which it is minimal, in the metric of the inverse
 *     Hessian; above 0
 * @param maxIterations at least 1
 * @param l1 the factor of each element's absolute value that is added to the objective; a path of
 *     them is taken one after the other
 * @param l2 the factor of half each element's square, likewise; never a path
 * @param checkpoint folder in which the state of each iteration is kept
 * @param groups what is said of one model for each of many groups
 */
public record FitConfig(
    FitMethod method,
    double tolerance,
    int maxIterations,
    Factors l1,
    Factors l2,
    Optional<String> checkpoint,
    GroupsConfig groups) {
  public FitConfig {
    requireNonNull(method);
    requireNonNull(l1);
    requireNonNull(l2);
    requireNonNull(checkpoint);
    requireNonNull(groups);
  }

  /** Whether a penalty draws elements towards 0. */
  public boolean isPenalised() {
    return l1.any() || l2.any();
  }
}
