package org.sparkcurvature.job.result;

import static java.util.Objects.requireNonNull;

import java.util.List;
import java.util.OptionalInt;
import org.sparkcurvature.job.config.Reduction;

/**
 * Eigenvalues of a Hessian and what they say.
 *
 * @param run rows, time and what computed it
 * @param reduction how losses were summed up
 * @param method {@code dense} or {@code lanczos}
 * @param eigenvalues ascending: all of them, or those that were computed
 * @param extreme the k extreme ones, ascending
 * @param verdict what the point is, where it is stationary
 * @param newtonStep length of a Newton step from it, in standard errors
 * @param stationary whether that is so short that the gradient counts as 0
 * @param negative number of negative eigenvalues, where all were computed
 * @param zero number that cannot be told from 0, where all were computed
 * @param gradientNorm Euclidean norm of the gradient
 * @param products how many products of the Hessian with vectors it took
 */
public record SpectrumSummary(
    RunFacts run,
    Reduction reduction,
    String method,
    double[] eigenvalues,
    List<Pair> extreme,
    CurvatureVerdict verdict,
    double newtonStep,
    boolean stationary,
    OptionalInt negative,
    OptionalInt zero,
    double gradientNorm,
    int products) {

  /**
   * An eigenvalue.
   *
   * @param value v'Hv
   * @param vector of norm 1, length P
   * @param residual norm of Hv - value v
   * @param direction the vector in words
   */
  public record Pair(double value, double[] vector, double residual, String direction) {}

  public SpectrumSummary {
    requireNonNull(run);
    requireNonNull(verdict);
    extreme = List.copyOf(extreme);
  }

  /** What the point is, in one or two words. */
  public String verdictInWords() {
    return stationary ? verdict.kind().toString() : "not stationary";
  }

  /** Largest over smallest magnitude of the eigenvalues known; infinite where one is 0. */
  public double conditionNumber() {
    double largest = 0;
    double smallest = Double.POSITIVE_INFINITY;
    for (double value : eigenvalues) {
      largest = Math.max(largest, Math.abs(value));
      smallest = Math.min(smallest, Math.abs(value));
    }
    return smallest == 0 ? Double.POSITIVE_INFINITY : largest / smallest;
  }
}
