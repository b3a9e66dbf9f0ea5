package org.sparkcurvature.engine;

/**
 * Arithmetic inside a block of samples. Sums over blocks and everything handed out are double
 * whatever this says.
 */
public enum Precision {
  DOUBLE(8),
  FLOAT(4);

  private final int bytes;

  Precision(int bytes) {
    this.bytes = bytes;
  }

  /** Bytes of one number. */
  public int bytes() {
    return bytes;
  }
}
