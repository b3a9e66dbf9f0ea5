package org.sparkcurvature.kernels;

/** A step bound to its memory. */
interface Kernel {

  /** Runs the step for a block of {@code rows} samples. */
  void run(int rows);
}
