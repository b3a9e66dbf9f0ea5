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
 */
public record FitState(
    int iteration,
    double[] x,
    double radius,
    double[] scales,
    List<Visited> memory,
    List<Iteration> history) {

  /** A point and the gradient there, both of length P. */
  public record Visited(double[] x, double[] gradient) {}

  public FitState {
    memory = List.copyOf(memory);
    history = List.copyOf(history);
  }

  /** Before the first iteration. */
  public static FitState at(double[] x) {
    return new FitState(
        0, x.clone(), Double.POSITIVE_INFINITY, new double[0], List.of(), List.of());
  }
}
