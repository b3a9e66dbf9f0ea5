package org.sparkcurvature.job.config;

/** What a configuration is read for. */
public enum Purpose {
  /** Derivatives as the block {@code derive} asks for them. */
  DERIVATIVES,
  /** The same to be looked at: {@code wrt} is all parameters unless it is written. */
  INSPECTION,
  /**
   * Estimates, or what is said about them: {@code wrt} holds parameters alone, all of them unless
   * it is written, and what else the block {@code derive} asks for is left aside.
   */
  ESTIMATION
}
