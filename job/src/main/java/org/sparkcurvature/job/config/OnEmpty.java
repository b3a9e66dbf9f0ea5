package org.sparkcurvature.job.config;

/** How a run ends whose input has no rows. */
public enum OnEmpty {
  /** With exit code 3. */
  FAIL,
  /** With a complete result that says so and holds nothing else. */
  SUCCEED
}
