package org.sparkcurvature.job.command;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.sparkcurvature.engine.Layout;
import org.sparkcurvature.job.config.Transform;
import org.sparkcurvature.job.estimate.FreeModel;
import org.sparkcurvature.job.fit.Divergence;
import org.sparkcurvature.job.fit.Evaluation;
import org.sparkcurvature.job.fit.FitResult;
import org.sparkcurvature.job.fit.FitState;
import org.sparkcurvature.job.fit.Kinks;
import org.sparkcurvature.job.fit.Minimiser;
import org.sparkcurvature.job.fit.ObjectiveFunction;
import org.sparkcurvature.job.fit.SeparablePenalty;
import org.sparkcurvature.job.result.CurvatureVerdict;
import org.sparkcurvature.job.result.Direction;
import org.sparkcurvature.job.result.FallingDirection;
import org.sparkcurvature.job.solve.Elements;
import org.sparkcurvature.job.solve.HessianFacts;
import org.sparkcurvature.job.solve.ScaledHessian;

/**
 * What is found out about the point where a fit ended: whether it is a minimum, and if not, what it
 * is instead.
 *
 * @param result where the fit ended, with the Hessian where it was computed, and what it is called
 * @param verdict what the Hessian says, along the elements that are neither 0 by a penalty nor at a
 *     bound
 * @param falling the direction in which the value falls for ever, where there is one
 */
record Judgement(
    FitResult result, Optional<CurvatureVerdict> verdict, Optional<FallingDirection> falling) {

  /** Free elements from here on cannot be told from infinite: their exp is 0. */
  private static final double INFINITE = 800;

  private static final int MOST_NAMED = 10;

  /**
   * A fit.
   *
   * @param objective what was minimised, without l1
   * @param penalty l1 and bounds, length P
   * @param method with which it was, and under which limits
   */
  record Fit(
      FreeModel model,
      List<String> names,
      ObjectiveFunction objective,
      SeparablePenalty penalty,
      Minimiser method,
      Minimiser.Limits limits) {}

  /** Judges where a fit ended. Takes a few passes where it is no clear minimum. */
  static Judgement of(Fit fit, FitResult ended) {
    if (fit.model().hasPinball()) {
      // Its Hessian is 0 wherever there is one: the dual bound has judged.
      return new Judgement(ended, pinned(fit, ended), Optional.empty());
    }
    boolean smooth = Arrays.stream(ended.gradient()).allMatch(Double::isFinite);
    if (fit.names().size() > HessianFacts.LARGEST_ORDER || !smooth) {
      return new Judgement(kinked(fit, ended), Optional.empty(), Optional.empty());
    }
    FitResult result = withHessian(fit.objective(), ended);
    double[] start = fit.model().start();
    Optional<Divergence.Found> found =
        new Divergence(fit.objective(), fit.penalty()).of(result, start, isDoubtful(ended));
    if (found.isEmpty()) {
      return new Judgement(
          kinked(fit, result), verdict(fit, result, new double[start.length]), Optional.empty());
    }
    double[] direction = found.get().direction();
    Optional<FitResult> atBound = atBound(fit, result, direction);
    Optional<FallingDirection> falling =
        Optional.of(
            new FallingDirection(
                Direction.describe(direction, ended.state().scales(), fit.names()),
                ends(fit, direction),
                atBound.map(FitResult::value).orElse(found.get().value())));
    FitResult named =
        atBound.orElseGet(
            () ->
                result.ended(
                    bounded(fit.model(), direction)
                        ? FitResult.Termination.TO_BOUND
                        : FitResult.Termination.DIVERGED));
    return new Judgement(named, verdict(fit, named, direction), falling);
  }

  /**
   * Whether little but rounding is left of the gradient, which then tells no minimum from a value
   * that falls for ever: a method without Hessians may end so far out, and so may one whose value
   * tells steps no more.
   */
  private static boolean isDoubtful(FitResult ended) {
    return ended.evaluation().hessian().isEmpty()
        || ended.termination() == FitResult.Termination.PRECISION;
  }

  /** The elements of {@code model} that are at the end of their range, if the minimum is there. */
  int[] atEnd(FreeModel model) {
    return result.termination() == FitResult.Termination.BOUND
        ? atEnd(model, result.state().x())
        : new int[0];
  }

  /** The elements at the end of a range, which only another scale than the natural one has. */
  static int[] atEnd(FreeModel model, double[] x) {
    return model.layout().entries().stream()
        .filter(entry -> !model.isNatural(entry.name()))
        .flatMapToInt(
            entry -> IntStream.range(entry.offset(), entry.offset() + entry.shape().size()))
        .filter(i -> Math.abs(x[i]) >= INFINITE)
        .toArray();
  }

  /** Whether the rows without a residual pin the optimum of a quantile loss. */
  private static Optional<CurvatureVerdict> pinned(Fit fit, FitResult ended) {
    double[] x = ended.state().x();
    int[] free = fit.penalty().smooth(x);
    return ended
        .evaluation()
        .hessian()
        .filter(hessian -> free.length > 0)
        .map(
            hessian ->
                CurvatureVerdict.of(
                    ScaledHessian.of(
                        hessian.part(free),
                        Arrays.stream(free).mapToDouble(i -> ended.state().scales()[i]).toArray()),
                    Arrays.stream(free).mapToObj(fit.names()::get).toList()));
  }

  private static FitResult withHessian(ObjectiveFunction objective, FitResult ended) {
    if (ended.evaluation().hessian().isPresent()) {
      return ended;
    }
    Evaluation whole = objective.at(ended.state().x(), ObjectiveFunction.Order.HESSIAN);
    return new FitResult(
        ended.state(), whole, ended.gradient(), ended.value(), ended.termination());
  }

  /** What did not converge at a kink is called that. */
  private static FitResult kinked(Fit fit, FitResult result) {
    boolean open =
        switch (result.termination()) {
          case STALLED, MAX_ITERATIONS -> true;
          default -> false;
        };
    double[] x = result.state().x();
    double[] start = fit.model().start();
    double[] moved = IntStream.range(0, x.length).mapToDouble(i -> x[i] - start[i]).toArray();
    boolean jumps = open && Kinks.at(fit.objective(), x, moved);
    if (!fit.model().hasKinks()) {
      return jumps ? result.ended(FitResult.Termination.BENDS) : result;
    }
    boolean kink =
        jumps
            || open
                && result
                    .evaluation()
                    .hessian()
                    .filter(hessian -> Kinks.many(fit.objective(), x, hessian, moved))
                    .isPresent();
    return kink ? result.ended(FitResult.Termination.KINK) : result;
  }

  /** The Hessian's verdict along what is smooth and does not run away. */
  private static Optional<CurvatureVerdict> verdict(Fit fit, FitResult result, double[] direction) {
    double[] x = result.state().x();
    int[] free = Arrays.stream(fit.penalty().smooth(x)).filter(i -> direction[i] == 0).toArray();
    return free.length == 0
        ? Optional.empty()
        : Optional.of(
            CurvatureVerdict.of(
                ScaledHessian.of(result.evaluation().hessian().orElseThrow().part(free)),
                Arrays.stream(free).mapToObj(fit.names()::get).toList(),
                new Elements(free, x.length)
                    .products(
                        (vectors, count) -> fit.objective().hessianTimes(x, vectors, count))));
  }

  /** Whether every element that grows is on a scale whose end is a bound, and runs to it. */
  private static boolean bounded(FreeModel model, double[] direction) {
    boolean bounded = true;
    for (Layout.Entry entry : model.layout().entries()) {
      Transform transform = model.transform(entry.name());
      for (int k = 0; k < entry.shape().size(); k++) {
        double by = direction[entry.offset() + k];
        bounded &=
            by == 0
                || switch (transform) {
                  case NONE -> false;
                  case LOG -> by < 0;
                  case LOGIT, SIMPLEX -> true;
                  case ORDERED -> k > 0 && by < 0;
                };
      }
    }
    return bounded;
  }

  /** The minimum with the running elements at their bound, where the loss is finite there. */
  private static Optional<FitResult> atBound(Fit fit, FitResult result, double[] direction) {
    if (!bounded(fit.model(), direction)) {
      return Optional.empty();
    }
    double[] x = result.state().x().clone();
    for (int i = 0; i < x.length; i++) {
      x[i] = direction[i] == 0 ? x[i] : Math.copySign(INFINITE, direction[i]);
    }
    if (fit.objective().whereFinite(x, ObjectiveFunction.Order.HESSIAN).isEmpty()) {
      return Optional.empty();
    }
    FitResult there =
        fit.method().minimise(fit.objective(), FitState.at(x), fit.limits(), state -> {});
    FitState state = result.state();
    if (!there.termination().converged() || there.value() > result.value() + result.noise()) {
      return Optional.empty();
    }
    FitState last =
        new FitState(
            state.iteration() + there.state().iteration(),
            there.state().x(),
            there.state().radius(),
            there.state().scales(),
            there.state().memory(),
            state.history());
    FitResult joined =
        new FitResult(
            last, there.evaluation(), there.gradient(), there.value(), FitResult.Termination.BOUND);
    return Optional.of(withHessian(fit.objective(), joined));
  }

  /** Where each element that grows goes, on its natural scale. */
  private static List<String> ends(Fit fit, double[] direction) {
    FreeModel model = fit.model();
    List<String> ends = new ArrayList<>();
    int more = 0;
    for (Layout.Entry entry : model.layout().entries()) {
      Transform transform = model.transform(entry.name());
      for (int k = 0; k < entry.shape().size(); k++) {
        int i = entry.offset() + k;
        if (direction[i] == 0) {
          continue;
        }
        if (ends.size() == MOST_NAMED) {
          more++;
          continue;
        }
        boolean own =
            transform == Transform.LOG && direction[i] < 0 || transform == Transform.LOGIT;
        ends.add(
            fit.names().get(i)
                + (own
                    ? " to " + (direction[i] < 0 ? "0" : "1")
                    : transform == Transform.ORDERED && k > 0 && direction[i] < 0
                        ? " to the element before it"
                        : transform == Transform.SIMPLEX
                            ? " to a bound of its simplex"
                            : direction[i] < 0 ? " to -infinity" : " to infinity"));
      }
    }
    if (more > 0) {
      ends.add("and " + more + " more");
    }
    return ends;
  }
}
