package org.sparkcurvature.job.fit;

import java.util.List;

/**
 * What a method needs in order to go on from where it is.
 *
 * @param iteration how many iterations are behind
 * @param x the best point, free elements, length P
 * @param radius of the trust region; infinite before the first step
 * @param scales of the trust region's metric; empty where it has none
 * @param memory of a quasi-Newton method: its last points with their gradients, the latest last
 * @param history one entry for each iteration, the start included
 * @param phase of a method that consists of two
 */
public record FitState(
    int iteration,
    double[] x,
    double radius,
    double[] scales,
    List<Visited> memory,
    List<Iteration> history,
    Phase phase) {

  /** Where a method stands that verifies its end by another one. */
  public enum Phase {
    FIRST,
    VERIFYING
  }

  /** A point and the gradient there, both of length P. */
  public record Visited(double[] x, double[] gradient) {}

  public FitState {
    memory = List.copyOf(memory);
    history = List.copyOf(history);
  }

  /** In the first phase. */
  public FitState(
      int iteration,
      double[] x,
      double radius,
      double[] scales,
      List<Visited> memory,
      List<Iteration> history) {
    this(iteration, x, radius, scales, memory, history, Phase.FIRST);
  }

  /** The same in another phase. */
  FitState inPhase(Phase other) {
    return new FitState(iteration, x, radius, scales, memory, history, other);
  }

  /** The same point, where a method that verifies it begins. */
  FitState verifying() {
    return new FitState(
        iteration, x, Double.POSITIVE_INFINITY, new double[0], List.of(), history, Phase.VERIFYING);
  }

  /** Before the first iteration. */
  public static FitState at(double[] x) {
    return new FitState(
        0, x.clone(), Double.POSITIVE_INFINITY, new double[0], List.of(), List.of());
  }
}
