package org.sparkcurvature.job.config;

/** What becomes of rows whose group is null. */
public enum NullGroups {
  /** The run ends. */
  FAIL,
  /** They are a group of their own. */
  OWN
}
