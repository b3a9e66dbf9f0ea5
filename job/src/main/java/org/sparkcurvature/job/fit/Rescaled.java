package org.sparkcurvature.job.fit;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.DoubleBinaryOperator;
import java.util.function.Function;

/**
 * A method that sees each element in a unit of its own, the inverse root of the Hessian's diagonal
 * where the way begins: methods without Hessians need hundreds of steps where units differ by
 * orders of magnitude, and tens where they do not. Units are powers of 2, so that going from one
 * scale to the other rounds nothing and a run that is resumed goes the same way.
 */
final class Rescaled implements Minimiser {
  /** Curvatures below this share of the largest are taken for it: they may be noise. */
  private static final double LEAST = 1e-8;

  private static final DoubleBinaryOperator TIMES = (a, b) -> a * b;
  private static final DoubleBinaryOperator OVER = (a, b) -> a / b;

  private final Function<double[], Minimiser> method;

  /**
   * @param method for the units of the elements, length P
   */
  Rescaled(Function<double[], Minimiser> method) {
    this.method = method;
  }

  @Override
  public FitResult minimise(
      ObjectiveFunction objective, FitState from, Limits limits, Consumer<FitState> kept) {
    double[] scales =
        from.scales().length > 0 ? from.scales() : scales(objective.hessianDiagonal(from.x()));
    double[] units = Arrays.stream(scales).map(scale -> 1 / scale).toArray();
    FitResult result =
        method
            .apply(units)
            .minimise(
                new Seen(objective, units),
                seen(from, units),
                limits,
                state -> kept.accept(own(state, scales, units)));
    return new FitResult(
        own(result.state(), scales, units),
        new Evaluation(
            result.evaluation().value(),
            each(result.evaluation().gradient(), OVER, units),
            Optional.empty(),
            result.evaluation().weight()),
        each(result.gradient(), OVER, units),
        result.value(),
        result.ending());
  }

  private static double[] scales(double[] diagonal) {
    double largest = Arrays.stream(diagonal).map(Math::abs).max().orElse(0);
    return Arrays.stream(diagonal)
        .map(Math::abs)
        .map(curvature -> curvature > LEAST * largest ? curvature : largest)
        .map(curvature -> curvature == 0 ? 1 : Math.scalb(1.0, Math.getExponent(curvature) / 2))
        .toArray();
  }

  private static FitState seen(FitState state, double[] units) {
    return new FitState(
        state.iteration(),
        each(state.x(), OVER, units),
        state.radius(),
        new double[0],
        state.memory().stream()
            .map(
                v ->
                    new FitState.Visited(
                        each(v.x(), OVER, units), each(v.gradient(), TIMES, units)))
            .toList(),
        state.history());
  }

  private static FitState own(FitState state, double[] scales, double[] units) {
    List<FitState.Visited> memory =
        state.memory().stream()
            .map(
                v ->
                    new FitState.Visited(
                        each(v.x(), TIMES, units), each(v.gradient(), OVER, units)))
            .toList();
    return new FitState(
        state.iteration(),
        each(state.x(), TIMES, units),
        state.radius(),
        scales,
        memory,
        state.history());
  }

  private static double[] each(double[] a, DoubleBinaryOperator operator, double[] b) {
    double[] results = new double[a.length];
    for (int i = 0; i < a.length; i++) {
      results[i] = operator.applyAsDouble(a[i], b[i]);
    }
    return results;
  }

  /** The objective as the method sees it. */
  private record Seen(ObjectiveFunction objective, double[] units) implements ObjectiveFunction {
    @Override
    public Evaluation at(double[] x, Order order) {
      Evaluation own = objective.at(each(x, TIMES, units), Order.GRADIENT);
      return new Evaluation(
          own.value(), each(own.gradient(), TIMES, units), Optional.empty(), own.weight(), units);
    }

    @Override
    public double[] hessianTimes(double[] x, double[] vector) {
      return each(
          objective.hessianTimes(each(x, TIMES, units), each(vector, TIMES, units)), TIMES, units);
    }

    @Override
    public double[] hessianDiagonal(double[] x) {
      throw new UnsupportedOperationException("units are chosen already");
    }
  }
}
