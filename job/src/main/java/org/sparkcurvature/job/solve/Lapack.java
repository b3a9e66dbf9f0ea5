package org.sparkcurvature.job.solve;

import java.util.Arrays;
import java.util.Optional;
import org.netlib.util.intW;

/**
 * Calls of the LAPACK that Spark ships with Breeze. Breeze makes the same ones, after loading 1,700
 * classes in 0.7 s.
 */
final class Lapack {
  private static final int WORK_PER_ROW = 66;

  private Lapack() {}

  /** The eigenvalues of a matrix, ascending. */
  static double[] eigenvalues(SymmetricMatrix matrix) {
    return eigen("N", matrix.order(), matrix.toSquare());
  }

  /**
   * All eigenvalues, ascending, and eigenvectors.
   *
   * @param square n x n; receives the eigenvectors, one of length n after the other
   */
  static double[] eigenvectors(int n, double[] square) {
    return eigen("V", n, square);
  }

  private static double[] eigen(String job, int n, double[] square) {
    double[] eigenvalues = new double[n];
    // Enough for the blocked algorithm; more than 3 n is required.
    double[] work = new double[WORK_PER_ROW * n];
    intW info = new intW(0);
    Netlib.lapack().dsyev(job, "U", n, square, n, eigenvalues, work, work.length, info);
    if (info.val != 0) {
      throw new IllegalStateException("LAPACK's dsyev returned " + info.val);
    }
    return eigenvalues;
  }

  /**
   * The Cholesky factor of a matrix, in the lower triangle of a column-major square.
   *
   * @return empty if the matrix is not positive definite
   */
  static Optional<double[]> cholesky(int n, double[] square) {
    double[] factor = square.clone();
    intW info = new intW(0);
    Netlib.lapack().dpotrf("L", n, factor, n, info);
    return info.val == 0 ? Optional.of(factor) : Optional.empty();
  }

  /**
   * Solves for one right-hand side after the other.
   *
   * @param factor as {@link #cholesky} gives it
   * @param right k vectors of length n, one after the other; not changed
   */
  static double[] solve(int n, double[] factor, double[] right) {
    double[] solution = Arrays.copyOf(right, right.length);
    intW info = new intW(0);
    Netlib.lapack().dpotrs("L", n, right.length / n, factor, n, solution, n, info);
    if (info.val != 0) {
      throw new IllegalStateException("LAPACK's dpotrs returned " + info.val);
    }
    return solution;
  }
}
