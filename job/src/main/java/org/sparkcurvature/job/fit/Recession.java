package org.sparkcurvature.job.fit;

import java.util.List;
import java.util.Optional;
import org.sparkcurvature.job.solve.Vectors;

/**
 * Whether the value falls for ever: then every criterion that compares what is left to gain with
 * what was gained is met at last, at no minimum. A minimum is told by a Newton step that is short
 * beside the point, or by values that rise far beyond it.
 */
final class Recession {
  /** Newton steps of which no element is above this share of the point's are those of a minimum. */
  private static final double SHORT = 1e-3;

  /** How many Newton steps beyond the point is far. */
  private static final double FAR = 1000;

  /** A value this many times lower than anything that was seen before has no bound. */
  private static final double UNBOUNDED = 1e12;

  /** What is left of what was gained where it is time to look. */
  private static final double NOTHING = 1e-20;

  private final ObjectiveFunction objective;
  private double seen = Double.POSITIVE_INFINITY;

  Recession(ObjectiveFunction objective) {
    this.objective = objective;
  }

  /** Whether the value has fallen so far from where it began that nothing bounds it. */
  static boolean hasLeft(List<Iteration> history) {
    double first = history.get(0).value();
    double fell = 0;
    double last = first;
    for (Iteration iteration : history) {
      if (iteration.outcome() == Iteration.Outcome.ACCEPTED) {
        fell = fell == 0 ? first - iteration.value() : fell;
        last = iteration.value();
      }
    }
    return last < 0 && first - last > UNBOUNDED * Math.max(Math.abs(first), fell);
  }

  /** How a method ends that has not reached a minimum: without bound, or out of iterations. */
  static Optional<FitResult.Termination> givenUp(
      List<Iteration> history, int iteration, Minimiser.Limits limits) {
    if (hasLeft(history)) {
      return Optional.of(FitResult.Termination.DIVERGED);
    }
    return iteration >= limits.maxIterations()
        ? Optional.of(FitResult.Termination.MAX_ITERATIONS)
        : Optional.empty();
  }

  /**
   * Looks far beyond a point, by one pass, where that is due: a method wants to end there, or
   * little is left to gain.
   *
   * @param newton the unbounded step there
   * @param termination how the method would end; empty where it would go on
   */
  boolean found(
      double[] x,
      Evaluation here,
      QuadraticModel.Step newton,
      List<Iteration> history,
      Optional<FitResult.Termination> termination) {
    double decrease = newton.predicted();
    double noise = Convergence.noise(history, here.value());
    boolean due =
        termination.map(FitResult.Termination::converged).orElse(false)
            || decrease <= NOTHING * (history.get(0).value() - here.value())
            || decrease <= noise;
    // A quadratic rises by FAR squared times the decrease, which must be visible.
    boolean visible = FAR * FAR * decrease > 100 * noise;
    if (!due || !visible || decrease > SHORT * seen || isShort(newton.direction(), x)) {
      return false;
    }
    seen = decrease;
    return objective
        .whereFinite(Vectors.sum(x, FAR, newton.direction()), ObjectiveFunction.Order.GRADIENT)
        .filter(beyond -> beyond.value() <= here.value() + noise)
        .isPresent();
  }

  private static boolean isShort(double[] step, double[] x) {
    for (int i = 0; i < x.length; i++) {
      if (Math.abs(step[i]) > SHORT * Math.abs(x[i])) {
        return false;
      }
    }
    return true;
  }
}
