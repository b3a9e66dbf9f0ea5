package org.sparkcurvature.plan;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * Steps in their order while they are made, with an index of who writes and reads each buffer:
 * nothing looks through all steps for one of them.
 */
final class StepList {
  /** In order; null where a step was removed. */
  private final List<Step> steps = new ArrayList<>();

  private final Map<Step, Integer> positions = new IdentityHashMap<>();
  private final Map<Buffer, List<Step>> writers = new HashMap<>();
  private final Map<Buffer, Integer> lastRead = new HashMap<>();

  void add(Step step) {
    int position = steps.size();
    steps.add(step);
    positions.put(step, position);
    writers.computeIfAbsent(step.out(), out -> new ArrayList<>()).add(step);
    step.inputs().forEach(in -> lastRead.put(in, position));
  }

  /** Removes a step whose operands another step reads that is added later. */
  void remove(Step step) {
    steps.set(positions.remove(step), null);
    writers.get(step.out()).removeIf(writer -> writer == step);
  }

  /** The step that writes a buffer, if nothing was added to what it wrote. */
  Optional<Step> onlyWriter(Buffer buffer) {
    List<Step> all = writers.getOrDefault(buffer, List.of());
    return all.size() == 1 ? Optional.of(all.get(0)) : Optional.empty();
  }

  /** Whether a later step reads what a step writes. */
  boolean isReadBehind(Step step) {
    return lastRead.getOrDefault(step.out(), -1) > positions.get(step);
  }

  /** A copy, for passes over all of them. */
  List<Step> steps() {
    return new ArrayList<>(steps.stream().filter(Objects::nonNull).toList());
  }
}
