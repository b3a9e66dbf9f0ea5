package org.sparkcurvature.job.config;

/** What becomes of a row with a null, NaN, infinite, unparseable or ragged value. */
public enum InvalidRows {
  /** The run ends, naming the rows. */
  FAIL,
  /** The row is left out and counted. */
  DROP,
  /** The row is left out, counted and written to {@code <output>/rejected} with the reason. */
  QUARANTINE,
  /** The row stays in results by row, with null in the place of what cannot be computed. */
  KEEP
}
