package org.sparkcurvature.job.fit;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** Breeze's L-BFGS, or OWL-QN where there is an l1 penalty. An iteration is one step of theirs. */
final class QuasiNewton implements Minimiser {
  /** Pairs of steps and changes of the gradient; MLlib keeps as many. */
  private static final int MEMORY = 10;

  private final double[] l1;

  /**
   * @param l1 of each element, the factor of its absolute value; empty for L-BFGS
   */
  QuasiNewton(double[] l1) {
    this.l1 = l1.clone();
  }

  @Override
  public FitResult minimise(
      ObjectiveFunction objective, FitState from, Limits limits, Consumer<FitState> kept) {
    long begun = System.nanoTime();
    Last last =
        new Last(objective, objective.at(from.x(), ObjectiveFunction.Order.GRADIENT), from.x());
    List<FitState.Visited> memory = new ArrayList<>(from.memory());
    if (memory.isEmpty()) {
      memory.add(new FitState.Visited(from.x(), last.evaluation.gradient()));
    }
    BreezeSteps steps =
        new BreezeSteps(
            last::valueAndGradient,
            l1,
            MEMORY,
            memory.stream().map(FitState.Visited::x).toList(),
            memory.stream().map(FitState.Visited::gradient).toList(),
            from.iteration());
    List<Iteration> history = new ArrayList<>(from.history());
    if (history.isEmpty()) {
      history.add(iteration(0, steps, last.evaluation, 0, TrustRegion.seconds(begun)));
    }
    int iteration = from.iteration();
    double[] x = from.x();
    Evaluation here = last.evaluation;
    while (true) {
      Optional<FitResult.Ending> ending = Optional.empty();
      if (here.relative(steps.subgradient(), x) <= limits.tolerance()) {
        ending = Optional.of(FitResult.Ending.GRADIENT);
      } else if (here.hasLeft(history.get(0).value())) {
        ending = Optional.of(FitResult.Ending.DIVERGED);
      } else if (iteration >= limits.maxIterations()) {
        ending = Optional.of(FitResult.Ending.MAX_ITERATIONS);
      } else {
        begun = System.nanoTime();
        if (!steps.advance()) {
          ending =
              Optional.of(
                  steps.expectedDecrease() <= here.noise()
                      ? FitResult.Ending.PRECISION
                      : FitResult.Ending.STALLED);
        }
      }
      if (ending.isPresent()) {
        FitState state = new FitState(iteration, x, 0, new double[0], memory, history);
        return new FitResult(state, here, steps.subgradient(), steps.value(), ending.get());
      }
      double[] there = steps.x();
      here = last.at(there);
      iteration++;
      double step = here.length(Vectors.sum(there, -1, x));
      x = there;
      history.add(iteration(iteration, steps, here, step, TrustRegion.seconds(begun)));
      memory.add(new FitState.Visited(x, here.gradient()));
      if (memory.size() > MEMORY + 1) {
        memory.remove(0);
      }
      kept.accept(new FitState(iteration, x, 0, new double[0], memory, history));
    }
  }

  private static Iteration iteration(
      int number, BreezeSteps steps, Evaluation evaluation, double step, double seconds) {
    double[] subgradient = steps.subgradient();
    return new Iteration(
        number,
        steps.value(),
        evaluation.norm(subgradient),
        evaluation.relative(subgradient, steps.x()),
        step,
        Double.NaN,
        Iteration.Outcome.ACCEPTED,
        seconds);
  }

  /** The objective as Breeze wants it; keeps what it gave last. */
  private static final class Last {
    private final ObjectiveFunction objective;
    private Evaluation evaluation;
    private double[] x;

    Last(ObjectiveFunction objective, Evaluation evaluation, double[] x) {
      this.objective = objective;
      this.evaluation = evaluation;
      this.x = x;
    }

    Evaluation at(double[] point) {
      if (!Arrays.equals(point, x)) {
        evaluation = objective.at(point, ObjectiveFunction.Order.GRADIENT);
        x = point.clone();
      }
      return evaluation;
    }

    double valueAndGradient(double[] point, double[] gradient) {
      if (!Arrays.equals(point, x)) {
        Optional<Evaluation> there = objective.whereFinite(point, ObjectiveFunction.Order.GRADIENT);
        if (there.isEmpty()) {
          return Double.POSITIVE_INFINITY; // line searches shorten a step that ends here
        }
        evaluation = there.get();
        x = point.clone();
      }
      System.arraycopy(evaluation.gradient(), 0, gradient, 0, gradient.length);
      return evaluation.value();
    }
  }
}
