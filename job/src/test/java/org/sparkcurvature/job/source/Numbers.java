package org.sparkcurvature.job.source;

/** What a cell of text is read as, for tests of other packages. */
public final class Numbers {
  private Numbers() {}

  /** The number that the fast reader makes of a cell; NaN where it leaves the cell to the other. */
  public static double fast(byte[] utf8) {
    return TextNumbers.parse(utf8, 0, utf8.length);
  }
}
