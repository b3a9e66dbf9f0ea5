package org.sparkcurvature.job.sink;

/** Reads back what results hold. */
public final class ResultReader {
  private ResultReader() {}

  /**
   * The elements of a .npy file of float64 in C order, row-major.
   *
   * @throws IllegalArgumentException if it is none
   */
  public static double[] npy(byte[] bytes) {
    return Npy.read(bytes);
  }
}
