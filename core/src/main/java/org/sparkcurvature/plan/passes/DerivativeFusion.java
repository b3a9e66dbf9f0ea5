package org.sparkcurvature.plan.passes;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.sparkcurvature.ops.Elementwise;
import org.sparkcurvature.plan.steps.Buffer;
import org.sparkcurvature.plan.steps.FusedDerivatives;
import org.sparkcurvature.plan.steps.Lanes;
import org.sparkcurvature.plan.steps.Step;
import org.sparkcurvature.plan.steps.StepBuilder;
import org.sparkcurvature.plan.steps.StepList;

/** Functions and derivatives of them at one operand, put together where they share their work. */
public final class DerivativeFusion {
  private DerivativeFusion() {}

  private record Key(String function, Buffer operand) {}

  /** As {@link Pass#run}. */
  public static void run(StepBuilder steps, Collection<Buffer> results) {
    join(steps.perBlock());
  }

  /** Replaces such steps by one, where the first of them stood. */
  static void join(StepList steps) {
    Map<Key, List<Integer>> families = new HashMap<>();
    for (int k = 0; k < steps.size(); k++) {
      int position = k;
      key(steps.at(k))
          .ifPresent(key -> families.computeIfAbsent(key, f -> new ArrayList<>()).add(position));
    }
    for (List<Integer> family : families.values()) {
      if (family.size() > 1) {
        FusedDerivatives fused =
            new FusedDerivatives(family.stream().map(k -> (Lanes) steps.at(k)).toList());
        steps.set(family.get(0), fused);
        family.subList(1, family.size()).forEach(steps::remove);
      }
    }
  }

  private static Optional<Key> key(Step step) {
    if (!(step instanceof Lanes lanes)) {
      return Optional.empty();
    }
    Optional<Elementwise.Family> family = lanes.function().row().family();
    return family.isPresent() && lanes.function().partial().size() < family.get().orders()
        ? lanes.operand().map(operand -> new Key(lanes.function().function(), operand))
        : Optional.empty();
  }
}
