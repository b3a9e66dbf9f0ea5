package org.sparkcurvature.job.errors;

/** How a run ended, as its caller sees it. */
public enum ExitCode {
  DONE(0),
  /**
   * Wrong use or configuration; an output that exists or cannot be written. Nothing was started.
   */
  CONFIGURATION(2),
  /** The data broke the contract of the configuration. */
  DATA(3),
  /**
   * There is no numerical answer: not finite, not converged, not positive definite where it must
   * be.
   */
  NO_ANSWER(4),
  /** Executors lost, disk full. */
  CLUSTER(5);

  private final int code;

  ExitCode(int code) {
    this.code = code;
  }

  /** The process's exit status. */
  public int code() {
    return code;
  }
}
