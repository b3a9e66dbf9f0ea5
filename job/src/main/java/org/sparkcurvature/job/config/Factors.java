package org.sparkcurvature.job.config;

import java.util.List;
import java.util.Map;

/**
 * Factors of a penalty on elements of parameters: one, or a path of several that are taken one
 * after the other.
 *
 * @param byName by name of a parameter, the factor of each step of the path; all other parameters
 *     have none
 * @param everywhere that of all parameters that are estimated, of each step; {@code byName} is
 *     empty then
 */
public record Factors(Map<String, List<Double>> byName, List<Double> everywhere) {
  /** No penalty. */
  public static final Factors NONE = new Factors(Map.of(), List.of(0.0));

  public Factors {
    byName = Ordered.copyOf(byName);
    everywhere = List.copyOf(everywhere);
  }

  /** How many steps the path has; at least 1. */
  public int steps() {
    return byName.values().stream().mapToInt(List::size).max().orElse(everywhere.size());
  }

  /** The factor of a parameter's elements at a step, from 0. */
  public double of(String name, int step) {
    List<Double> factors = byName.getOrDefault(name, byName.isEmpty() ? everywhere : List.of(0.0));
    return factors.get(factors.size() == 1 ? 0 : step);
  }

  /** Whether any factor is above 0. */
  public boolean any() {
    return byName.values().stream().flatMap(List::stream).anyMatch(factor -> factor > 0)
        || everywhere.stream().anyMatch(factor -> factor > 0);
  }

  /** The factors of one step, as a user would write them: {@code 0.1} or {@code beta = 0.1}. */
  public String describe(int step) {
    return byName.isEmpty()
        ? everywhere.get(step).toString()
        : String.join(
            ", ", byName.keySet().stream().map(name -> name + " = " + of(name, step)).toList());
  }
}
