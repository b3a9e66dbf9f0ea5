package org.sparkcurvature.job.fit;

import org.sparkcurvature.job.solve.SymmetricMatrix;
import org.sparkcurvature.job.solve.Vectors;

/**
 * An objective plus an l2 penalty, {@code sum l2_i x_i^2 / 2}: with l1 the elastic net.
 *
 * @param objective of P elements
 * @param factors length P, at least 0
 */
public record Ridge(ObjectiveFunction objective, double[] factors) implements ObjectiveFunction {

  @Override
  public Evaluation at(double[] x, Order order) {
    Evaluation own = objective.at(x, order);
    double value = own.value();
    double[] gradient = own.gradient().clone();
    for (int i = 0; i < x.length; i++) {
      value += factors[i] * x[i] * x[i] / 2;
      gradient[i] += factors[i] * x[i];
    }
    return new Evaluation(value, gradient, own.hessian().map(this::with), own.weight());
  }

  private SymmetricMatrix with(SymmetricMatrix hessian) {
    int n = hessian.order();
    double[] packed = new double[Math.toIntExact(SymmetricMatrix.packedLength(n))];
    int at = 0;
    for (int i = 0; i < n; i++) {
      for (int j = i; j < n; j++) {
        packed[at++] = hessian.at(i, j) + (i == j ? factors[i] : 0);
      }
    }
    return SymmetricMatrix.ofPacked(n, packed);
  }

  @Override
  public double[] hessianTimes(double[] x, double[] vector) {
    double[] product = objective.hessianTimes(x, vector).clone();
    for (int i = 0; i < product.length; i++) {
      product[i] += factors[i] * vector[i];
    }
    return product;
  }

  @Override
  public double[] hessianDiagonal(double[] x) {
    return Vectors.sum(objective.hessianDiagonal(x), 1, factors);
  }
}
