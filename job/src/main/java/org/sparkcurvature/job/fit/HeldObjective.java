package org.sparkcurvature.job.fit;

import java.util.Arrays;
import org.sparkcurvature.job.solve.Elements;

/**
 * An objective some of whose elements are held: they have no gradient, and their part of the
 * Hessian is the identity, so that no smooth method moves them, and nothing that is solved for has
 * to do with them.
 */
public final class HeldObjective implements ObjectiveFunction {
  private final ObjectiveFunction objective;
  private final Elements free;

  private HeldObjective(ObjectiveFunction objective, Elements free) {
    this.objective = objective;
    this.free = free;
  }

  /** The objective with all but these elements held where they are. */
  public static ObjectiveFunction of(ObjectiveFunction objective, Elements free) {
    return free.areAll() ? objective : new HeldObjective(objective, free);
  }

  /** The diagonal of its Hessian, from that of the Hessian with nothing held. */
  public static double[] diagonal(double[] diagonal, Elements free) {
    double[] own = new double[diagonal.length];
    Arrays.fill(own, 1);
    Arrays.stream(free.kept()).forEach(i -> own[i] = diagonal[i]);
    return own;
  }

  /**
   * {@inheritDoc}
   *
   * @throws IllegalStateException if the whole Hessian is asked for
   */
  @Override
  public Evaluation at(double[] x, Order order) {
    if (order == Order.HESSIAN) {
      throw new IllegalStateException("the Hessian beside held elements is not formed");
    }
    Evaluation evaluation = objective.at(x, order);
    return new Evaluation(
        evaluation.value(),
        masked(evaluation.gradient()),
        evaluation.hessian(),
        evaluation.weight());
  }

  @Override
  public double[] hessianTimes(double[] x, double[] vector) {
    return hessianTimes(x, vector, 1);
  }

  @Override
  public double[] hessianTimes(double[] x, double[] vectors, int count) {
    double[] masked = masked(vectors);
    double[] products = masked(objective.hessianTimes(x, masked, count));
    for (int i = 0; i < products.length; i++) {
      products[i] += vectors[i] - masked[i];
    }
    return products;
  }

  @Override
  public double[] hessianDiagonal(double[] x) {
    return diagonal(objective.hessianDiagonal(x), free);
  }

  private double[] masked(double[] vectors) {
    return free.whole(free.part(vectors));
  }
}
