package org.sparkcurvature.job.predict;

import org.apache.spark.sql.catalyst.util.ArrayData;
import org.sparkcurvature.job.solve.Netlib;
import org.sparkcurvature.job.source.SampleBlock;

/**
 * Standard errors of predictions by the delta method: the root of J V J', where V is one for all
 * rows or that of a row's group.
 *
 * @param covariance V, [P, P] row-major; empty: there is none for all rows
 * @param ofGroups where rows have their own
 * @param at the place of that among the columns that are handed on; below 0: they have none
 */
record Errors(double[] covariance, GroupCovariance ofGroups, int at) {
  boolean any() {
    return covariance.length > 0 || at >= 0;
  }

  boolean isOfGroups() {
    return at >= 0;
  }

  /**
   * The errors.
   *
   * @param jacobian [rows, length, P]
   * @param length elements of a row's prediction
   * @return [rows, length]; NaN where a row's group has no covariance
   */
  double[] of(double[] jacobian, int length, SampleBlock block, int rows) {
    if (at < 0) {
      return roots(covariance, jacobian, 0, rows * length);
    }
    int p = ofGroups.places().length;
    double[] errors = new double[rows * length];
    for (int row = 0; row < rows; row++) {
      ArrayData packed = (ArrayData) block.kept(row)[at];
      for (int k = 0; k < length; k++) {
        errors[row * length + k] = Double.NaN;
      }
      if (packed != null) {
        double[] square = ofGroups.square(k -> packed.isNullAt(k) ? 0 : packed.getDouble(k));
        double[] own = roots(square, jacobian, row * length * p, length);
        System.arraycopy(own, 0, errors, row * length, length);
      }
    }
    return errors;
  }

  private static double[] roots(double[] covariance, double[] jacobian, int from, int count) {
    int p = (int) Math.round(Math.sqrt(covariance.length));
    double[] product = new double[count * p];
    Netlib.blas()
        .dgemm("T", "N", p, count, p, 1.0, covariance, 0, p, jacobian, from, p, 0.0, product, 0, p);
    double[] roots = new double[count];
    for (int k = 0; k < count; k++) {
      double form = 0;
      for (int i = 0; i < p; i++) {
        form += jacobian[from + k * p + i] * product[k * p + i];
      }
      roots[k] = Math.sqrt(Math.max(0, form));
    }
    return roots;
  }
}
