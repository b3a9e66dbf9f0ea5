package org.sparkcurvature.job.solve;

import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;

/**
 * All eigenvalues and eigenvectors of a matrix: by LAPACK, whose errors are relative to the largest
 * eigenvalue. Where smaller ones would be lost in these, and the matrix is positive definite on
 * scales on which its diagonal is 1, by one-sided Jacobi rotations of its Cholesky factor, whose
 * errors are relative to each eigenvalue (Demmel and Veselić 1992): their signs agree with what is
 * said of the matrix, whatever the units of its elements.
 *
 * @param eigenvalues ascending, length n
 * @param eigenvectors one of length n after the other, of norm 1
 */
public record Eigenpairs(double[] eigenvalues, double[] eigenvectors) {

  /** Below this share of the largest eigenvalue LAPACK leaves too few digits. */
  private static final double SMALL = 1e-8;

  private static final int LARGEST_ROTATED = 500;
  private static final int MOST_SWEEPS = 40;

  /** Decomposes a matrix of finite elements. */
  public static Eigenpairs of(SymmetricMatrix matrix) {
    int n = matrix.order();
    double[] square = matrix.toSquare();
    Eigenpairs pairs = new Eigenpairs(Lapack.eigenvectors(n, square), square);
    double[] values = pairs.eigenvalues;
    boolean lost = values[0] < SMALL * values[n - 1];
    return lost && n <= LARGEST_ROTATED && ScaledHessian.factor(matrix).isPresent()
        ? rotated(matrix)
        : pairs;
  }

  /** Of a positive definite matrix. */
  private static Eigenpairs rotated(SymmetricMatrix matrix) {
    int n = matrix.order();
    // The largest diagonal element first: then the factor's columns differ by scale alone.
    double[] diagonal = matrix.diagonal();
    int[] order =
        IntStream.range(0, n)
            .boxed()
            .sorted(Comparator.comparingDouble(i -> -diagonal[i]))
            .mapToInt(i -> i)
            .toArray();
    double[][] columns = factor(matrix, order, diagonal);
    boolean rotating = true;
    for (int sweep = 0; rotating && sweep < MOST_SWEEPS; sweep++) {
      rotating = false;
      for (int p = 0; p < n; p++) {
        for (int q = p + 1; q < n; q++) {
          rotating |= rotates(columns[p], columns[q]);
        }
      }
    }
    double[] squares = Arrays.stream(columns).mapToDouble(c -> Vectors.dot(c, c)).toArray();
    int[] ascending =
        IntStream.range(0, n)
            .boxed()
            .sorted(Comparator.comparingDouble(k -> squares[k]))
            .mapToInt(k -> k)
            .toArray();
    double[] eigenvalues = new double[n];
    double[] eigenvectors = new double[n * n];
    for (int k = 0; k < n; k++) {
      eigenvalues[k] = squares[ascending[k]];
      for (int i = 0; i < n; i++) {
        eigenvectors[k * n + order[i]] = columns[ascending[k]][i] / Math.sqrt(eigenvalues[k]);
      }
    }
    return new Eigenpairs(eigenvalues, eigenvectors);
  }

  /** The columns of the Cholesky factor of the reordered matrix. */
  private static double[][] factor(SymmetricMatrix matrix, int[] order, double[] diagonal) {
    int n = order.length;
    double[] scaled = new double[n * n];
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < n; j++) {
        scaled[j * n + i] =
            matrix.at(order[i], order[j])
                / Math.sqrt(diagonal[order[i]])
                / Math.sqrt(diagonal[order[j]]);
      }
    }
    double[] lower = Lapack.cholesky(n, scaled).orElseThrow();
    double[][] columns = new double[n][n];
    for (int j = 0; j < n; j++) {
      for (int i = j; i < n; i++) {
        columns[j][i] = lower[j * n + i] * Math.sqrt(diagonal[order[i]]);
      }
    }
    return columns;
  }

  /** Makes two columns orthogonal; false if they are. */
  private static boolean rotates(double[] a, double[] b) {
    double aa = Vectors.dot(a, a);
    double bb = Vectors.dot(b, b);
    double ab = Vectors.dot(a, b);
    if (!(Math.abs(ab) > Math.ulp(1.0) * a.length * Math.sqrt(aa) * Math.sqrt(bb))) {
      return false;
    }
    double zeta = (bb - aa) / (2 * ab);
    double tangent = Math.copySign(1 / (Math.abs(zeta) + Math.hypot(1, zeta)), zeta);
    double cosine = 1 / Math.hypot(1, tangent);
    double sine = cosine * tangent;
    for (int i = 0; i < a.length; i++) {
      double left = a[i];
      a[i] = cosine * left - sine * b[i];
      b[i] = sine * left + cosine * b[i];
    }
    return true;
  }

  /** The k-th eigenvector, a fresh array. */
  public double[] vector(int k) {
    int n = eigenvalues.length;
    return Arrays.copyOfRange(eigenvectors, k * n, (k + 1) * n);
  }
}
