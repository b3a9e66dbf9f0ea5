package org.sparkcurvature.backend;

/** Where a kernel on the host puts its result: tensors of one sample after the other. */
interface OutputSink {

  double at(int index);

  /** Writes {@code length} numbers from {@code from} on. */
  void store(int from, int length, double[] values, int at);
}
