package org.sparkcurvature.backend;

/** A step bound to its memory. */
interface Kernel extends AutoCloseable {

  /** Runs the step for a block of {@code rows} samples. */
  void run(int rows);

  /** Gives back what the step holds outside the heap, its memory apart. */
  @Override
  default void close() {}
}
