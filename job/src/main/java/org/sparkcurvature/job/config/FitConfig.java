package org.sparkcurvature.job.config;

import static java.util.Objects.requireNonNull;

import java.util.Map;
import java.util.Optional;

/**
 * The block {@code fit}.
 *
 * @param method how the objective is minimised
 * @param tolerance the relative gradient norm at which it is minimal, in the metric of the inverse
 *     Hessian; above 0
 * @param maxIterations at least 1
 * @param l1 by name of a parameter, the factor of the sum of its elements' absolute values that is
 *     added to the objective; all above 0; empty unless the method is {@link FitMethod#OWLQN}
 * @param l1Everywhere the factor of all parameters that are estimated; 0 where {@code l1} says more
 * @param checkpoint folder in which the state of each iteration is kept
 */
public record FitConfig(
    FitMethod method,
    double tolerance,
    int maxIterations,
    Map<String, Double> l1,
    double l1Everywhere,
    Optional<String> checkpoint) {
  public FitConfig {
    requireNonNull(method);
    l1 = Ordered.copyOf(l1);
    requireNonNull(checkpoint);
  }
}
