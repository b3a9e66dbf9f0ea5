package org.sparkcurvature.job.result;

import java.util.ArrayList;
import java.util.List;
import org.sparkcurvature.job.solve.RefinedFactor;
import org.sparkcurvature.job.solve.ScaledHessian;

/**
 * What the Hessian says of a point where the gradient vanishes. Judged on scales on which its
 * diagonal is of order 1, so that it does not depend on units.
 *
 * @param kind what the point is
 * @param flat directions along which the objective does not change to second order, in words
 * @param negative directions along which it falls to both sides, in words
 */
public record CurvatureVerdict(Kind kind, List<String> flat, List<String> negative) {

  /** What a stationary point is. */
  public enum Kind {
    MINIMUM("minimum", "positive definite"),
    FLAT("flat", "singular"),
    SADDLE("saddle", "indefinite"),
    MAXIMUM("maximum", "nowhere positive");

    private final String word;
    private final String hessian;

    Kind(String word, String hessian) {
      this.word = word;
      this.hessian = hessian;
    }

    /** What the Hessian is, in words: all that is known of a point that is not stationary. */
    public String hessian() {
      return hessian;
    }

    @Override
    public String toString() {
      return word;
    }
  }

  /** The most directions of a kind that are named. */
  private static final int NAMED = 5;

  public CurvatureVerdict {
    flat = List.copyOf(flat);
    negative = List.copyOf(negative);
  }

  /**
   * Judges a Hessian; where its elements leave open whether it is singular, by products.
   *
   * @param names of the elements
   * @param products of the Hessian with vectors
   */
  public static CurvatureVerdict of(
      ScaledHessian hessian, List<String> names, RefinedFactor.Products products) {
    return RefinedFactor.whereFlat(hessian, products).isPresent()
        ? new CurvatureVerdict(Kind.MINIMUM, List.of(), List.of())
        : of(hessian, names);
  }

  /**
   * Judges a Hessian by its elements.
   *
   * @param names of the elements
   */
  public static CurvatureVerdict of(ScaledHessian hessian, List<String> names) {
    List<String> flat = new ArrayList<>();
    List<String> negative = new ArrayList<>();
    for (int k = 0; k < hessian.order(); k++) {
      double eigenvalue = hessian.eigenvalue(k);
      List<String> kind = eigenvalue < -hessian.tolerance() ? negative : flat;
      if (eigenvalue <= hessian.tolerance() && kind.size() < NAMED) {
        kind.add(Direction.describe(hessian, k, names));
      }
    }
    return new CurvatureVerdict(kind(hessian), flat, negative);
  }

  /**
   * Judges by eigenvalues of the matrix itself, some or all.
   *
   * @param tolerance below which an eigenvalue is taken for 0
   */
  public static CurvatureVerdict of(List<SpectrumSummary.Pair> pairs, double tolerance) {
    List<String> flat = new ArrayList<>();
    List<String> negative = new ArrayList<>();
    boolean positive = false;
    for (SpectrumSummary.Pair pair : pairs) {
      List<String> kind = pair.value() < -tolerance ? negative : flat;
      positive |= pair.value() > tolerance;
      if (pair.value() <= tolerance && kind.size() < NAMED) {
        kind.add(pair.direction());
      }
    }
    Kind kind =
        negative.isEmpty()
            ? flat.isEmpty() ? Kind.MINIMUM : Kind.FLAT
            : positive ? Kind.SADDLE : Kind.MAXIMUM;
    return new CurvatureVerdict(kind, flat, negative);
  }

  private static Kind kind(ScaledHessian hessian) {
    if (hessian.negative() == 0) {
      return hessian.flat() == 0 ? Kind.MINIMUM : Kind.FLAT;
    }
    return hessian.negative() + hessian.flat() == hessian.order() ? Kind.MAXIMUM : Kind.SADDLE;
  }
}
