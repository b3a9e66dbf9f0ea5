package org.sparkcurvature.job.fit;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * A trust region around the best point: the objective's second-order model is minimised within it,
 * and it shrinks where the model misleads and grows where it does not (Conn, Gould and Toint 2000,
 * chapter 6). Steps are taken only where they lower the value, or, where rounding hides that, where
 * they lower the gradient. An iteration is one trial, which is one pass over the data.
 */
final class TrustRegion implements Minimiser {
  /** The share of the predicted decrease above which a step is taken. */
  private static final double TAKEN = 1e-4;

  private static final double POOR = 0.25;
  private static final double GOOD = 0.75;

  private final Function<ObjectiveFunction, QuadraticModel.Source> modelling;

  /**
   * @param modelling how an objective is modelled
   */
  TrustRegion(Function<ObjectiveFunction, QuadraticModel.Source> modelling) {
    this.modelling = modelling;
  }

  @Override
  public FitResult minimise(
      ObjectiveFunction objective, FitState from, Limits limits, Consumer<FitState> kept) {
    long begun = System.nanoTime();
    QuadraticModel.Source models = modelling.apply(objective);
    double[] x = from.x().clone();
    double radius = from.radius();
    List<Iteration> history = new ArrayList<>(from.history());
    Evaluation here = objective.at(x, models.order());
    if (history.isEmpty()) {
      history.add(start(x, here, seconds(begun)));
    }
    QuadraticModel model = models.at(x, here, from.scales());
    int iteration = from.iteration();
    while (true) {
      FitState state = new FitState(iteration, x, radius, model.scales(), List.of(), history);
      double relative = here.relative(here.gradient(), x);
      Optional<FitResult.Ending> ending = Optional.empty();
      if (relative <= limits.tolerance() && !model.hasNegativeCurvature()) {
        ending = Optional.of(FitResult.Ending.GRADIENT);
      } else if (here.hasLeft(history.get(0).value())) {
        ending = Optional.of(FitResult.Ending.DIVERGED);
      } else if (iteration >= limits.maxIterations()) {
        ending = Optional.of(FitResult.Ending.MAX_ITERATIONS);
      } else if (radius < Math.ulp(1.0) * Math.max(1, length(model.scales(), x))) {
        ending = Optional.of(FitResult.Ending.STALLED);
      }
      if (ending.isPresent()) {
        return new FitResult(state, here, here.gradient(), here.value(), ending.get());
      }
      begun = System.nanoTime();
      if (Double.isInfinite(radius)) {
        radius = model.firstRadius();
      }
      QuadraticModel.Step step = model.within(radius);
      double[] there = Vectors.sum(x, 1, step.direction());
      Optional<Evaluation> trial = objective.whereFinite(there, models.order());
      boolean rounding = step.predicted() <= here.noise();
      double value = here.value();
      double ratio =
          trial.map(t -> (value - t.value()) / step.predicted()).orElse(Double.NEGATIVE_INFINITY);
      boolean taken =
          trial.isPresent()
              && (rounding
                  ? trial.get().relative(trial.get().gradient(), there) < relative
                  : ratio > TAKEN);
      iteration++;
      history.add(
          new Iteration(
              iteration,
              trial.map(Evaluation::value).orElse(Double.NaN),
              trial.map(t -> t.norm(t.gradient())).orElse(Double.NaN),
              trial.map(t -> t.relative(t.gradient(), there)).orElse(Double.NaN),
              here.length(step.direction()),
              radius,
              taken ? Iteration.Outcome.ACCEPTED : Iteration.Outcome.REJECTED,
              seconds(begun)));
      if (rounding && !taken) {
        state = new FitState(iteration, x, radius, model.scales(), List.of(), history);
        return new FitResult(
            state,
            here,
            here.gradient(),
            here.value(),
            // A step that only the radius keeps short says nothing about the minimum.
            step.length() < 0.99 * radius && !model.hasNegativeCurvature()
                ? FitResult.Ending.PRECISION
                : FitResult.Ending.STALLED);
      }
      if (!rounding) {
        radius = next(radius, ratio, step.length());
      }
      if (taken) {
        x = there;
        here = trial.get();
        model = models.at(x, here, model.scales());
      }
      kept.accept(new FitState(iteration, x, radius, model.scales(), List.of(), history));
    }
  }

  private static double next(double radius, double ratio, double length) {
    if (!(ratio >= POOR)) {
      return POOR * length;
    }
    double reached = Double.isInfinite(radius) ? length : radius;
    return ratio > GOOD ? Math.max(reached, 2 * length) : reached;
  }

  private static double length(double[] scales, double[] x) {
    double[] scaled = x.clone();
    for (int i = 0; i < x.length; i++) {
      scaled[i] *= scales[i];
    }
    return Vectors.norm(scaled);
  }

  /** The history's first entry. */
  static Iteration start(double[] x, Evaluation evaluation, double seconds) {
    return new Iteration(
        0,
        evaluation.value(),
        evaluation.norm(evaluation.gradient()),
        evaluation.relative(evaluation.gradient(), x),
        0,
        Double.NaN,
        Iteration.Outcome.ACCEPTED,
        seconds);
  }

  static double seconds(long begun) {
    return (System.nanoTime() - begun) * 1e-9;
  }
}
