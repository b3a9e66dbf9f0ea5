package org.sparkcurvature.job.groups;

import org.sparkcurvature.job.solve.Vectors;

/**
 * Rao's score test that a group has the coefficients of the others, at the estimates of all rows
 * together: g' (H - H C^-1 H)^-1 g, with the group's gradient g and Hessian H, and C the Hessian of
 * all rows.
 */
final class ScoreTest {
  private ScoreTest() {}

  /**
   * The statistic: chi-squared with as many degrees of freedom as there are parameters.
   *
   * @param space of the group, of as many dimensions as there are parameters
   * @param common C, by the parameters
   * @param gradient of the group, in its space
   * @param hessian likewise
   * @return NaN where a matrix is singular
   */
  static double statistic(Space space, double[] common, double[] gradient, double[] hessian) {
    int k = space.size();
    double[] jacobian = space.jacobian();
    double[] turned = new double[k * k];
    for (int i = 0; i < k; i++) {
      for (int j = 0; j < k; j++) {
        turned[i * k + j] = jacobian[j * k + i];
      }
    }
    double[] all = SmallMatrix.congruence(turned, k, common, k);
    double[] lower = new double[k * k];
    double[] zero = new double[k];
    if (!SmallMatrix.factor(all, 0, zero, k, lower)) {
      return Double.NaN;
    }
    double[] inverse = SmallMatrix.inverse(lower, k);
    double[] explained = SmallMatrix.congruence(hessian, k, inverse, k);
    double[] left = new double[k * k];
    for (int i = 0; i < left.length; i++) {
      left[i] = hessian[i] - explained[i];
    }
    if (!SmallMatrix.factor(left, 0, zero, k, lower)) {
      return Double.NaN;
    }
    double[] solved = gradient.clone();
    SmallMatrix.solve(lower, k, solved);
    return Vectors.dot(gradient, solved);
  }
}
