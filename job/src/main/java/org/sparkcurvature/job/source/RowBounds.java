package org.sparkcurvature.job.source;

/**
 * How many rows there are, as far as that is known without reading them.
 *
 * @param least there are so many at least
 * @param most there are no more, or hardly more where that is reckoned from some of the files
 */
public record RowBounds(long least, long most) {

  /** So many, exactly. */
  static RowBounds of(long rows) {
    return new RowBounds(rows, rows);
  }
}
