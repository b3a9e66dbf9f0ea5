package org.sparkcurvature.job.fit;

/**
 * One entry of the history: what a method tried.
 *
 * @param iteration from 0, which is the start
 * @param value the objective at the point tried; NaN where it is not finite there
 * @param gradientNorm Euclidean norm of the gradient there; NaN where it is not finite
 * @param relativeGradient as the tolerance is compared with; NaN where the method did not go there
 * @param step Euclidean length of the step that led there
 * @param radius of the trust region around the point before, in the method's own metric; NaN where
 *     the method has none
 * @param outcome whether the method went there
 * @param seconds that this iteration took
 */
public record Iteration(
    int iteration,
    double value,
    double gradientNorm,
    double relativeGradient,
    double step,
    double radius,
    Outcome outcome,
    double seconds) {

  /** What became of a trial point. */
  public enum Outcome {
    ACCEPTED,
    REJECTED
  }
}
