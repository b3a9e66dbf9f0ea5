package org.sparkcurvature.job.solve;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

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
public final class RefinedFactor {
  /** The largest order that is refined: each column is a product. */
  public static final int LARGEST_ORDER = 64;

  /** How far above its rounding a curvature is to be: it must not be taken for one by accident. */
  private static final double WELL_ABOVE = 100;

  /** An eigenvalue below this share of the largest has fewer than 8 digits by the elements. */
  private static final double COARSE = 1e-7;

  private final double[][] basis;
  private final ScaledHessian.Factor factor;

  private RefinedFactor(double[][] basis, ScaledHessian.Factor factor) {
    this.basis = basis;
    this.factor = factor;
  }

  /**
   * Factors a Hessian where its elements leave open whether it is positive definite, and it is not
   * too large.
   *
   * @return empty where it need not or cannot be done, or products show the same
   */
  public static Optional<RefinedFactor> whereFlat(ScaledHessian hessian, Products times) {
    boolean open = hessian.flat() > 0 && hessian.negative() == 0;
    return open && hessian.order() <= LARGEST_ORDER && positiveDiagonal(hessian.matrix())
        ? of(hessian, times)
        : Optional.empty();
  }

  /**
   * As {@link #whereFlat}, and also where the elements tell that the Hessian is positive definite,
   * but not the digits of its inverse.
   */
  public static Optional<RefinedFactor> whereCoarse(ScaledHessian hessian, Products times) {
    boolean coarse = hessian.negative() == 0 && hessian.eigenvalue(0) <= COARSE * hessian.norm();
    return coarse && hessian.order() <= LARGEST_ORDER && positiveDiagonal(hessian.matrix())
        ? of(hessian, times)
        : Optional.empty();
  }

  private static boolean positiveDiagonal(SymmetricMatrix matrix) {
    return Arrays.stream(matrix.diagonal()).allMatch(element -> element > 0);
  }

  /**
   * Factors a Hessian.
   *
   * @param hessian decomposed, with eigenvalues that can hardly be told from 0
   * @param times the products of the Hessian with vectors: given n of them one after the other, and
   *     n as a number, likewise the products
   * @return empty where it is not positive definite, as far as products can tell
   */
  public static Optional<RefinedFactor> of(ScaledHessian hessian, Products times) {
    int n = hessian.order();
    double[][] basis = basis(hessian);
    double[] products = products(basis, times);
    double least = least(hessian);
    double[] packed = new double[n * (n + 1) / 2];
    int at = 0;
    for (int i = 0; i < n; i++) {
      for (int j = i; j < n; j++) {
        // Of the two products that give the element, that with the flatter vector rounds less.
        double element = element(basis, products, i, j);
        packed[at++] = element;
        if (i == j && !(element > least)) {
          return Optional.empty();
        }
      }
    }
    return ScaledHessian.factor(SymmetricMatrix.ofPacked(n, packed))
        .filter(factor -> isAbove(least, factor, n))
        .map(factor -> new RefinedFactor(basis, factor));
  }

  /**
   * Whether the curvature along each direction is more than rounding once the others have taken
   * their part of it: a flat direction has some of that along which there is least curvature, as
   * eigenvectors whose eigenvalues lie near each other are mixed.
   */
  private static boolean isAbove(double least, ScaledHessian.Factor factor, int n) {
    double[] unit = new double[n];
    for (int k = 0; k < n; k++) {
      unit[k] = 1;
      if (!(1 / factor.solve(unit)[k] > least)) {
        return false;
      }
      unit[k] = 0;
    }
    return true;
  }

  /**
   * Directions along which a Hessian is flat, freed, as far as the order allows, of what the
   * rounding of eigenvectors has mixed into them of others with small eigenvalues.
   *
   * @return linearly independent, in the elements' own units
   */
  public static List<double[]> flatDirections(ScaledHessian hessian, Products times) {
    int n = hessian.order();
    int first = hessian.negative();
    int end = first + hessian.flat();
    double[][] basis = basis(hessian);
    if (n > LARGEST_ORDER || !positiveDiagonal(hessian.matrix())) {
      return List.of(basis).subList(first, end);
    }
    double[] products = products(basis, times);
    List<double[]> flat = new ArrayList<>();
    for (int i = first; i < end; i++) {
      double[] pure = basis[i];
      for (int j = end; j < n; j++) {
        double share = element(basis, products, i, j) / element(basis, products, j, j);
        pure = Vectors.sum(pure, -share, basis[j]);
      }
      flat.add(pure);
    }
    return flat;
  }

  /** What products cannot tell from 0, on the scales of {@link #basis}. */
  private static double least(ScaledHessian hessian) {
    double rounding = WELL_ABOVE * hessian.order() * Math.ulp(1.0) * Math.sqrt(hessian.norm());
    return rounding * rounding / hessian.tolerance();
  }

  /** W: the eigenvectors over the roots of their eigenvalues, those of flat ones over the least. */
  private static double[][] basis(ScaledHessian hessian) {
    int n = hessian.order();
    double[][] basis = new double[n][];
    for (int k = 0; k < n; k++) {
      double size = Math.sqrt(Math.max(hessian.eigenvalue(k), hessian.tolerance()));
      basis[k] = hessian.direction(k);
      for (int i = 0; i < n; i++) {
        basis[k][i] /= size;
      }
    }
    return basis;
  }

  /** The Hessian times vectors, one after the other. */
  private static double[] products(double[][] basis, Products times) {
    int n = basis[0].length;
    double[] vectors = new double[basis.length * n];
    for (int k = 0; k < basis.length; k++) {
      System.arraycopy(basis[k], 0, vectors, k * n, n);
    }
    return times.of(vectors, basis.length);
  }

  /** An element of W' H W, of the vectors w. */
  private static double element(double[][] basis, double[] products, int i, int j) {
    int n = basis[0].length;
    double element = 0;
    for (int k = 0; k < n; k++) {
      element += basis[j][k] * products[i * n + k];
    }
    return element;
  }

  /** Products of a matrix of order n with several vectors. */
  @FunctionalInterface
  public interface Products {
    double[] of(double[] vectors, int count);
  }

  /** {@code H^-1 v}, length n. */
  public double[] solve(double[] vector) {
    int n = vector.length;
    double[] coefficients = new double[n];
    for (int k = 0; k < n; k++) {
      for (int i = 0; i < n; i++) {
        coefficients[k] += basis[k][i] * vector[i];
      }
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

  /** {@code H^-1}. */
  public SymmetricMatrix inverse() {
    int n = basis.length;
    double[] packed = new double[Math.toIntExact(SymmetricMatrix.packedLength(n))];
    double[][] columns = new double[n][];
    for (int j = 0; j < n; j++) {
      double[] unit = new double[n];
      unit[j] = 1;
      columns[j] = solve(unit);
    }
    int at = 0;
    for (int i = 0; i < n; i++) {
      for (int j = i; j < n; j++) {
        packed[at++] = columns[j][i] / 2 + columns[i][j] / 2;
      }
    }
    return SymmetricMatrix.ofPacked(n, packed);
  }
}
