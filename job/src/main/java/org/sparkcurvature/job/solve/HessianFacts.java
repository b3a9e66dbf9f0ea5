package org.sparkcurvature.job.solve;

import java.util.Arrays;

/**
 * What the eigenvalues of a Hessian say about it.
 *
 * @param order n
 * @param smallest smallest eigenvalue
 * @param largest largest eigenvalue
 * @param smallestMagnitude smallest absolute value of an eigenvalue
 * @param largestMagnitude largest absolute value of an eigenvalue: the matrix's 2-norm
 * @param negative number of eigenvalues below minus the tolerance
 * @param zero number of eigenvalues within the tolerance of 0
 * @param tolerance below which an eigenvalue cannot be told from 0 by double arithmetic: n times
 *     2^-52 times the largest magnitude
 * @param eigenvalues all of them, ascending
 */
public record HessianFacts(
    int order,
    double smallest,
    double largest,
    double smallestMagnitude,
    double largestMagnitude,
    int negative,
    int zero,
    double tolerance,
    double[] eigenvalues) {

  /** The largest order for which all eigenvalues are computed on the driver. */
  public static final int LARGEST_ORDER = 500;

  /** The signs of the eigenvalues, with those within the tolerance of 0 taken as 0. */
  public enum Definiteness {
    POSITIVE_DEFINITE("positive definite"),
    POSITIVE_SEMIDEFINITE("positive semi-definite"),
    INDEFINITE("indefinite"),
    NEGATIVE_SEMIDEFINITE("negative semi-definite"),
    NEGATIVE_DEFINITE("negative definite"),
    ZERO("zero");

    private final String words;

    Definiteness(String words) {
      this.words = words;
    }

    /** As a person would write it. */
    @Override
    public String toString() {
      return words;
    }
  }

  /**
   * Computes the eigenvalues of a matrix, by the LAPACK that Breeze brings.
   *
   * @param matrix of finite elements, its order at most {@link #LARGEST_ORDER}
   * @throws IllegalArgumentException if the order is larger
   */
  public static HessianFacts of(SymmetricMatrix matrix) {
    if (matrix.order() > LARGEST_ORDER) {
      throw new IllegalArgumentException(
          "eigenvalues are computed up to order %d, not %d"
              .formatted(LARGEST_ORDER, matrix.order()));
    }
    return ofEigenvalues(Lapack.eigenvalues(matrix));
  }

  /** The facts that follow from all eigenvalues, in any order. */
  static HessianFacts ofEigenvalues(double[] eigenvalues) {
    double[] sorted = eigenvalues.clone();
    Arrays.sort(sorted);
    double smallest = sorted[0];
    double largest = sorted[sorted.length - 1];
    double largestMagnitude = Math.max(Math.abs(smallest), Math.abs(largest));
    double smallestMagnitude = Arrays.stream(sorted).map(Math::abs).min().orElseThrow();
    double tolerance = sorted.length * Math.ulp(1.0) * largestMagnitude;
    int negative = (int) Arrays.stream(sorted).filter(value -> value < -tolerance).count();
    int zero = (int) Arrays.stream(sorted).filter(value -> Math.abs(value) <= tolerance).count();
    return new HessianFacts(
        sorted.length,
        smallest,
        largest,
        smallestMagnitude,
        largestMagnitude,
        negative,
        zero,
        tolerance,
        sorted);
  }

  /** Number of eigenvalues above the tolerance. */
  public int positive() {
    return order - negative - zero;
  }

  /** Largest over smallest magnitude of the eigenvalues; infinite where the smallest is 0. */
  public double conditionNumber() {
    return largestMagnitude == 0 ? Double.POSITIVE_INFINITY : largestMagnitude / smallestMagnitude;
  }

  public Definiteness definiteness() {
    if (zero == order) {
      return Definiteness.ZERO;
    }
    if (negative > 0 && positive() > 0) {
      return Definiteness.INDEFINITE;
    }
    if (negative == 0) {
      return zero == 0 ? Definiteness.POSITIVE_DEFINITE : Definiteness.POSITIVE_SEMIDEFINITE;
    }
    return zero == 0 ? Definiteness.NEGATIVE_DEFINITE : Definiteness.NEGATIVE_SEMIDEFINITE;
  }
}
