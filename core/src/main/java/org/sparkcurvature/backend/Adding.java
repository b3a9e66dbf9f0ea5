package org.sparkcurvature.backend;

import org.sparkcurvature.plan.steps.Accumulate;
import org.sparkcurvature.plan.steps.Addable;

/** Adds what a step's result held before, where the step adds to it. */
@FunctionalInterface
interface Adding {
  /** To {@code count} numbers that are to be stored from {@code first} on. */
  void add(int first, int count, double[] to);

  /**
   * Adds as {@code step} has it.
   *
   * @param array the array of {@code scratch} to read into
   * @param room the most numbers at once
   */
  static Adding of(Addable step, Memory memory, Scratch scratch, int array, int room) {
    if (step.into() == Accumulate.REPLACE) {
      return (first, count, to) -> {};
    }
    scratch.reserve(array, room);
    Storage kept = memory.of(step.out());
    return (first, count, to) -> {
      double[] before = scratch.array(array);
      kept.load(first, count, before, 0);
      // From the first element of each array on: only then is it done with vectors.
      for (int k = 0; k < count; k++) {
        to[k] += before[k];
      }
    };
  }
}
