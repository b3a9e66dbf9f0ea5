package org.sparkcurvature.job.fit;

import java.util.Optional;
import org.sparkcurvature.job.solve.Vectors;

/**
 * An objective with an l1 penalty around a point, where it is smooth: on the orthant into which the
 * subgradient of least norm leads. Its gradient is that subgradient; its Hessian is that of the
 * smooth part along the elements that are not 0 or leave it.
 *
 * @param objective the smooth part
 * @param x the point, length P
 * @param smooth the smooth part there
 * @param here the whole there
 */
record Orthant(
    ObjectiveFunction objective,
    SeparablePenalty penalty,
    double[] x,
    Evaluation smooth,
    Evaluation here)
    implements ObjectiveFunction, LimitedMemory.Point {
  private static final double DECREASE = 1e-4;
  private static final double LOWERED = 0.5;
  private static final int MOST_TRIALS = 40;

  /** Around a point, which takes one pass. */
  static Orthant at(ObjectiveFunction objective, SeparablePenalty penalty, double[] x) {
    return at(objective, penalty, x, objective.at(x, Order.GRADIENT));
  }

  private static Orthant at(
      ObjectiveFunction objective, SeparablePenalty penalty, double[] x, Evaluation smooth) {
    return new Orthant(objective, penalty, x, smooth, whole(penalty, x, smooth));
  }

  private static Evaluation whole(SeparablePenalty penalty, double[] x, Evaluation smooth) {
    return new Evaluation(
        smooth.value() + penalty.value(x),
        penalty.subgradient(x, smooth.gradient()),
        Optional.empty(),
        smooth.weight());
  }

  @Override
  public ObjectiveFunction around() {
    return this;
  }

  @Override
  public Evaluation at(double[] point, Order order) {
    return whole(penalty, point, objective.at(point, Order.GRADIENT));
  }

  @Override
  public double[] hessianTimes(double[] point, double[] vector) {
    return moving(objective.hessianTimes(point, moving(vector)));
  }

  @Override
  public double[] hessianDiagonal(double[] point) {
    return objective.hessianDiagonal(point);
  }

  /** A vector without the elements that stay at 0, a fresh array. */
  double[] moving(double[] vector) {
    double[] moving = vector.clone();
    for (int i = 0; i < moving.length; i++) {
      if (x[i] == 0 && here.gradient()[i] == 0 && penalty.l1()[i] > 0) {
        moving[i] = 0;
      }
    }
    return moving;
  }

  /**
   * Searches along a direction, the whole step first, for a point of the orthant that is lower;
   * where values differ by no more than rounding, for one whose gradient is lower.
   *
   * @param scales of the metric, length P
   * @param noise changes of the value below this are rounding
   * @return empty where there is none
   */
  @Override
  public Optional<Orthant> along(double[] direction, double[] scales, double noise) {
    double t = 1;
    for (int k = 0; k < MOST_TRIALS; k++) {
      double[] there = projected(t, direction);
      double slope = Vectors.dot(here.gradient(), Vectors.sum(there, -1, x));
      Optional<Orthant> trial =
          slope < 0 // projecting a long step may turn it round
              ? objective
                  .whereFinite(there, Order.GRADIENT)
                  .map(evaluation -> at(objective, penalty, there, evaluation))
              : Optional.empty();
      if (trial.isEmpty()) {
        t /= 4;
        continue;
      }
      double change = trial.get().here.value() - here.value();
      boolean lowers =
          Vectors.unscaledNorm(scales, trial.get().here.gradient())
              <= LOWERED * Vectors.unscaledNorm(scales, here.gradient());
      if (change <= DECREASE * slope && change < -noise || change <= noise && lowers) {
        return trial;
      }
      if (Math.abs(change) <= noise && -slope <= noise) {
        return Optional.empty();
      }
      // The minimum of the parabola through what is known.
      double share = -slope / (2 * (change - slope));
      t *= share > 0.1 && share < 0.5 ? share : share >= 0.5 ? 0.5 : 0.1;
    }
    return Optional.empty();
  }

  /** A point along a direction, within the orthant: an element that would leave it becomes 0. */
  private double[] projected(double t, double[] direction) {
    double[] there = Vectors.sum(x, t, direction);
    for (int i = 0; i < there.length; i++) {
      double side = x[i] == 0 ? -here.gradient()[i] : x[i];
      if (penalty.l1()[i] > 0 && there[i] * side <= 0) {
        there[i] = 0;
      }
    }
    return there;
  }

  /**
   * A direction without the elements that would leave 0 to the other side, which the projection
   * stops; steepest descent in the metric where nothing of it leads down.
   */
  @Override
  public double[] within(double[] direction, double[] scales) {
    double[] within = moving(direction);
    for (int i = 0; i < within.length; i++) {
      if (penalty.l1()[i] > 0 && x[i] == 0 && within[i] * here.gradient()[i] > 0) {
        within[i] = 0;
      }
    }
    if (Vectors.dot(within, here.gradient()) < 0) {
      return within;
    }
    for (int i = 0; i < within.length; i++) {
      within[i] = -here.gradient()[i] / scales[i] / scales[i];
    }
    return within;
  }

  /** How a method ends here. */
  FitResult result(FitState state, FitResult.Termination termination) {
    return new FitResult(state, smooth, here.gradient(), here.value(), termination);
  }
}
