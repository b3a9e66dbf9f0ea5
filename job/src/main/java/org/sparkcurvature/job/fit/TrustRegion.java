package org.sparkcurvature.job.fit;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import org.sparkcurvature.job.solve.Vectors;

/**
 * A trust region around the best point: the objective's second-order model is minimised within it,
 * and it shrinks where the model misleads and grows where it does not (Conn, Gould and Toint 2000,
 * chapter 6). Steps are taken where they lower the value, or, where rounding hides that, where they
 * lower the gradient. An iteration is one trial, which is one pass over the data. When it ends:
 * {@link Convergence}.
 */
final class TrustRegion implements Minimiser {
  /** The share of the predicted decrease above which a step is taken. */
  private static final double TAKEN = 1e-4;

  private static final double POOR = 0.25;
  private static final double GOOD = 0.75;

  /**
   * A model this close to the value holds further out, as it did before the radius shrank: on a
   * piece of a line, past a bend.
   */
  private static final double EXACT = 1e-8;

  private static final double BACK = 10;

  /** Below this share of its size a value's changes may be rounding of its terms. */
  static final double DOUBTFUL = 1e-9;

  /** A step that is taken for its gradient's sake lowers that to this share. */
  private static final double LOWERED = 0.5;

  /**
   * Steps so many times as long as the one along which the gradient would take all of the value
   * away come of a Hessian that is almost 0, and quarters of them would never end.
   */
  private static final double ABSURD = 1e4;

  /** Steps that change the value by no more than its rounding, of which each makes more digits. */
  private static final int MOST_WITHIN_NOISE = 3;

  private final Function<ObjectiveFunction, QuadraticModel.Source> modelling;

  /**
   * @param modelling how an objective is modelled
   */
  TrustRegion(Function<ObjectiveFunction, QuadraticModel.Source> modelling) {
    this.modelling = modelling;
  }

  /** The best point with what is known there. */
  private record Here(
      double[] x,
      Evaluation evaluation,
      QuadraticModel model,
      QuadraticModel.Step newton,
      double relative) {

    double value() {
      return evaluation.value();
    }
  }

  @Override
  public FitResult minimise(
      ObjectiveFunction objective, FitState from, Limits limits, Consumer<FitState> kept) {
    long begun = System.nanoTime();
    QuadraticModel.Source models = modelling.apply(objective);
    double radius = from.radius();
    List<Iteration> history = new ArrayList<>(from.history());
    Here here =
        here(
            models,
            from.x().clone(),
            objective.at(from.x(), models.order()),
            from.scales(),
            history);
    if (history.isEmpty()) {
      history.add(entry(0, here.evaluation(), here.relative(), 0, Double.NaN, true, begun));
    }
    Recession recession = new Recession(objective);
    int iteration = from.iteration();
    while (true) {
      FitState state =
          from.then(iteration, here.x(), radius, here.model().scales(), List.of(), history);
      Optional<FitResult.Termination> termination =
          termination(here, radius, history, limits, iteration, from.begun());
      if (recession.found(here.x(), here.evaluation(), here.newton(), history, termination)) {
        termination = Optional.of(FitResult.Termination.DIVERGED);
      }
      if (termination.isPresent()) {
        return result(state, here, termination.get());
      }
      begun = System.nanoTime();
      if (Double.isInfinite(radius)) {
        radius = here.model().firstRadius();
      }
      QuadraticModel.Step step = here.model().within(radius);
      double[] there = Vectors.sum(here.x(), 1, step.direction());
      Optional<Evaluation> trial = objective.whereFinite(there, models.order());
      double value = here.value();
      double noise = Convergence.noise(history, value);
      boolean rounding = step.predicted() <= noise;
      double ratio =
          trial.map(t -> (value - t.value()) / step.predicted()).orElse(Double.NEGATIVE_INFINITY);
      boolean fitting = !rounding && ratio > TAKEN;
      boolean taken =
          fitting
              || trial.isPresent()
                  && lowersGradient(here.model(), here.evaluation(), trial.get(), step, history);
      iteration++;
      if (taken) {
        here = here(models, there, trial.get(), here.model().scales(), history);
      }
      history.add(
          entry(
              iteration,
              trial.orElse(null),
              taken ? here.relative() : Double.NaN,
              Vectors.norm(step.direction()),
              radius,
              taken,
              begun));
      if (rounding && !taken) {
        state = from.then(iteration, here.x(), radius, here.model().scales(), List.of(), history);
        return result(
            state,
            here,
            // A step that only the radius keeps short says nothing about the minimum.
            step.length() < 0.99 * radius && !here.model().hasNegativeCurvature()
                ? FitResult.Termination.PRECISION
                : FitResult.Termination.STALLED);
      }
      if (fitting || !taken) {
        radius = taken ? next(radius, ratio, step.length(), history) : shorter(here, step, history);
      }
      double stretch = Vectors.scaledNorm(here.model().scales(), step.direction()) / step.length();
      if (taken && stretch > ABSURD) {
        radius *= stretch; // the metric was of a Hessian that was almost 0
      }
      kept.accept(
          from.then(iteration, here.x(), radius, here.model().scales(), List.of(), history));
    }
  }

  private static Here here(
      QuadraticModel.Source models,
      double[] x,
      Evaluation evaluation,
      double[] scales,
      List<Iteration> history) {
    QuadraticModel model =
        models.at(x, evaluation, scales, Convergence.size(history, evaluation.value()));
    QuadraticModel.Step newton = model.unbounded();
    return new Here(
        x,
        evaluation,
        model,
        newton,
        Convergence.relative(newton.predicted(), history, evaluation.value()));
  }

  private static Optional<FitResult.Termination> termination(
      Here here, double radius, List<Iteration> history, Limits limits, int iteration, int begun) {
    QuadraticModel model = here.model();
    double noise = Convergence.noise(history, here.value());
    // Steps of a method before this one were no Newton steps, and made no digits.
    int within =
        Convergence.stepsWithinNoise(
            history.subList(Math.min(begun, history.size()), history.size()), noise);
    if (here.relative() <= limits.tolerance()
        && !model.hasNegativeCurvature()
        && (Convergence.isShort(here.newton().direction(), here.x()) || within > 0)) {
      return Optional.of(FitResult.Termination.GRADIENT);
    }
    boolean bounded = Double.isFinite(here.newton().predicted());
    if (bounded
        && (within > 0
                && Convergence.isRounding(here.newton().direction(), here.x(), model.scales())
            || here.newton().predicted() <= noise && within >= MOST_WITHIN_NOISE)
        && !model.hasNegativeCurvature()) {
      return Optional.of(FitResult.Termination.PRECISION);
    }
    Optional<FitResult.Termination> givenUp = Recession.givenUp(history, iteration, limits);
    if (givenUp.isEmpty()
        && (radius == 0 || radius < Math.ulp(1.0) * Vectors.scaledNorm(model.scales(), here.x()))) {
      return Optional.of(FitResult.Termination.STALLED);
    }
    return givenUp;
  }

  /**
   * Whether a step is to be taken though the values do not show that it helps: because they differ
   * by no more than rounding does, and the gradient falls (Hager and Zhang 2005, section 2).
   */
  private static boolean lowersGradient(
      QuadraticModel model,
      Evaluation here,
      Evaluation there,
      QuadraticModel.Step step,
      List<Iteration> history) {
    double doubtful = DOUBTFUL * Convergence.size(history, here.value());
    return step.predicted() <= doubtful
        && there.value() - here.value() <= doubtful
        && model.dualNorm(there.gradient()) <= LOWERED * model.dualNorm(here.gradient());
  }

  private static FitResult result(FitState state, Here here, FitResult.Termination termination) {
    return new FitResult(
        state, here.evaluation(), here.evaluation().gradient(), here.value(), termination);
  }

  /** The radius after a step that was not taken. */
  private static double shorter(Here here, QuadraticModel.Step step, List<Iteration> history) {
    double emptying =
        Convergence.size(history, here.value())
            / Vectors.unscaledNorm(here.model().scales(), here.evaluation().gradient());
    return step.length() > ABSURD * emptying
        ? Math.sqrt(step.length() * emptying)
        : POOR * step.length();
  }

  /** The largest radius so far. */
  private static double farthest(List<Iteration> history) {
    return history.stream().mapToDouble(Iteration::radius).filter(Double::isFinite).max().orElse(0);
  }

  private static double next(double radius, double ratio, double length, List<Iteration> history) {
    if (!(ratio >= POOR)) {
      return POOR * length;
    }
    double reached = Double.isInfinite(radius) ? length : radius;
    if (!(ratio > GOOD)) {
      return reached;
    }
    double growth = Math.abs(ratio - 1) < EXACT && BACK * length < farthest(history) ? BACK : 2;
    return Math.max(reached, growth * length);
  }

  /**
   * An entry of the history.
   *
   * @param trial null where the objective is not finite
   */
  static Iteration entry(
      int iteration,
      Evaluation trial,
      double relative,
      double step,
      double radius,
      boolean taken,
      long begun) {
    return new Iteration(
        iteration,
        trial == null ? Double.NaN : trial.value(),
        trial == null ? Double.NaN : Vectors.norm(trial.gradient()),
        relative,
        step,
        radius,
        taken ? Iteration.Outcome.ACCEPTED : Iteration.Outcome.REJECTED,
        seconds(begun));
  }

  static double seconds(long begun) {
    return (System.nanoTime() - begun) * 1e-9;
  }
}
