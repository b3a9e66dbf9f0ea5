package org.sparkcurvature.job.predict;

import java.io.Serializable;
import java.util.function.IntToDoubleFunction;
import org.sparkcurvature.job.solve.SymmetricMatrix;

/**
 * Rows that have a covariance of their parameters of their own: that of the estimates of their
 * group.
 *
 * @param column of the rows: the packed upper triangle over all parameters of a group, null where
 *     there is none, as an element is that the group did not estimate; empty: there is no such
 *     column
 * @param order P: how many parameters a group has
 * @param places of the elements of {@code wrt} among them
 */
public record GroupCovariance(String column, int order, int[] places) implements Serializable {
  public static final GroupCovariance NONE = new GroupCovariance("", 0, new int[0]);

  boolean any() {
    return !column.isEmpty();
  }

  /**
   * The covariance of the elements of wrt, [P, P] row-major.
   *
   * @param packed the upper triangle over all parameters, 0 for what was not estimated
   */
  public double[] square(IntToDoubleFunction packed) {
    int p = places.length;
    double[] square = new double[p * p];
    for (int i = 0; i < p; i++) {
      for (int j = 0; j < p; j++) {
        int row = Math.min(places[i], places[j]);
        int column = Math.max(places[i], places[j]);
        square[i * p + j] = packed.applyAsDouble(SymmetricMatrix.index(order, row, column));
      }
    }
    return square;
  }
}
