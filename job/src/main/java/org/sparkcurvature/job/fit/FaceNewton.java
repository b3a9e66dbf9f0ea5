package org.sparkcurvature.job.fit;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.sparkcurvature.job.solve.Vectors;

/**
 * Newton steps with an l1 penalty where P is too large for a Hessian: by conjugate gradients on the
 * elements that are not 0 or leave it, kept within their orthant (Byrd, Chin, Nocedal and Oztoprak
 * 2016, "A family of second-order methods for convex l1-regularized optimization"). It verifies
 * where a first-order method ended, and goes on where that is no minimum. An iteration is one line
 * search.
 */
final class FaceNewton implements Minimiser {
  /** Steps that change the value by no more than its rounding, of which each makes more digits. */
  private static final int MOST_WITHIN_NOISE = 3;

  /**
   * The radius to begin with, in roots of the value: more columns than rows leave directions
   * without curvature, along which only the penalty bounds a step.
   */
  private static final double FIRST_RADIUS = 100;

  private final SeparablePenalty penalty;

  /**
   * @param l1 of each element, the factor of its absolute value, length P
   */
  FaceNewton(double[] l1) {
    this.penalty = SeparablePenalty.l1(l1);
  }

  @Override
  public FitResult minimise(
      ObjectiveFunction objective, FitState from, Limits limits, Consumer<FitState> kept) {
    long begun = System.nanoTime();
    Orthant here = Orthant.at(objective, penalty, from.x().clone());
    List<Iteration> history = new ArrayList<>(from.history());
    double[] scales = from.scales();
    double radius = from.radius();
    int iteration = from.iteration();
    Recession recession = new Recession(here);
    while (true) {
      double value = here.here().value();
      double noise = Convergence.noise(history, value);
      QuadraticModel model =
          ConjugateGradientModel.verifying(here)
              .at(here.x(), here.here(), scales, Convergence.size(history, value));
      scales = model.scales();
      QuadraticModel.Step newton = model.unbounded();
      double relative = Convergence.relative(newton.predicted(), history, value);
      LimitedMemory.measure(history, here.here(), relative, begun);
      FitState state = from.then(iteration, here.x(), radius, scales, List.of(), history);
      if (iteration > from.iteration()) {
        kept.accept(state);
      }
      Optional<FitResult.Termination> termination =
          termination(model, here, relative, noise, history, limits, iteration);
      if (recession.found(here.x(), here.here(), newton, history, termination)) {
        termination = Optional.of(FitResult.Termination.DIVERGED);
      }
      begun = System.nanoTime();
      Optional<Orthant> next;
      if (termination.isPresent()) {
        Optional<double[]> falling =
            termination.get().converged()
                ? Saddle.direction(here, here.x(), scales)
                : Optional.empty();
        if (falling.isEmpty()) {
          return here.result(state, termination.get());
        }
        next =
            iteration < limits.maxIterations()
                ? leave(here, falling.get(), scales, history)
                : Optional.empty();
      } else {
        radius = Double.isInfinite(radius) ? firstRadius(history, value) : radius;
        next = here.along(here.within(model.within(radius).direction(), scales), scales, noise);
      }
      if (next.isEmpty()) {
        boolean rounding =
            termination.isEmpty() && newton.predicted() <= noise && !model.hasNegativeCurvature();
        return here.result(
            state, rounding ? FitResult.Termination.PRECISION : FitResult.Termination.STALLED);
      }
      double[] move = Vectors.sum(next.get().x(), -1, here.x());
      radius = 2 * Math.max(Vectors.scaledNorm(scales, move), radius / 8);
      here = next.get();
      iteration++;
      history.add(
          TrustRegion.entry(
              iteration, here.here(), Double.NaN, Vectors.norm(move), Double.NaN, true, begun));
    }
  }

  private static double firstRadius(List<Iteration> history, double value) {
    double size = Convergence.size(history, value);
    return size > 0 ? FIRST_RADIUS * Math.sqrt(size) : Double.POSITIVE_INFINITY;
  }

  private Optional<Orthant> leave(
      Orthant here, double[] direction, double[] scales, List<Iteration> history) {
    return Saddle.leave(here, here.x(), here.here(), here.moving(direction), scales, history)
        .map(found -> Orthant.at(here.objective(), penalty, found.x()));
  }

  private static Optional<FitResult.Termination> termination(
      QuadraticModel model,
      Orthant here,
      double relative,
      double noise,
      List<Iteration> history,
      Limits limits,
      int iteration) {
    QuadraticModel.Step newton = model.unbounded();
    int within = Convergence.stepsWithinNoise(history, noise);
    boolean minimum = Double.isFinite(newton.predicted()) && !model.hasNegativeCurvature();
    if (minimum
        && relative <= limits.tolerance()
        && (Convergence.isShort(newton.direction(), here.x()) || within > 0)) {
      return Optional.of(FitResult.Termination.GRADIENT);
    }
    if (minimum
        && (Convergence.isRounding(newton.direction(), here.x(), model.scales())
            || newton.predicted() <= noise && within >= MOST_WITHIN_NOISE)) {
      return Optional.of(FitResult.Termination.PRECISION);
    }
    return Recession.givenUp(history, iteration, limits);
  }
}
