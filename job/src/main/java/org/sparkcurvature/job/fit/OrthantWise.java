package org.sparkcurvature.job.fit;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * L-BFGS with an l1 penalty (OWL-QN: Andrew and Gao 2007): steps from the subgradient of least
 * norm, kept within the orthant to which it leads, so that elements become exactly 0. As {@link
 * LimitedMemory} it begins from the Hessian's diagonal, so that nothing depends on the elements'
 * units, and leaves it to another method to say whether its end is a minimum. An iteration is one
 * line search, which takes one pass over the data or a few.
 */
final class OrthantWise implements Minimiser {
  private final AbsoluteValues penalty;

  /**
   * @param l1 of each element, the factor of its absolute value, length P
   */
  OrthantWise(double[] l1) {
    this.penalty = new AbsoluteValues(l1.clone());
  }

  @Override
  public FitResult minimise(
      ObjectiveFunction objective, FitState from, Limits limits, Consumer<FitState> kept) {
    long begun = System.nanoTime();
    double[] start = from.x().clone();
    Orthant here = Orthant.at(objective, penalty, start);
    List<FitState.Visited> memory = new ArrayList<>(from.memory());
    if (memory.isEmpty()) {
      memory.add(new FitState.Visited(start, here.smooth().gradient()));
    }
    List<Iteration> history = new ArrayList<>(from.history());
    double[] scales = from.scales();
    int iteration = from.iteration();
    boolean renewed = false;
    Recession recession = new Recession(here);
    while (true) {
      double value = here.here().value();
      if (scales.length == 0 || iteration % LimitedMemory.RENEWED == 0 && !renewed) {
        scales =
            Metric.of(
                objective.hessianDiagonal(here.x()),
                here.smooth().gradient(),
                scales,
                Convergence.size(history, value));
        renewed = true;
      }
      double[] direction =
          here.within(
              LimitedMemory.direction(here, here.x(), here.here().gradient(), memory, scales),
              scales);
      double decrease = Math.max(0, -Vectors.dot(here.here().gradient(), direction) / 2);
      QuadraticModel.Step step =
          new QuadraticModel.Step(direction, Vectors.scaledNorm(scales, direction), decrease);
      double relative = Convergence.relative(decrease, history, value);
      LimitedMemory.measure(history, here.here(), relative, begun);
      FitState state = new FitState(iteration, here.x(), 0, scales, memory, history);
      if (iteration > from.iteration()) {
        kept.accept(state);
      }
      Optional<FitResult.Ending> ending =
          LimitedMemory.ending(
              step, here.x(), scales, relative, history, limits, LimitedMemory.isSlow(history));
      if (recession.found(here.x(), here.here(), step, history, ending)) {
        ending = Optional.of(FitResult.Ending.DIVERGED);
      } else if (ending.isEmpty() && iteration >= limits.maxIterations()) {
        ending = Optional.of(FitResult.Ending.MAX_ITERATIONS);
      }
      if (ending.isPresent()) {
        return here.result(state, ending.get());
      }
      begun = System.nanoTime();
      double noise = Convergence.noise(history, value);
      Optional<Orthant> next = here.along(direction, scales, noise);
      if (next.isEmpty()) {
        if (memory.size() == 1 && renewed) {
          return here.result(
              state, decrease <= noise ? FitResult.Ending.PRECISION : FitResult.Ending.STALLED);
        }
        // What was remembered misleads: begin anew from here.
        memory = new ArrayList<>(List.of(new FitState.Visited(here.x(), here.smooth().gradient())));
        scales = new double[0];
        continue;
      }
      double length = Vectors.norm(Vectors.sum(next.get().x(), -1, here.x()));
      here = next.get();
      renewed = false;
      iteration++;
      LimitedMemory.remember(memory, here.x(), here.smooth().gradient());
      history.add(
          TrustRegion.entry(iteration, here.here(), Double.NaN, length, Double.NaN, true, begun));
    }
  }
}
