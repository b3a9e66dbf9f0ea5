package org.sparkcurvature.job.source;

/** Writes the samples of one partition into a block, one run after the other. */
public interface SampleReader {

  /** The most rejections that are kept to be shown. */
  int SHOWN = 10;

  /**
   * Writes the next samples at the positions {@code from} to {@code to}, the latter excluded. Fewer
   * are written only where there are no more.
   *
   * @return how many were written
   */
  int fill(int from, int to);

  /** What became of the rows met so far. */
  RowTally tally();
}
