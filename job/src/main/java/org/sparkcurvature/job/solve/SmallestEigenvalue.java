package org.sparkcurvature.job.solve;

import java.util.Random;
import java.util.function.UnaryOperator;

/**
 * Whether a symmetric operator has a negative eigenvalue, by the Lanczos method with full
 * reorthogonalisation (Golub and Van Loan 2013, section 10.3). It takes a few products with
 * vectors, so that a negative eigenvalue that is small beside the largest one may not be seen; one
 * that is seen is there, since a Ritz value is the operator's own quotient along its vector.
 *
 * @param value the smallest Ritz value: at least the smallest eigenvalue
 * @param vector of length n and norm 1, along which the operator has this quotient
 * @param largest the largest magnitude of a Ritz value
 * @param products how many products it took
 */
public record SmallestEigenvalue(double value, double[] vector, double largest, int products) {
  /** Negative Ritz values above this share of the largest magnitude may be rounding of products. */
  private static final double ROUNDING = 1e-10;

  /** The rest of a product, relative to it, below which the Krylov space is complete. */
  private static final double COMPLETE = 1e-12;

  /**
   * Looks for one; ends at the first that is found.
   *
   * @param n order of the operator
   * @param most products at most, at least 1
   * @param operator from a vector of length n to a fresh one
   */
  public static SmallestEigenvalue of(int n, int most, UnaryOperator<double[]> operator) {
    int steps = Math.min(n, most);
    double[][] basis = new double[steps][];
    double[] diagonal = new double[steps];
    double[] beside = new double[steps];
    double[] vector = new Random(n).doubles(n, -1, 1).toArray();
    scale(vector, 1 / norm(vector));
    SmallestEigenvalue found = null;
    for (int k = 0; k < steps; k++) {
      basis[k] = vector;
      double[] rest = operator.apply(vector);
      double size = norm(rest);
      diagonal[k] = Vectors.dot(vector, rest);
      for (int pass = 0; pass < 2; pass++) {
        for (int j = 0; j <= k; j++) {
          double along = Vectors.dot(basis[j], rest);
          for (int i = 0; i < n; i++) {
            rest[i] -= along * basis[j][i];
          }
        }
      }
      beside[k] = norm(rest);
      found = ritz(basis, diagonal, beside, k + 1);
      if (found.isNegative() || !(beside[k] > COMPLETE * size)) {
        return found;
      }
      vector = rest;
      scale(vector, 1 / beside[k]);
    }
    return found;
  }

  /** Whether the eigenvalue is below 0 by more than rounding. */
  public boolean isNegative() {
    return value < -ROUNDING * largest;
  }

  private static SmallestEigenvalue ritz(
      double[][] basis, double[] diagonal, double[] beside, int k) {
    double[] square = new double[k * k];
    for (int i = 0; i < k; i++) {
      square[i * k + i] = diagonal[i];
      if (i + 1 < k) {
        square[i * k + i + 1] = beside[i];
        square[(i + 1) * k + i] = beside[i];
      }
    }
    double[] values = Lapack.eigenvectors(k, square);
    double[] vector = new double[basis[0].length];
    for (int j = 0; j < k; j++) {
      for (int i = 0; i < vector.length; i++) {
        vector[i] += square[j] * basis[j][i];
      }
    }
    return new SmallestEigenvalue(
        values[0], vector, Math.max(Math.abs(values[0]), Math.abs(values[k - 1])), k);
  }

  private static double norm(double[] a) {
    return Math.sqrt(Vectors.dot(a, a));
  }

  private static void scale(double[] a, double factor) {
    for (int i = 0; i < a.length; i++) {
      a[i] *= factor;
    }
  }
}
