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

  /** As it is written in configurations. */
  @Override
  public String toString() {
    return title;
  }
}
