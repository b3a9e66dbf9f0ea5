package org.sparkcurvature.job.fit;

import java.util.Arrays;
import java.util.Optional;
import org.sparkcurvature.job.solve.ArrowMatrix;

/**
 * An objective most of whose elements have a diagonal Hessian among themselves, as the effects of a
 * category's levels have: each row touches one. The whole Hessian is then its diagonal and the
 * columns of the other elements, the core, which two passes at a point give; after that a product
 * with a vector takes none. Whether it is so is looked at, at each point, with a vector of random
 * numbers; where it is not, products are passes as ever.
 */
public final class ArrowObjective implements ObjectiveFunction {
  /** The most numbers of columns that are kept. */
  private static final long MOST_NUMBERS = 1 << 23;

  private final ObjectiveFunction objective;
  private final int[] core;
  private Optional<Arrow> last = Optional.empty();
  private boolean isNone;

  private ArrowObjective(ObjectiveFunction objective, int[] core) {
    this.objective = objective;
    this.core = core;
  }

  /** The Hessian at a point. */
  private record Arrow(double[] x, ArrowMatrix hessian) {}

  /**
   * An objective that may be one.
   *
   * @param core the elements whose columns are needed
   * @param length P
   * @return the objective itself where there are too many columns
   */
  public static ObjectiveFunction of(ObjectiveFunction objective, int[] core, int length) {
    return (core.length + 1L) * length <= MOST_NUMBERS
        ? new ArrowObjective(objective, core)
        : objective;
  }

  @Override
  public Evaluation at(double[] x, Order order) {
    return objective.at(x, order);
  }

  @Override
  public double[] hessianDiagonal(double[] x) {
    return arrow(x).map(ArrowMatrix::diagonal).orElseGet(() -> objective.hessianDiagonal(x));
  }

  @Override
  public double[] hessianTimes(double[] x, double[] vector) {
    return arrow(x)
        .map(arrow -> arrow.times(vector))
        .orElseGet(() -> objective.hessianTimes(x, vector));
  }

  /** The Hessian at a point; empty where it is no arrow. */
  private Optional<ArrowMatrix> arrow(double[] x) {
    if (isNone) {
      return Optional.empty();
    }
    if (last.isEmpty() || !Arrays.equals(last.get().x(), x)) {
      last = Optional.of(new Arrow(x.clone(), look(x)));
      isNone = !last.get().hessian().isWhole();
    }
    return isNone ? Optional.empty() : Optional.of(last.get().hessian());
  }

  private ArrowMatrix look(double[] x) {
    return ArrowMatrix.of(
        core,
        objective.hessianDiagonal(x),
        vectors -> objective.hessianTimes(x, vectors, core.length + 1));
  }
}
