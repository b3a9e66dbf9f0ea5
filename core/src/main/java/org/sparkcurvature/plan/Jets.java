package org.sparkcurvature.plan;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.sparkcurvature.graph.Node;
import org.sparkcurvature.rules.Elementwise;

/** Functions and derivatives of them at one operand, put together where they share their work. */
final class Jets {
  private Jets() {}

  private record Key(String function, Buffer operand) {}

  /**
   * Replaces such steps by one, where the first of them stood.
   *
   * @param meaning what each step, by identity, computes
   */
  static void join(List<Step> steps, Map<Step, Node> meaning) {
    Map<Key, List<Step.Lanes>> families = new HashMap<>();
    for (Step step : steps) {
      key(step)
          .ifPresent(
              key -> families.computeIfAbsent(key, k -> new ArrayList<>()).add((Step.Lanes) step));
    }
    Map<Step, Step> joined = new IdentityHashMap<>();
    for (List<Step.Lanes> family : families.values()) {
      if (family.size() > 1) {
        Step.Jet jet = new Step.Jet(family);
        meaning.put(jet, meaning.get(family.get(0)));
        family.forEach(member -> joined.put(member, null));
        joined.put(family.get(0), jet);
      }
    }
    steps.replaceAll(step -> joined.getOrDefault(step, step));
    steps.removeIf(Objects::isNull);
  }

  private static Optional<Key> key(Step step) {
    if (!(step instanceof Step.Lanes lanes)) {
      return Optional.empty();
    }
    Optional<Elementwise.Family> family = lanes.function().row().family();
    return family.isPresent() && lanes.function().partial().size() < family.get().orders()
        ? lanes.operand().map(operand -> new Key(lanes.function().function(), operand))
        : Optional.empty();
  }
}
