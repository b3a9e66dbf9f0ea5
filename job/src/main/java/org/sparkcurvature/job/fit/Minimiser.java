package org.sparkcurvature.job.fit;

import java.util.function.Consumer;

/** A method of minimisation. */
public interface Minimiser {

  /**
   * When a method ends.
   *
   * @param tolerance the relative gradient norm of a minimum
   * @param maxIterations iterations in all, those of an earlier run that is resumed included
   */
  record Limits(double tolerance, int maxIterations) {}

  /**
   * Goes on from a state until it ends. The way depends on the state alone: a run that is resumed
   * goes where the first would have gone.
   *
   * @param from where to begin
   * @param kept is given the state after each iteration
   * @throws org.sparkcurvature.job.errors.JobException with exit code 4 if the objective is not
   *     finite where it begins
   */
  FitResult minimise(
      ObjectiveFunction objective, FitState from, Limits limits, Consumer<FitState> kept);
}
