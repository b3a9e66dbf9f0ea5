package org.sparkcurvature.job.fit;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.sparkcurvature.job.solve.SymmetricMatrix;
import org.sparkcurvature.job.solve.Vectors;

/**
 * Newton's method with an l1 penalty or bounds: each step minimises the exact second-order model
 * plus the penalty itself (Lee, Sun and Saunders 2014). Where the model misleads, or is not convex
 * on the elements that are not 0, its curvature is raised in the metric of the Hessian's diagonal,
 * so that nothing depends on the elements' units. An iteration is one trial, which is one pass.
 */
final class ProximalNewton implements Minimiser {
  private static final double TAKEN = 1e-4;
  private static final double POOR = 0.25;
  private static final double GOOD = 0.75;

  /** A step that is taken for its subgradient's sake lowers that to this share. */
  private static final double LOWERED = 0.5;

  /** Added curvature, relative to the Hessian's diagonal: the least that is tried, and the most. */
  private static final double LEAST_DAMPING = 1e-8;

  private static final double MOST_DAMPING = 1e20;

  private final SeparablePenalty penalty;

  /**
   * @param penalty and bounds, length P
   */
  ProximalNewton(SeparablePenalty penalty) {
    this.penalty = penalty;
  }

  /** A step to the minimum of the model. */
  private record Step(double[] there, double predicted, double damping) {}

  /** The best point with what is known there; no step where no damping makes the model convex. */
  private record Here(
      double[] x, Evaluation evaluation, double[] scales, Optional<Step> step, double relative) {}

  @Override
  public FitResult minimise(
      ObjectiveFunction objective, FitState from, Limits limits, Consumer<FitState> kept) {
    long begun = System.nanoTime();
    // What is kept as the radius is the inverse of the damping: none is an infinite radius.
    double damping = 1 / from.radius();
    List<Iteration> history = new ArrayList<>(from.history());
    double[] first = penalty.within(from.x());
    Evaluation evaluation = objective.at(first, ObjectiveFunction.Order.HESSIAN);
    Here here = here(first, evaluation, from.scales(), damping, history);
    if (history.isEmpty()) {
      history.add(entry(0, Optional.of(evaluation), first, here.relative(), 0, true, begun));
    }
    int iteration = from.iteration();
    while (true) {
      FitState state =
          from.then(iteration, here.x(), 1 / damping, here.scales(), List.of(), history);
      Optional<FitResult.Termination> termination = termination(here, history, limits, iteration);
      if (termination.isPresent()) {
        return result(state, here, termination.get());
      }
      begun = System.nanoTime();
      Step step = here.step().orElseThrow();
      damping = step.damping();
      double[] there = step.there();
      Optional<Evaluation> trial = objective.whereFinite(there, ObjectiveFunction.Order.HESSIAN);
      double value = value(here.evaluation(), here.x());
      boolean rounding = step.predicted() <= Convergence.noise(history, value);
      double ratio =
          trial
              .map(t -> (value - value(t, there)) / step.predicted())
              .orElse(Double.NEGATIVE_INFINITY);
      boolean taken =
          trial.isPresent()
              && (rounding ? lowersGradient(here, trial.get(), there) : ratio > TAKEN);
      double length = Vectors.norm(Vectors.sum(there, -1, here.x()));
      if (!rounding) {
        damping = next(damping, ratio);
      }
      iteration++;
      double[] scales = here.scales();
      here =
          taken
              ? here(there, trial.get(), scales, damping, history)
              : here(here.x(), here.evaluation(), scales, damping, history);
      history.add(
          entry(
              iteration, trial, there, taken ? here.relative() : Double.NaN, length, taken, begun));
      state = from.then(iteration, here.x(), 1 / damping, here.scales(), List.of(), history);
      if (rounding && !taken) {
        return result(
            state,
            here,
            damping < 1 ? FitResult.Termination.PRECISION : FitResult.Termination.STALLED);
      }
      kept.accept(state);
    }
  }

  private Here here(
      double[] x, Evaluation evaluation, double[] before, double damping, List<Iteration> history) {
    double[] scales = scales(evaluation, before);
    Optional<Step> step = step(x, evaluation, scales, damping);
    return new Here(
        x,
        evaluation,
        scales,
        step,
        Convergence.relative(
            step.map(Step::predicted).orElse(Double.POSITIVE_INFINITY),
            history,
            value(evaluation, x)));
  }

  private double value(Evaluation evaluation, double[] x) {
    return evaluation.value() + penalty.value(x);
  }

  private Optional<FitResult.Termination> termination(
      Here here, List<Iteration> history, Limits limits, int iteration) {
    if (here.step().isEmpty()) {
      return Optional.of(FitResult.Termination.STALLED);
    }
    Step step = here.step().get();
    double[] move = Vectors.sum(step.there(), -1, here.x());
    double noise = Convergence.noise(history, value(here.evaluation(), here.x()));
    if (here.relative() <= limits.tolerance()
        && step.damping() < 1
        && (Convergence.isShort(move, here.x())
            || Convergence.stepsWithinNoise(history, noise) > 0)) {
      return Optional.of(FitResult.Termination.GRADIENT);
    }
    if (Convergence.isRounding(move, here.x(), here.scales()) && step.damping() < 1) {
      return Optional.of(FitResult.Termination.PRECISION);
    }
    return Recession.givenUp(history, iteration, limits);
  }

  private boolean lowersGradient(Here here, Evaluation trial, double[] there) {
    double[] before = penalty.subgradient(here.x(), here.evaluation().gradient());
    double[] after = penalty.subgradient(there, trial.gradient());
    return Vectors.unscaledNorm(here.scales(), after)
        <= LOWERED * Vectors.unscaledNorm(here.scales(), before);
  }

  private static double next(double damping, double ratio) {
    if (ratio > GOOD) {
      return damping <= LEAST_DAMPING ? 0 : damping / 10;
    }
    if (ratio >= POOR) {
      return damping;
    }
    return Math.max(1e-3, damping * (ratio > TAKEN ? 4 : 10));
  }

  /** The step with the given damping, or with the least above it that makes the model convex. */
  private Optional<Step> step(double[] x, Evaluation here, double[] scales, double damping) {
    SymmetricMatrix hessian = here.hessian().orElseThrow();
    int n = x.length;
    double[] scaled = hessian.toSquare();
    double[] point = new double[n];
    double[] gradient = new double[n];
    double[] factors = new double[n];
    double[] lower = new double[n];
    double[] upper = new double[n];
    for (int i = 0; i < n; i++) {
      point[i] = x[i] * scales[i];
      lower[i] = penalty.lower()[i] * scales[i];
      upper[i] = penalty.upper()[i] * scales[i];
      gradient[i] = here.gradient()[i] / scales[i];
      factors[i] = penalty.l1()[i] / scales[i];
      for (int j = 0; j < n; j++) {
        scaled[i * n + j] /= scales[i] * scales[j];
      }
    }
    SeparablePenalty own = new SeparablePenalty(factors, lower, upper);
    for (double added = damping;
        added < MOST_DAMPING;
        added = Math.max(LEAST_DAMPING, 10 * added)) {
      double[] damped = scaled.clone();
      boolean convex = true;
      for (int i = 0; i < n; i++) {
        damped[i * n + i] += added;
        convex &= damped[i * n + i] > 0 || lower[i] == upper[i];
      }
      Optional<double[]> minimum =
          convex ? SeparableQuadratic.minimum(damped, gradient, point, own) : Optional.empty();
      if (minimum.isPresent()) {
        return Optional.of(stepTo(minimum.get(), x, point, gradient, damped, own, scales, added));
      }
    }
    return Optional.empty();
  }

  private Step stepTo(
      double[] minimum,
      double[] x,
      double[] point,
      double[] gradient,
      double[] matrix,
      SeparablePenalty own,
      double[] scales,
      double damping) {
    int n = x.length;
    double[] there = x.clone();
    double[] direction = new double[n];
    for (int i = 0; i < n; i++) {
      direction[i] = minimum[i] - point[i];
      if (direction[i] != 0) {
        // Scaling back may round it across a bound.
        there[i] =
            minimum[i] == own.lower()[i]
                ? penalty.lower()[i]
                : minimum[i] == own.upper()[i]
                    ? penalty.upper()[i]
                    : Math.min(
                        penalty.upper()[i], Math.max(penalty.lower()[i], minimum[i] / scales[i]));
      }
    }
    double predicted = penalty.value(x) - penalty.value(there);
    for (int i = 0; i < n; i++) {
      double product = 0;
      for (int j = 0; j < n; j++) {
        product += matrix[i * n + j] * direction[j];
      }
      predicted -= direction[i] * (gradient[i] + 0.5 * product);
    }
    return new Step(there, Math.max(0, predicted), damping);
  }

  /** The largest roots of the Hessian's diagonal so far: the metric (Moré 1978). */
  private static double[] scales(Evaluation evaluation, double[] before) {
    double[] diagonal = evaluation.hessian().orElseThrow().diagonal();
    double largest = Arrays.stream(diagonal).map(Math::abs).max().orElse(1);
    double[] scales = new double[diagonal.length];
    for (int i = 0; i < scales.length; i++) {
      scales[i] = Math.max(before.length == 0 ? 0 : before[i], Math.sqrt(Math.abs(diagonal[i])));
      if (scales[i] == 0) {
        scales[i] = largest > 0 ? Math.sqrt(largest) : 1;
      }
    }
    return scales;
  }

  private FitResult result(FitState state, Here here, FitResult.Termination termination) {
    return new FitResult(
        state,
        here.evaluation(),
        penalty.subgradient(here.x(), here.evaluation().gradient()),
        value(here.evaluation(), here.x()),
        termination);
  }

  private Iteration entry(
      int number,
      Optional<Evaluation> trial,
      double[] x,
      double relative,
      double length,
      boolean taken,
      long begun) {
    return new Iteration(
        number,
        trial.map(t -> value(t, x)).orElse(Double.NaN),
        trial.map(t -> Vectors.norm(penalty.subgradient(x, t.gradient()))).orElse(Double.NaN),
        relative,
        length,
        Double.NaN,
        taken ? Iteration.Outcome.ACCEPTED : Iteration.Outcome.REJECTED,
        TrustRegion.seconds(begun));
  }
}
