package org.sparkcurvature.job.fit;

import static java.util.Objects.requireNonNull;
import static java.util.Objects.requireNonNullElse;

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
 * @param phase of a method that consists of several
 * @param begun the iteration at which the phase began
 * @param start where the fit began, length P; empty where no method comes back to it
 * @param widths of a smoothed loss, those that have been minimised, the widest first
 */
public record FitState(
    int iteration,
    double[] x,
    double radius,
    double[] scales,
    List<Visited> memory,
    List<Iteration> history,
    Phase phase,
    int begun,
    double[] start,
    List<Width> widths) {

  /** Where a method stands that verifies its end by another one, or begins again with that. */
  public enum Phase {
    FIRST,
    VERIFYING,
    AGAIN
  }

  /** A point and the gradient there, both of length P. */
  public record Visited(double[] x, double[] gradient) {
    public Visited {
      requireNonNull(x, "x");
      requireNonNull(gradient, "gradient");
    }
  }

  /**
   * The minimum of a smoothed loss.
   *
   * @param width in the units of the residuals
   * @param x the minimum, length P
   * @param value there
   * @param gradient of the method's objective there, length P
   * @param iteration of the whole fit at which it was reached
   */
  public record Width(double width, double[] x, double value, double[] gradient, int iteration) {
    public Width {
      requireNonNull(x, "x");
      requireNonNull(gradient, "gradient");
    }
  }

  /** What a file of a checkpoint lacks is refused here; what earlier versions had not is not. */
  public FitState {
    requireNonNull(x, "x");
    requireNonNull(scales, "scales");
    requireNonNull(phase, "phase");
    memory = List.copyOf(memory);
    history = List.copyOf(history);
    start = requireNonNullElse(start, new double[0]);
    widths = List.copyOf(requireNonNullElse(widths, List.of()));
  }

  /** In the first phase. */
  public FitState(
      int iteration,
      double[] x,
      double radius,
      double[] scales,
      List<Visited> memory,
      List<Iteration> history) {
    this(iteration, x, radius, scales, memory, history, Phase.FIRST, 0, new double[0], List.of());
  }

  /** A later state of the same phase of the same fit. */
  FitState then(
      int iteration,
      double[] x,
      double radius,
      double[] scales,
      List<Visited> memory,
      List<Iteration> history) {
    return new FitState(iteration, x, radius, scales, memory, history, phase, begun, start, widths);
  }

  /** The same, with where the fit began. */
  FitState startedAt(double[] start) {
    return new FitState(iteration, x, radius, scales, memory, history, phase, begun, start, widths);
  }

  /** The same point, where a method that verifies it begins. */
  FitState verifying() {
    return beginning(Phase.VERIFYING, x, history);
  }

  /** The beginning of another phase, from {@code there}. */
  public FitState beginning(Phase next, double[] there, List<Iteration> history) {
    int last = history.size() - 1;
    return new FitState(
        last < 0 ? 0 : history.get(last).iteration(),
        there,
        Double.POSITIVE_INFINITY,
        new double[0],
        List.of(),
        history,
        next,
        last < 0 ? 0 : history.get(last).iteration(),
        start,
        widths);
  }

  /** Before the first iteration. */
  public static FitState at(double[] x) {
    return new FitState(
        0, x.clone(), Double.POSITIVE_INFINITY, new double[0], List.of(), List.of());
  }
}
