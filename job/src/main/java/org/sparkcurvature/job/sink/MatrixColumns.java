package org.sparkcurvature.job.sink;

/** A square matrix, some columns at a time. */
@FunctionalInterface
public interface MatrixColumns {

  /** The columns from {@code first} on, {@code count} of them, one after the other. */
  double[] columns(int first, int count);
}
