package org.sparkcurvature.job.fit;

import java.util.Optional;
import org.sparkcurvature.job.solve.ScaledHessian;
import org.sparkcurvature.job.solve.SymmetricMatrix;

/**
 * A factorisation of a Hessian some of whose eigenvalues its elements cannot tell from 0, by
 * products with vectors.
 *
 * <p>The elements of J'J know eigenvalues down to the rounding of the largest one, so that a design
 * whose condition is 1e8 or more looks singular. A product J'(J v) rounds J v alone, and knows the
 * curvature along v to the square of that. So H is congruence-transformed by its own rounded
 * eigenvectors, {@code M = W' H W} with {@code W = Q max(L, tolerance)^(-1/2)}, where the columns H
 * W are products; M is well conditioned, and {@code H^-1 = W M^-1 W'} (the second step of shifted
 * Cholesky QR: Fukaya, Kannan, Nakatsukasa, Yamamoto and Yanagisawa 2020).
 */
final class RefinedFactor {
  /** The largest order that is refined: each column is a product. */
  static final int LARGEST_ORDER = 64;

  /** How far above its rounding a curvature is to be: it must not be taken for one by accident. */
  private static final double WELL_ABOVE = 100;

  private final double[][] basis;
  private final ScaledHessian.Factor factor;

  private RefinedFactor(double[][] basis, ScaledHessian.Factor factor) {
    this.basis = basis;
    this.factor = factor;
  }

  /**
   * Factors a Hessian.
   *
   * @param hessian decomposed, with eigenvalues that cannot be told from 0
   * @param times the products of the Hessian with vectors: given n of them one after the other, and
   *     n as a number, likewise the products
   * @return empty where it is not positive definite, as far as products can tell
   */
  static Optional<RefinedFactor> of(ScaledHessian hessian, Products times) {
    int n = hessian.order();
    double[][] basis = new double[n][];
    double[] vectors = new double[n * n];
    for (int k = 0; k < n; k++) {
      double size = Math.sqrt(Math.max(hessian.eigenvalue(k), hessian.tolerance()));
      basis[k] = hessian.direction(k);
      for (int i = 0; i < n; i++) {
        basis[k][i] /= size;
        vectors[k * n + i] = basis[k][i];
      }
    }
    double[] products = times.of(vectors, n);
    double rounding = WELL_ABOVE * n * Math.ulp(1.0) * Math.sqrt(hessian.norm());
    double least = rounding * rounding / hessian.tolerance();
    double[] packed = new double[n * (n + 1) / 2];
    int at = 0;
    for (int i = 0; i < n; i++) {
      for (int j = i; j < n; j++) {
        // Of the two products that give the element, that with the flatter vector rounds less.
        double element = 0;
        for (int k = 0; k < n; k++) {
          element += basis[j][k] * products[i * n + k];
        }
        packed[at++] = element;
        if (i == j && !(element > least)) {
          return Optional.empty();
        }
      }
    }
    return ScaledHessian.factor(SymmetricMatrix.ofPacked(n, packed))
        .map(factor -> new RefinedFactor(basis, factor));
  }

  /** Products of a matrix of order n with several vectors. */
  @FunctionalInterface
  interface Products {
    double[] of(double[] vectors, int count);
  }

  /** {@code H^-1 v}, length n. */
  double[] solve(double[] vector) {
    int n = vector.length;
    double[] coefficients = new double[n];
    for (int k = 0; k < n; k++) {
      coefficients[k] = Vectors.dot(basis[k], vector);
    }
    coefficients = factor.solve(coefficients);
    double[] solution = new double[n];
    for (int k = 0; k < n; k++) {
      for (int i = 0; i < n; i++) {
        solution[i] += coefficients[k] * basis[k][i];
      }
    }
    return solution;
  }
}
