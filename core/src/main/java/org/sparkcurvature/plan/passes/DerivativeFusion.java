package org.sparkcurvature.plan.passes;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.sparkcurvature.plan.steps.Buffer;
import org.sparkcurvature.plan.steps.BufferSet;
import org.sparkcurvature.plan.steps.FusedDerivatives;
import org.sparkcurvature.plan.steps.Lanes;
import org.sparkcurvature.plan.steps.Step;
import org.sparkcurvature.plan.steps.StepBuilder;
import org.sparkcurvature.plan.steps.StepList;

/**
 * Functions and derivatives of them at one operand or its opposite, put together where they share
 * their work: log_sigmoid(z) and log_sigmoid(-z) are made of one exponential function.
 */
public final class DerivativeFusion {
  private DerivativeFusion() {}

  private record Key(String family, Buffer operand) {}

  /** As {@link Pass#run}. */
  public static void run(StepBuilder steps, Collection<Buffer> results) {
    join(steps.perBlock(), results);
  }

  /**
   * Replaces such steps by one, where the first of them stood.
   *
   * @param results buffers that are asked for: a negation stays where its result is one of them, or
   *     another step reads it
   */
  static void join(StepList steps, Collection<Buffer> results) {
    Map<Key, List<Integer>> families = new LinkedHashMap<>();
    for (int k = 0; k < steps.size(); k++) {
      int position = k;
      key(steps, k)
          .ifPresent(key -> families.computeIfAbsent(key, f -> new ArrayList<>()).add(position));
    }
    families.forEach(
        (key, family) -> {
          if (family.size() > 1) {
            List<Lanes> members = family.stream().map(k -> (Lanes) steps.at(k)).toList();
            steps.set(family.get(0), new FusedDerivatives(key.operand(), members));
            family.subList(1, family.size()).forEach(steps::remove);
          }
        });
    Set<Buffer> wanted = new BufferSet(results);
    for (int k = 0; k < steps.size(); k++) {
      if (isNegation(steps.at(k))
          && !wanted.contains(steps.at(k).out())
          && steps.readers(steps.at(k).out()).size() == 0) {
        steps.remove(k);
      }
    }
  }

  private static Optional<Key> key(StepList steps, int position) {
    if (!(steps.at(position) instanceof Lanes lanes) || lanes.operand().isEmpty()) {
      return Optional.empty();
    }
    Buffer operand = lanes.operand().get();
    return lanes
        .function()
        .row()
        .member(lanes.function().partial().size(), false)
        .map(member -> new Key(member.family().name(), opposite(steps, operand).orElse(operand)));
  }

  /** What a buffer is the opposite of, in all elements and for good. */
  private static Optional<Buffer> opposite(StepList steps, Buffer buffer) {
    if (steps.writers(buffer).size() != 1) {
      return Optional.empty();
    }
    int written = steps.writers(buffer).first();
    return isNegation(steps.at(written))
        ? ((Lanes) steps.at(written))
            .operand()
            .filter(operand -> !steps.writers(operand).isAnyAbove(written))
        : Optional.empty();
  }

  private static boolean isNegation(Step step) {
    return step instanceof Lanes lanes
        && lanes.function().function().equals("negate")
        && lanes.function().partial().isEmpty();
  }
}
