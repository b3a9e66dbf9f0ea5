package org.sparkcurvature.job.groups;

/**
 * What became of a group. Numbers that there are not are NaN.
 *
 * @param message what is wrong, or what a user should know; empty: nothing
 * @param rows of positive weight
 * @param iterations evaluations of its rows until it ended
 * @param gradientNorm the root of what a Newton step would gain, beside the value or the last gain
 * @param decrement the Newton step in standard errors
 * @param estimate length P; empty unless it converged
 * @param stdError length P; empty where there is none
 * @param p of the hypotheses that an estimate is 0, length P; empty where they are not asked for
 * @param score of the hypothesis that its coefficients are those of the other groups, where it is
 *     asked for: chi-squared, P degrees of freedom
 * @param covariance the upper triangle row by row; empty where it is not asked for
 * @param undetermined a direction in which the rows do not tell the parameters, length P; empty
 *     where they tell all
 * @param reached where the fit stopped, where it did not converge; otherwise empty
 */
record GroupResult(
    Status status,
    String message,
    long rows,
    double weight,
    int iterations,
    double value,
    double gradientNorm,
    double decrement,
    double dispersion,
    double[] estimate,
    double[] stdError,
    double[] p,
    double score,
    double[] covariance,
    double[] undetermined,
    double[] reached) {
  private static final double[] NONE = {};

  /**
   * What a prior makes of a group.
   *
   * @param estimate length P; empty where there is none
   * @param error likewise: the posterior's deviations, to second order
   * @param share likewise: of each element's precision, what the prior gives
   */
  record Shrunken(double[] estimate, double[] error, double[] share) {
    static final Shrunken NONE = new Shrunken(new double[0], new double[0], new double[0]);
  }

  /** A group without a fit. */
  static GroupResult without(Status status, String message, long rows, double weight) {
    return new GroupResult(
        status,
        message,
        rows,
        weight,
        0,
        Double.NaN,
        Double.NaN,
        Double.NaN,
        Double.NaN,
        NONE,
        NONE,
        NONE,
        Double.NaN,
        NONE,
        NONE,
        NONE);
  }
}
