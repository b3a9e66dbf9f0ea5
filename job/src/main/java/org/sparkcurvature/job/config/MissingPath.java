package org.sparkcurvature.job.config;

/** What a path or pattern of the input means at which there is nothing. */
public enum MissingPath {
  /** The data breaks the contract: exit code 3. */
  FAIL,

  /** It has no rows; where no path is left, {@link OnEmpty} decides. */
  EMPTY,

  /** It is not there yet: exit code 5, and a retry can help. */
  RETRY
}
