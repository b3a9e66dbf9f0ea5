package org.sparkcurvature.job.solve;

import java.util.Arrays;
import java.util.Optional;

/**
 * A symmetric matrix H seen on scales d on which its diagonal is of order 1: its eigenvalues and
 * eigenvectors are those of {@code diag(1/d) H diag(1/d)}. What is said of them does not depend on
 * the units of the elements, and is more accurate where these differ by orders of magnitude.
 */
public final class ScaledHessian {
  private static final int INVERSE_ITERATIONS = 4;

  private final SymmetricMatrix matrix;
  private final double[] scales;
  private final double[] eigenvalues;
  private final double[] eigenvectors;

  private ScaledHessian(
      SymmetricMatrix matrix, double[] scales, double[] eigenvalues, double[] eigenvectors) {
    this.matrix = matrix;
    this.scales = scales;
    this.eigenvalues = eigenvalues;
    this.eigenvectors = eigenvectors;
  }

  /**
   * Decomposes a matrix. Takes about 1 s for order 500.
   *
   * @param matrix of finite elements
   * @param scales d, length n, all above 0
   */
  public static ScaledHessian of(SymmetricMatrix matrix, double[] scales) {
    double[] square = scaled(matrix, scales);
    double[] eigenvalues = Lapack.eigenvectors(matrix.order(), square);
    return new ScaledHessian(matrix, scales.clone(), eigenvalues, square);
  }

  /** As the other {@code of}, on the square roots of the diagonal's magnitudes, 1 where it is 0. */
  public static ScaledHessian of(SymmetricMatrix matrix) {
    return of(
        matrix,
        Arrays.stream(matrix.diagonal())
            .map(element -> element == 0 ? 1 : Math.sqrt(Math.abs(element)))
            .toArray());
  }

  /**
   * A Cholesky factor of {@code diag(1/d) H diag(1/d)}, d the roots of the diagonal.
   *
   * @param lower as {@link Lapack#cholesky} gives it
   */
  public record Factor(double[] scales, double[] lower) {

    /** An element of the lower triangle. */
    public double at(int row, int column) {
      return lower[column * scales.length + row];
    }

    /** {@code H^-1 v}, length n. */
    public double[] solve(double[] vector) {
      int n = scales.length;
      double[] solution = new double[n];
      for (int i = 0; i < n; i++) {
        solution[i] = vector[i] / scales[i];
      }
      solution = Lapack.solve(n, lower, solution);
      for (int i = 0; i < n; i++) {
        solution[i] /= scales[i];
      }
      return solution;
    }
  }

  /**
   * Factors a matrix, which is faster than to decompose it.
   *
   * @return empty unless the matrix is positive definite well above rounding
   */
  public static Optional<Factor> factor(SymmetricMatrix matrix) {
    int n = matrix.order();
    double[] scales = matrix.diagonal();
    for (int i = 0; i < n; i++) {
      if (!(scales[i] > 0)) {
        return Optional.empty();
      }
      scales[i] = Math.sqrt(scales[i]);
    }
    return Lapack.cholesky(n, scaled(matrix, scales))
        .filter(lower -> smallestPivot(n, lower) >= tolerance(n, 1))
        .filter(lower -> smallestEigenvalue(n, lower) >= tolerance(n, 1))
        .map(lower -> new Factor(scales, lower));
  }

  /**
   * An upper bound of the smallest eigenvalue of {@code L L'}, close to it, by inverse iteration:
   * pivots alone can all be far larger.
   */
  private static double smallestEigenvalue(int n, double[] lower) {
    double[] vector = new double[n];
    Arrays.fill(vector, 1 / Math.sqrt(n));
    double grown = 0;
    for (int k = 0; k < INVERSE_ITERATIONS; k++) {
      vector = Lapack.solve(n, lower, vector);
      double length = 0;
      for (double element : vector) {
        length += element * element;
      }
      grown = Math.sqrt(length);
      for (int i = 0; i < n; i++) {
        vector[i] /= grown;
      }
    }
    return 1 / grown;
  }

  private static double smallestPivot(int n, double[] factor) {
    double smallest = Double.POSITIVE_INFINITY;
    for (int i = 0; i < n; i++) {
      smallest = Math.min(smallest, factor[i * n + i] * factor[i * n + i]);
    }
    return smallest;
  }

  private static double[] scaled(SymmetricMatrix matrix, double[] scales) {
    int n = matrix.order();
    double[] square = matrix.toSquare();
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < n; j++) {
        square[i * n + j] = square[i * n + j] / scales[i] / scales[j];
      }
    }
    return square;
  }

  /** What cannot be told from 0: rounding of n sums of the largest magnitude. */
  private static double tolerance(int n, double largest) {
    return 10 * n * Math.ulp(1.0) * largest;
  }

  /** n. */
  public int order() {
    return scales.length;
  }

  /** H itself. */
  public SymmetricMatrix matrix() {
    return matrix;
  }

  /** d, a fresh array. */
  public double[] scales() {
    return scales.clone();
  }

  /** The eigenvalues on the scales d, ascending. */
  public double eigenvalue(int k) {
    return eigenvalues[k];
  }

  /** Element i of the k-th eigenvector on the scales d. */
  public double eigenvector(int k, int i) {
    return eigenvectors[k * order() + i];
  }

  /** The largest magnitude of an eigenvalue. */
  public double norm() {
    return Math.max(Math.abs(eigenvalues[0]), Math.abs(eigenvalues[order() - 1]));
  }

  /** Below which an eigenvalue cannot be told from 0. */
  public double tolerance() {
    return tolerance(order(), norm());
  }

  /** How many eigenvalues are negative, and cannot be mistaken for 0. */
  public int negative() {
    return (int) Arrays.stream(eigenvalues).filter(value -> value < -tolerance()).count();
  }

  /** How many eigenvalues cannot be told from 0. */
  public int flat() {
    return (int) Arrays.stream(eigenvalues).filter(v -> Math.abs(v) <= tolerance()).count();
  }

  public boolean isPositiveDefinite() {
    return eigenvalues[0] > tolerance();
  }

  /** A vector in terms of the eigenvectors: {@code Q' diag(1/d) v}. */
  public double[] toEigen(double[] vector) {
    int n = order();
    double[] coefficients = new double[n];
    for (int k = 0; k < n; k++) {
      double sum = 0;
      for (int i = 0; i < n; i++) {
        sum += eigenvector(k, i) * (vector[i] / scales[i]);
      }
      coefficients[k] = sum;
    }
    return coefficients;
  }

  /** What has these coefficients: {@code diag(1/d) Q c}. */
  public double[] fromEigen(double[] coefficients) {
    int n = order();
    double[] vector = new double[n];
    for (int k = 0; k < n; k++) {
      for (int i = 0; i < n; i++) {
        vector[i] += coefficients[k] * eigenvector(k, i);
      }
    }
    for (int i = 0; i < n; i++) {
      vector[i] /= scales[i];
    }
    return vector;
  }

  /** The direction of the k-th eigenvector in the elements' own units, length n. */
  public double[] direction(int k) {
    double[] unit = new double[order()];
    unit[k] = 1;
    return fromEigen(unit);
  }

  /** The Newton step {@code -H^-1 g}, 0 along eigenvectors that are flat or fall; length n. */
  public double[] newtonStep(double[] gradient) {
    double[] coefficients = toEigen(gradient);
    for (int k = 0; k < coefficients.length; k++) {
      coefficients[k] = eigenvalues[k] > tolerance() ? -coefficients[k] / eigenvalues[k] : 0;
    }
    return fromEigen(coefficients);
  }

  /**
   * The squared Newton decrement {@code g' |H|^-1 g}, eigenvalues by their magnitude: at a saddle
   * or a maximum it measures the distance from it as at a minimum. A gradient along what is flat,
   * by more than rounding, makes it large.
   */
  public double decrement(double[] gradient) {
    double[] coefficients = toEigen(gradient);
    double sum = 0;
    for (int k = 0; k < coefficients.length; k++) {
      sum += coefficients[k] / Math.max(Math.abs(eigenvalues[k]), tolerance()) * coefficients[k];
    }
    return sum > 0 ? sum : 0;
  }

  /** {@code H^-1} where the matrix is regular, the inverse on its regular part otherwise. */
  public SymmetricMatrix inverse() {
    int n = order();
    double[] packed = new double[Math.toIntExact(SymmetricMatrix.packedLength(n))];
    for (int k = 0; k < n; k++) {
      if (Math.abs(eigenvalues[k]) > tolerance()) {
        double[] direction = direction(k);
        int at = 0;
        for (int i = 0; i < n; i++) {
          for (int j = i; j < n; j++) {
            packed[at++] += direction[i] * direction[j] / eigenvalues[k];
          }
        }
      }
    }
    return SymmetricMatrix.ofPacked(n, packed);
  }
}
