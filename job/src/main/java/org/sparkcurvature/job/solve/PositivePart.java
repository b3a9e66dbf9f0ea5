package org.sparkcurvature.job.solve;

import java.util.Arrays;

/**
 * A symmetric matrix whose negative eigenvalues are taken for 0.
 *
 * @param matrix positive semi-definite, but for rounding; the one that was given where no
 *     eigenvalue is negative
 * @param negative how many eigenvalues were below 0 by more than rounding
 */
public record PositivePart(SymmetricMatrix matrix, int negative) {

  /** In the units that the matrix has. */
  public static PositivePart of(SymmetricMatrix matrix) {
    double[] ones = new double[matrix.order()];
    Arrays.fill(ones, 1);
    return of(matrix, ones);
  }

  /**
   * The part of {@code diag(1/d) V diag(1/d)}, in the matrix's units again.
   *
   * @param scales d, all above 0
   */
  public static PositivePart of(SymmetricMatrix matrix, double[] scales) {
    int n = matrix.order();
    ScaledHessian decomposed = ScaledHessian.of(matrix, scales);
    double[] packed = new double[Math.toIntExact(SymmetricMatrix.packedLength(n))];
    int negative = 0;
    // What is negative is taken away, so that the rest keeps its digits.
    for (int i = 0; i < n; i++) {
      for (int j = i; j < n; j++) {
        packed[SymmetricMatrix.index(n, i, j)] = matrix.at(i, j);
      }
    }
    for (int k = 0; k < n && decomposed.eigenvalue(k) < -decomposed.tolerance(); k++) {
      negative++;
      for (int i = 0; i < n; i++) {
        for (int j = i; j < n; j++) {
          packed[SymmetricMatrix.index(n, i, j)] -=
              decomposed.eigenvalue(k)
                  * (decomposed.eigenvector(k, i) * scales[i])
                  * (decomposed.eigenvector(k, j) * scales[j]);
        }
      }
    }
    if (negative == 0) {
      return new PositivePart(matrix, 0);
    }
    for (int i = 0; i < n; i++) {
      int at = SymmetricMatrix.index(n, i, i);
      if (Math.abs(packed[at]) <= 10 * n * Math.ulp(1.0) * Math.abs(matrix.at(i, i))) {
        packed[at] = 0; // all of it was taken away, but for rounding
      }
    }
    return new PositivePart(SymmetricMatrix.ofPacked(n, packed), negative);
  }
}
