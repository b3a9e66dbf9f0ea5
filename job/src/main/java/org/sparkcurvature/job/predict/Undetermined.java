package org.sparkcurvature.job.predict;

import java.io.Serializable;

/**
 * Rows whose parameters are not all determined.
 *
 * @param column of the rows: a direction in which what is known does not tell the parameters; null
 *     where it tells all; empty: there is no such column
 * @param places of the elements of {@code wrt} in it
 */
public record Undetermined(String column, int[] places) implements Serializable {
  public static final Undetermined NONE = new Undetermined("", new int[0]);

  /** A change along the direction that is more than rounding, beside its parts. */
  private static final double ROUNDING = 1e-6;

  boolean any() {
    return !column.isEmpty();
  }

  /**
   * Whether a function changes along a direction.
   *
   * @param from where its derivatives begin in an array
   * @param direction in the order of the derivatives
   */
  public static boolean changes(double[] derivatives, int from, double[] direction) {
    double change = 0;
    double parts = 0;
    for (int i = 0; i < direction.length; i++) {
      double part = derivatives[from + i] * direction[i];
      change += part;
      parts += Math.abs(part);
    }
    return Math.abs(change) > ROUNDING * parts;
  }
}
