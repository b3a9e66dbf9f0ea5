package org.sparkcurvature.job.fit;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.sparkcurvature.job.solve.Vectors;

/**
 * L-BFGS (Nocedal and Wright 2006, algorithm 7.4), and with an l1 penalty OWL-QN (Andrew and Gao
 * 2007): steps from the subgradient of least norm, kept within the orthant to which it leads, so
 * that elements become exactly 0. It begins each inverse Hessian from the exact diagonal, renewed
 * now and then, and its first step from a product with the Hessian: nothing depends on the
 * elements' units. It leaves it to another method to say whether its end is a minimum. An iteration
 * is one line search, which takes one pass over the data or a few.
 */
final class LimitedMemory implements Minimiser {
  /** Pairs of steps and changes of the gradient; MLlib keeps as many. */
  private static final int MEMORY = 10;

  /** Iterations between passes for the diagonal. */
  private static final int RENEWED = 10;

  /** A way on which {@link #SLOW} iterations do not lower what is left by this is given up. */
  private static final double PROGRESS = 1e-2;

  private static final int SLOW = 20;

  /** A point of the way: with an l1 penalty an {@link Orthant}, without a {@link Smooth} one. */
  interface Point {
    double[] x();

    /** The smooth part of the objective at the point. */
    Evaluation smooth();

    /** The whole there; its gradient is the subgradient of least norm. */
    Evaluation here();

    /** The whole around the point, where it is smooth. */
    ObjectiveFunction around();

    /** A direction, without what leads out of where the whole is smooth. */
    double[] within(double[] direction, double[] scales);

    /**
     * Searches along a direction for a lower point.
     *
     * @param scales of the metric, length P
     * @param noise changes of the value below this are rounding
     * @return empty where there is none
     */
    Optional<? extends Point> along(double[] direction, double[] scales, double noise);
  }

  /**
   * A point of an objective without a penalty.
   *
   * @param here the objective there
   */
  private record Smooth(ObjectiveFunction around, double[] x, Evaluation here) implements Point {
    @Override
    public Evaluation smooth() {
      return here;
    }

    @Override
    public double[] within(double[] direction, double[] scales) {
      return direction;
    }

    @Override
    public Optional<Smooth> along(double[] direction, double[] scales, double noise) {
      return new LineSearch(around, noise)
          .along(x, here, direction)
          .map(found -> new Smooth(around, found.x(), found.evaluation()));
    }
  }

  private final SeparablePenalty penalty;
  private final int mostSlow;

  /**
   * @param l1 of each element, the factor of its absolute value, length P
   * @param mostSlow the largest P for which it gives up where progress is slow: Newton steps are
   *     cheaper then
   */
  LimitedMemory(double[] l1, int mostSlow) {
    this.penalty = SeparablePenalty.l1(l1);
    this.mostSlow = mostSlow;
  }

  private Point point(ObjectiveFunction objective, double[] x) {
    return penalty.hasL1()
        ? Orthant.at(objective, penalty, x)
        : new Smooth(objective, x, objective.at(x, ObjectiveFunction.Order.GRADIENT));
  }

  @Override
  public FitResult minimise(
      ObjectiveFunction objective, FitState from, Limits limits, Consumer<FitState> kept) {
    long begun = System.nanoTime();
    Point here = point(objective, from.x().clone());
    List<FitState.Visited> memory = new ArrayList<>(from.memory());
    if (memory.isEmpty()) {
      memory.add(new FitState.Visited(here.x(), here.smooth().gradient()));
    }
    List<Iteration> history = new ArrayList<>(from.history());
    double[] scales = from.scales();
    int iteration = from.iteration();
    boolean renewed = false;
    Recession recession = new Recession(here.around());
    while (true) {
      double[] x = here.x();
      double[] gradient = here.here().gradient();
      double value = here.here().value();
      if (scales.length == 0 || iteration % RENEWED == 0 && !renewed) {
        scales =
            Metric.of(
                objective.hessianDiagonal(x),
                here.smooth().gradient(),
                scales,
                Convergence.size(history, value));
        renewed = true;
      }
      double[] direction =
          here.within(direction(here.around(), x, gradient, memory, scales), scales);
      double decrease = Math.max(0, -Vectors.dot(gradient, direction) / 2);
      double relative = Convergence.relative(decrease, history, value);
      measure(history, here.here(), relative, begun);
      QuadraticModel.Step step =
          new QuadraticModel.Step(direction, Vectors.scaledNorm(scales, direction), decrease);
      FitState state = from.then(iteration, x, 0, scales, memory, history);
      if (iteration > from.iteration()) {
        kept.accept(state);
      }
      boolean slow = x.length <= mostSlow && isSlow(history);
      Optional<FitResult.Termination> termination =
          termination(step, x, scales, relative, history, limits, slow);
      if (recession.found(x, here.here(), step, history, termination)) {
        termination = Optional.of(FitResult.Termination.DIVERGED);
      } else if (termination.isEmpty() && iteration >= limits.maxIterations()) {
        termination = Optional.of(FitResult.Termination.MAX_ITERATIONS);
      }
      if (termination.isPresent()) {
        return new FitResult(state, here.smooth(), gradient, value, termination.get());
      }
      begun = System.nanoTime();
      double noise = Convergence.noise(history, value);
      Optional<? extends Point> next = here.along(direction, scales, noise);
      if (next.isEmpty()) {
        if (memory.size() == 1 && renewed) {
          FitResult.Termination end =
              decrease <= noise ? FitResult.Termination.PRECISION : FitResult.Termination.STALLED;
          return new FitResult(state, here.smooth(), gradient, value, end);
        }
        // What was remembered misleads: begin anew from here.
        memory = new ArrayList<>(List.of(new FitState.Visited(x, here.smooth().gradient())));
        scales = new double[0];
        continue;
      }
      here = next.get();
      double length = Vectors.norm(Vectors.sum(here.x(), -1, x));
      renewed = false;
      iteration++;
      remember(memory, here.x(), here.smooth().gradient());
      history.add(
          TrustRegion.entry(iteration, here.here(), Double.NaN, length, Double.NaN, true, begun));
    }
  }

  /**
   * Whether a method without Hessians has come to its end.
   *
   * @param slow whether it does not get on: see {@link #isSlow}
   */
  static Optional<FitResult.Termination> termination(
      QuadraticModel.Step step,
      double[] x,
      double[] scales,
      double relative,
      List<Iteration> history,
      Limits limits,
      boolean slow) {
    double noise = Convergence.noise(history, history.get(history.size() - 1).value());
    if (relative <= limits.tolerance()) {
      return Optional.of(FitResult.Termination.GRADIENT);
    }
    if (Convergence.isRounding(step.direction(), x, scales)
        || step.predicted() <= noise && Convergence.stepsWithinNoise(history, noise) >= MEMORY) {
      return Optional.of(FitResult.Termination.PRECISION);
    }
    if (Recession.hasLeft(history)) {
      return Optional.of(FitResult.Termination.DIVERGED);
    }
    return slow ? Optional.of(FitResult.Termination.STALLED) : Optional.empty();
  }

  /** Whether the last {@link #SLOW} iterations lowered what is left by less than they should. */
  static boolean isSlow(List<Iteration> history) {
    int last = history.size() - 1;
    int before = last - SLOW;
    return before > 0
        && history.get(last).relativeGradient() > PROGRESS * history.get(before).relativeGradient();
  }

  /** Adds a point to those that are remembered, and forgets the oldest one. */
  private static void remember(List<FitState.Visited> memory, double[] x, double[] gradient) {
    memory.add(new FitState.Visited(x, gradient));
    if (memory.size() > MEMORY + 1) {
      memory.remove(0);
    }
  }

  /** Puts into the last entry of the history how far from a minimum its point is. */
  static void measure(List<Iteration> history, Evaluation here, double relative, long begun) {
    if (history.isEmpty()) {
      history.add(TrustRegion.entry(0, here, relative, 0, Double.NaN, true, begun));
    } else {
      history.set(history.size() - 1, measured(history.get(history.size() - 1), relative));
    }
  }

  private static Iteration measured(Iteration entry, double relative) {
    return new Iteration(
        entry.iteration(),
        entry.value(),
        entry.gradientNorm(),
        relative,
        entry.step(),
        entry.radius(),
        entry.outcome(),
        entry.seconds());
  }

  /** {@code -B g}, a direction in which the value falls. */
  private static double[] direction(
      ObjectiveFunction objective,
      double[] x,
      double[] gradient,
      List<FitState.Visited> memory,
      double[] scales) {
    List<double[]> steps = new ArrayList<>();
    List<double[]> changes = new ArrayList<>();
    for (int k = 1; k < memory.size(); k++) {
      double[] step = Vectors.sum(memory.get(k).x(), -1, memory.get(k - 1).x());
      double[] change = Vectors.sum(memory.get(k).gradient(), -1, memory.get(k - 1).gradient());
      double curvature = Vectors.dot(step, change);
      // Curvature that is not there, or is rounding, would make B indefinite.
      if (curvature
          > 10
              * Math.ulp(1.0)
              * Vectors.scaledNorm(scales, step)
              * Vectors.unscaledNorm(scales, change)) {
        steps.add(step);
        changes.add(change);
      }
    }
    if (steps.isEmpty()) {
      double[] direction = preconditioned(gradient, 1, scales);
      double curvature = Vectors.dot(direction, objective.hessianTimes(x, direction));
      double falls = -Vectors.dot(direction, gradient);
      return curvature > 0
          ? Vectors.sum(new double[x.length], falls / curvature, direction)
          : direction;
    }
    double[] q = gradient.clone();
    int m = steps.size();
    double[] alpha = new double[m];
    for (int k = m - 1; k >= 0; k--) {
      alpha[k] = Vectors.dot(steps.get(k), q) / Vectors.dot(steps.get(k), changes.get(k));
      q = Vectors.sum(q, -alpha[k], changes.get(k));
    }
    double norm = Vectors.unscaledNorm(scales, changes.get(m - 1));
    double[] r =
        preconditioned(q, Vectors.dot(steps.get(m - 1), changes.get(m - 1)) / norm / norm, scales);
    for (int k = 0; k < m; k++) {
      double beta = -Vectors.dot(changes.get(k), r) / Vectors.dot(steps.get(k), changes.get(k));
      r = Vectors.sum(r, beta - alpha[k], steps.get(k));
    }
    return r;
  }

  /** {@code -factor D^-2 v}. */
  private static double[] preconditioned(double[] vector, double factor, double[] scales) {
    double[] result = new double[vector.length];
    for (int i = 0; i < result.length; i++) {
      result[i] = -factor * (vector[i] / scales[i] / scales[i]);
    }
    return result;
  }
}
