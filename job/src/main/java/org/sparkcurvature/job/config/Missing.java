package org.sparkcurvature.job.config;

/** What becomes of a row that has no value in a cell: null, NaN or empty text. */
public enum Missing {
  /** The row is invalid. */
  INVALID,
  /** The row is invalid only where a branch of the loss reads the cell that the row takes. */
  NAN
}
