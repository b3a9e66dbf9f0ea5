package org.sparkcurvature.plan;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Objects;
import java.util.TreeSet;

/**
 * Steps in their order, with the positions of those that write and of those that read each buffer:
 * no pass looks through all steps for one of them. A position stays what it is when steps are
 * removed.
 */
final class StepList {
  /** Null where a step was removed. */
  private final List<Step> steps = new ArrayList<>();

  private final Map<Buffer, NavigableSet<Integer>> writers = new HashMap<>();
  private final Map<Buffer, NavigableSet<Integer>> readers = new HashMap<>();

  static StepList of(List<Step> steps) {
    StepList list = new StepList();
    steps.forEach(list::add);
    return list;
  }

  void add(Step step) {
    steps.add(step);
    enter(steps.size() - 1);
  }

  /** A number above every position. */
  int size() {
    return steps.size();
  }

  /** The step at a position; null if it was removed. */
  Step at(int position) {
    return steps.get(position);
  }

  /** Puts another step where one stands. */
  void set(int position, Step step) {
    remove(position);
    steps.set(position, step);
    enter(position);
  }

  void remove(int position) {
    Step step = steps.set(position, null);
    writers.get(step.out()).remove(position);
    step.inputs().forEach(in -> readers.get(in).remove(position));
  }

  private void enter(int position) {
    Step step = steps.get(position);
    writers.computeIfAbsent(step.out(), buffer -> new TreeSet<>()).add(position);
    step.inputs()
        .forEach(in -> readers.computeIfAbsent(in, buffer -> new TreeSet<>()).add(position));
  }

  /** Positions of the steps that write a buffer, or add to it. */
  NavigableSet<Integer> writers(Buffer buffer) {
    return writers.getOrDefault(buffer, Collections.emptyNavigableSet());
  }

  /** Positions of the steps that read a buffer; what is added to is read, too. */
  NavigableSet<Integer> readers(Buffer buffer) {
    return readers.getOrDefault(buffer, Collections.emptyNavigableSet());
  }

  /** The steps that are left. */
  List<Step> steps() {
    return steps.stream().filter(Objects::nonNull).toList();
  }
}
