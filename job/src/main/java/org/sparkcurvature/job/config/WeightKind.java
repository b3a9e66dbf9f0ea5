package org.sparkcurvature.job.config;

/** What the weight of a row means to the covariance of estimates. */
public enum WeightKind {
  /** The row stands for w equal ones: it counts w times in n, and w times in the meat. */
  FREQUENCY,
  /** The row counts once in n, and w^2 times in the meat. */
  IMPORTANCE;

  /**
   * Whether a row of weight w has the variance of others over w, and its residual the root of w.
   */
  public boolean dividesVariance() {
    return this == IMPORTANCE;
  }
}
