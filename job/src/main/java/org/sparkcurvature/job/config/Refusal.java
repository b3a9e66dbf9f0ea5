package org.sparkcurvature.job.config;

/** What becomes of a singular Hessian, where its inverse is wanted. */
public enum Refusal {
  /** The run ends, and the direction is named. */
  FAIL,
  /** The inverse on the part that is regular is taken. */
  PINV
}
