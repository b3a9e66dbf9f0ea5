package org.sparkcurvature.plan.steps;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * Steps in their order, with the positions of those that write and of those that read each buffer:
 * no pass looks through all steps for one of them. A position stays what it is when steps are
 * removed.
 */
public final class StepList {
  /** Null where a step was removed. */
  private final List<Step> steps = new ArrayList<>();

  /** By the buffer's number; null where there are none. */
  private final List<Positions> writers = new ArrayList<>();

  private final List<Positions> readers = new ArrayList<>();

  public static StepList of(List<Step> steps) {
    StepList list = new StepList();
    steps.forEach(list::add);
    return list;
  }

  public void add(Step step) {
    steps.add(step);
    enter(steps.size() - 1);
  }

  /** A number above every position. */
  public int size() {
    return steps.size();
  }

  /** The step at a position; null if it was removed. */
  public Step at(int position) {
    return steps.get(position);
  }

  /** Puts another step where one stands. */
  public void set(int position, Step step) {
    remove(position);
    steps.set(position, step);
    enter(position);
  }

  public void remove(int position) {
    Step step = steps.set(position, null);
    writers.get(step.out().id()).remove(position);
    step.inputs().forEach(in -> readers.get(in.id()).remove(position));
  }

  private void enter(int position) {
    Step step = steps.get(position);
    enter(writers, step.out(), position);
    step.inputs().forEach(in -> enter(readers, in, position));
  }

  private static void enter(List<Positions> all, Buffer buffer, int position) {
    while (all.size() <= buffer.id()) {
      all.add(null);
    }
    if (all.get(buffer.id()) == null) {
      all.set(buffer.id(), new Positions());
    }
    all.get(buffer.id()).add(position);
  }

  private static Positions of(List<Positions> all, Buffer buffer) {
    Positions positions = buffer.id() < all.size() ? all.get(buffer.id()) : null;
    return positions == null ? Positions.NONE : positions;
  }

  /** Positions of the steps that write a buffer, or add to it. */
  public Positions writers(Buffer buffer) {
    return of(writers, buffer);
  }

  /** Positions of the steps that read a buffer; what is added to is read, too. */
  public Positions readers(Buffer buffer) {
    return of(readers, buffer);
  }

  /** The steps that are left. */
  public List<Step> steps() {
    return steps.stream().filter(Objects::nonNull).toList();
  }
}
