package org.sparkcurvature.job.config;

/** What a robust covariance is multiplied by, for small samples. */
public enum SmallSampleFactor {
  /** As the covariance's name says: HC1 n/(n-k), cluster G/(G-1) (n-1)/(n-k), others nothing. */
  DEFAULT("default"),
  NONE("none"),
  /** n/(n-1); clustered: G/(G-1), as for maximum likelihood in Stata. */
  ONE_LESS("n/(n-1)"),
  /** n/(n-k); clustered: G/(G-1) (n-1)/(n-k), as for regressions in Stata. */
  STATA("stata"),
  /** As {@link #STATA}; of several ways of clustering with the smallest G for all of them. */
  MIN_G("min-G");

  private final String title;

  SmallSampleFactor(String title) {
    this.title = title;
  }

  /**
   * The factor of a sandwich of gradients of rows.
   *
   * @param n rows, or the sum of their frequencies
   * @param k estimates
   */
  public double ofRows(Covariance covariance, double n, double k) {
    return switch (this) {
      case DEFAULT -> covariance == Covariance.HC1 ? n / (n - k) : 1;
      case NONE -> 1;
      case ONE_LESS -> n / (n - 1);
      case STATA, MIN_G -> n / (n - k);
    };
  }

  /**
   * The factor of a sandwich of gradients of clusters.
   *
   * @param g clusters
   * @param n rows, or the sum of their frequencies
   * @param k estimates
   */
  public double ofClusters(Covariance covariance, double g, double n, double k) {
    double whole = g / (g - 1) * (n - 1) / (n - k);
    return switch (this) {
      case DEFAULT -> covariance == Covariance.CR2 ? 1 : whole;
      case NONE -> 1;
      case ONE_LESS -> g / (g - 1);
      case STATA, MIN_G -> whole;
    };
  }

  /** As it is written in configurations. */
  @Override
  public String toString() {
    return title;
  }
}
