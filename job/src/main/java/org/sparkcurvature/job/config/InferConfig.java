package org.sparkcurvature.job.config;

import static java.util.Objects.requireNonNull;

import java.util.List;
import java.util.Map;

/**
 * The block {@code infer}.
 *
 * @param covariance of the estimates
 * @param weights what the rows' weights mean
 * @param groups columns or Spark SQL expressions; at least one for {@link Covariance#CLUSTER},
 *     several for several ways of clustering
 * @param nullGroups what becomes of rows without a group
 * @param level of the confidence intervals, between 0 and 1
 * @param singular what becomes of a singular Hessian
 * @param functions expressions of parameters, by name
 * @param tests by name, equations of expressions of parameters that are tested together
 */
public record InferConfig(
    Covariance covariance,
    WeightKind weights,
    List<String> groups,
    NullGroups nullGroups,
    double level,
    Refusal singular,
    Map<String, String> functions,
    Map<String, List<String>> tests) {
  public InferConfig {
    requireNonNull(covariance);
    requireNonNull(weights);
    groups = List.copyOf(groups);
    requireNonNull(nullGroups);
    requireNonNull(singular);
    functions = Ordered.copyOf(functions);
    tests = Ordered.copyOf(tests);
  }
}
