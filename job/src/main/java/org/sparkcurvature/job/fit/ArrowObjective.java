package org.sparkcurvature.job.fit;

import java.util.Arrays;
import java.util.Optional;
import java.util.Random;

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

  /** Off-diagonal elements, on scales on which the diagonal is 1, that are rounding. */
  private static final double ROUNDING = 1e-10;

  private final ObjectiveFunction objective;
  private final int[] core;
  private Optional<Arrow> last = Optional.empty();
  private boolean isNone;

  private ArrowObjective(ObjectiveFunction objective, int[] core) {
    this.objective = objective;
    this.core = core;
  }

  /**
   * The Hessian at a point.
   *
   * @param columns those of the core, one after the other
   */
  private record Arrow(double[] x, double[] diagonal, double[] columns) {}

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
    return arrow(x)
        .map(arrow -> arrow.diagonal().clone())
        .orElseGet(() -> objective.hessianDiagonal(x));
  }

  @Override
  public double[] hessianTimes(double[] x, double[] vector) {
    return arrow(x)
        .map(arrow -> times(arrow, vector))
        .orElseGet(() -> objective.hessianTimes(x, vector));
  }

  private double[] times(Arrow arrow, double[] vector) {
    int p = vector.length;
    double[] product = new double[p];
    for (int i = 0; i < p; i++) {
      product[i] = arrow.diagonal()[i] * vector[i];
    }
    for (int c : core) {
      product[c] = 0;
    }
    boolean[] inCore = new boolean[p];
    Arrays.stream(core).forEach(c -> inCore[c] = true);
    for (int k = 0; k < core.length; k++) {
      double own = vector[core[k]];
      double sum = 0;
      for (int i = 0; i < p; i++) {
        double element = arrow.columns()[k * p + i];
        if (!inCore[i]) {
          product[i] += element * own;
        }
        sum += element * vector[i];
      }
      product[core[k]] = sum;
    }
    return product;
  }

  /** The Hessian at a point; empty where it is no arrow. */
  private Optional<Arrow> arrow(double[] x) {
    if (isNone) {
      return Optional.empty();
    }
    if (last.isEmpty() || !Arrays.equals(last.get().x(), x)) {
      last = look(x);
      isNone = last.isEmpty();
    }
    return last;
  }

  private Optional<Arrow> look(double[] x) {
    int p = x.length;
    double[] diagonal = objective.hessianDiagonal(x);
    double[] vectors = new double[(core.length + 1) * p];
    for (int k = 0; k < core.length; k++) {
      vectors[k * p + core[k]] = 1;
    }
    double[] probe = new double[p];
    Random random = new Random(p);
    for (int i = 0; i < p; i++) {
      double number = random.nextBoolean() ? random.nextDouble() + 0.5 : -random.nextDouble() - 0.5;
      probe[i] = diagonal[i] == 0 ? 0 : number / Math.sqrt(Math.abs(diagonal[i]));
    }
    for (int c : core) {
      probe[c] = 0;
    }
    System.arraycopy(probe, 0, vectors, core.length * p, p);
    double[] products = objective.hessianTimes(x, vectors, core.length + 1);
    boolean[] inCore = new boolean[p];
    Arrays.stream(core).forEach(c -> inCore[c] = true);
    for (int i = 0; i < p; i++) {
      if (!inCore[i]) {
        double scale = diagonal[i] == 0 ? 1 : Math.sqrt(Math.abs(diagonal[i]));
        double difference = (products[core.length * p + i] - probe[i] * diagonal[i]) / scale;
        if (!(Math.abs(difference) <= ROUNDING)) {
          return Optional.empty();
        }
      }
    }
    return Optional.of(new Arrow(x.clone(), diagonal, Arrays.copyOf(products, core.length * p)));
  }
}
