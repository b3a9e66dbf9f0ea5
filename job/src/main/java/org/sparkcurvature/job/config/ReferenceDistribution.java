package org.sparkcurvature.job.config;

/** The distribution with which estimates over their standard errors are compared. */
public enum ReferenceDistribution {
  NORMAL,
  /** Student's, with n - k degrees of freedom, or G - 1 where the covariance is clustered. */
  T
}
