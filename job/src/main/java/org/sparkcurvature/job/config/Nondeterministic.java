package org.sparkcurvature.job.config;

/** What becomes of functions that another pass over the rows would not give again. */
public enum Nondeterministic {
  /** They are refused by name. */
  REFUSED,
  /** They are computed, by runs that pass over the rows once. */
  ALLOWED
}
