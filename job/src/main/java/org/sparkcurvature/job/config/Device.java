package org.sparkcurvature.job.config;

/** Where a block of samples is computed. */
public enum Device {
  /** The GPU where the executor has one and its ND4J backend, otherwise the processor. */
  AUTO,
  CPU,
  GPU
}
