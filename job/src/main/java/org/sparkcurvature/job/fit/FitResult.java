package org.sparkcurvature.job.fit;

/**
 * Where a method ended.
 *
 * @param state its last state; {@code state.x()} is the best point
 * @param evaluation the objective there
 * @param gradient what vanishes at the minimum: the gradient, or with an l1 penalty the subgradient
 *     of the least norm; length P
 * @param value the objective there, an l1 penalty included
 * @param termination why it ended
 */
public record FitResult(
    FitState state,
    Evaluation evaluation,
    double[] gradient,
    double value,
    Termination termination) {

  /** Why a method ended. */
  public enum Termination {
    /** The relative gradient norm is at most the tolerance. */
    GRADIENT("the relative gradient norm is below the tolerance"),
    /** What a further step could gain is less than the rounding of the value. */
    PRECISION("no step can lower the value by more than its rounding"),
    /** Some parameters are at the bound of their range, the others at the minimum there. */
    BOUND("it is the minimum with parameters at the bound of their range"),
    /** No point is lower than this one by more than the gap to a dual bound. */
    PIECEWISE_LINEAR(
        "it is the optimum of a piecewise linear loss, up to the gap to the dual bound"),
    /** The gap to the dual bound stayed large. */
    GAP("the gap between the value and the dual bound of the quantile loss did not close"),
    MAX_ITERATIONS("fit.max-iterations were not enough"),
    /** No step lowers the value, though the derivatives say that one does. */
    STALLED("no step lowers the value, though its gradient says that one does"),
    /** The gradient vanishes only as the elements grow without bound. */
    DIVERGED("the value falls for ever as the parameters grow"),
    /** Parameters run to the bound of their range, and the value falls all the way. */
    TO_BOUND("the value falls for ever as parameters run to the bound of their range"),
    /** The gradient jumps where the method ended. */
    KINK("the loss has a kink there, and no step lowers the value by what its derivatives say"),
    /** The gradient jumps as at a kink, and the loss is made of smooth functions. */
    BENDS(
        "the loss is straight there but for bends that are far narrower than the way from the"
            + " start");

    private final String words;

    Termination(String words) {
      this.words = words;
    }

    /** Whether the point is a minimum, as far as can be told. */
    public boolean converged() {
      return switch (this) {
        case GRADIENT, PRECISION, BOUND, PIECEWISE_LINEAR -> true;
        default -> false;
      };
    }

    /** A clause. */
    @Override
    public String toString() {
      return words;
    }
  }

  /**
   * The measure that {@code fit.tolerance} bounds, at the point; of a quantile loss the gap to the
   * dual bound, relative to the value.
   */
  public double relativeGradient() {
    return state.history().stream()
        .filter(entry -> entry.outcome() == Iteration.Outcome.ACCEPTED)
        .reduce((earlier, later) -> later)
        .map(Iteration::relativeGradient)
        .orElse(Double.NaN);
  }

  /** Changes of the value below this are rounding. */
  public double noise() {
    return Convergence.noise(state.history(), value);
  }

  /** What the value is made of: its magnitude, or what was gained lately where that is more. */
  double size() {
    return Convergence.size(state.history(), value);
  }

  /** The same, ended in another way. */
  public FitResult ended(Termination other) {
    return new FitResult(state, evaluation, gradient, value, other);
  }
}
