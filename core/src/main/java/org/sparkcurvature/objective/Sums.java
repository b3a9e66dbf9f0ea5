package org.sparkcurvature.objective;

import java.io.Serializable;
import java.util.Map;

/**
 * Sums over samples: what a task adds up, what tasks hand on, what is reduced. Compensated: each
 * sum is carried as two doubles.
 */
public final class Sums implements Serializable {
  private static final long serialVersionUID = 1L;

  /** Nothing added yet, of the sums that {@code derivation} asks for. */
  public static Sums zero(Derivation derivation) {
    throw new UnsupportedOperationException();
  }

  /** Adds another partial sum. The order of merging decides the last bits. */
  public void merge(Sums other) {
    throw new UnsupportedOperationException();
  }

  /** Number of samples added, those of weight 0 not counted. */
  public long rows() {
    throw new UnsupportedOperationException();
  }

  /** Sum of the weights. */
  public double weight() {
    throw new UnsupportedOperationException();
  }

  /** Weighted sum of the loss. */
  public double value() {
    throw new UnsupportedOperationException();
  }

  /** Weighted sum of the gradients: length P. */
  public double[] gradient() {
    throw new UnsupportedOperationException();
  }

  /**
   * A weighted sum of curvature. FULL: the upper triangle packed row by row, length P(P+1)/2.
   * BLOCKS: the packed upper triangles of the blocks one after the other, in the order of wrt.
   * DIAGONAL: length P.
   */
  public double[] curvature(Request.Curvature kind) {
    throw new UnsupportedOperationException();
  }

  /**
   * Adds the penalty: its value, gradient and Hessian as sums computed from it alone, times {@code
   * factor}.
   */
  public void addScaled(Sums penalty, double factor) {
    throw new UnsupportedOperationException();
  }

  /**
   * Bytes that sums of these lengths take, by name of the sum; to say beforehand what will not fit.
   */
  public static Map<String, Long> bytes(Derivation derivation) {
    throw new UnsupportedOperationException();
  }
}
