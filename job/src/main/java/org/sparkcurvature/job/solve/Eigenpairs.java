package org.sparkcurvature.job.solve;

import java.util.Arrays;

/**
 * All eigenvalues and eigenvectors of a matrix, by LAPACK.
 *
 * @param eigenvalues ascending, length n
 * @param eigenvectors one of length n after the other, of norm 1
 */
public record Eigenpairs(double[] eigenvalues, double[] eigenvectors) {

  /** Decomposes a matrix of finite elements. */
  public static Eigenpairs of(SymmetricMatrix matrix) {
    double[] square = matrix.toSquare();
    return new Eigenpairs(Lapack.eigenvectors(matrix.order(), square), square);
  }

  /** The k-th eigenvector, a fresh array. */
  public double[] vector(int k) {
    int n = eigenvalues.length;
    return Arrays.copyOfRange(eigenvectors, k * n, (k + 1) * n);
  }
}
