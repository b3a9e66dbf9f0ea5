package org.sparkcurvature.job.groups;

import java.util.Arrays;

/**
 * What an evaluation of a group's rows gave, in the group's space.
 *
 * @param value the weighted loss, and the penalty
 * @param magnitude of the terms that the loss is made of
 * @param pearson Pearson's statistic, where there is one
 * @param gradient length k
 * @param hessian k x k
 * @param finite whether value, gradient and Hessian are
 */
record Evaluated(
    double value,
    double magnitude,
    double pearson,
    double[] gradient,
    double[] hessian,
    boolean finite) {

  /**
   * From sums over rows.
   *
   * @param taken as {@code terms} has them
   * @param at the point, length k
   */
  static Evaluated of(double[] taken, RowTerms terms, GroupProblem.Penalty penalty, double[] at) {
    int k = at.length;
    double[] g = Arrays.copyOfRange(taken, RowTerms.GRADIENT, RowTerms.GRADIENT + k);
    double[] h = new double[k * k];
    double zero = 0;
    for (double slope : g) {
      zero += slope * 0;
    }
    int from = RowTerms.GRADIENT + k;
    for (int i = 0; i < k; i++) {
      for (int j = i; j < k; j++) {
        double curvature = taken[from++];
        zero += curvature * 0;
        h[i * k + j] = curvature;
        h[j * k + i] = curvature;
      }
    }
    double f = taken[RowTerms.VALUE];
    if (penalty.any()) {
      f += penalised(terms.space(), penalty, at, g, h);
    }
    // What is not finite is NaN times 0.
    boolean finite = zero + f * 0 == 0;
    return new Evaluated(f, taken[RowTerms.MAGNITUDE], taken[RowTerms.PEARSON], g, h, finite);
  }

  /** The penalty, whose derivatives are added. */
  private static double penalised(
      Space space, GroupProblem.Penalty penalty, double[] at, double[] g, double[] h) {
    int k = at.length;
    double[] theta = space.parameters(at, new double[penalty.factors().length]);
    double[] jacobian = space.jacobian();
    double sum = 0;
    for (int i = 0; i < theta.length; i++) {
      double l2 = penalty.factors()[i];
      double apart = theta[i] - penalty.centre()[i];
      sum += l2 * apart * apart / 2;
      for (int a = 0; l2 > 0 && a < k; a++) {
        g[a] += l2 * apart * jacobian[i * k + a];
        for (int b = 0; b < k; b++) {
          h[a * k + b] += l2 * jacobian[i * k + a] * jacobian[i * k + b];
        }
      }
    }
    return sum;
  }
}
