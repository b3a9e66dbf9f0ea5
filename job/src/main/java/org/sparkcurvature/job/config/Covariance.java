package org.sparkcurvature.job.config;

/** How the covariance of estimates is estimated. Constants are named as the field names them. */
public enum Covariance {
  /** The inverse Hessian of a negative log-likelihood. */
  NONROBUST("nonrobust"),
  /** The sandwich with the outer product of gradients in the middle (White 1980). */
  HC0("HC0"),
  /** HC0 times n / (n - k). */
  HC1("HC1"),
  /** HC0 with each row's gradient over the root of 1 - its leverage (MacKinnon and White 1985). */
  HC2("HC2"),
  /** HC0 with each row's gradient over 1 - its leverage. */
  HC3("HC3"),
  /** The sandwich with gradients added up within groups. */
  CLUSTER("cluster"),
  /** As clustered, with residuals corrected by leverages (Bell and McCaffrey 2002). */
  CR2("CR2"),
  /** The inverse of the outer product of gradients (Berndt, Hall, Hall and Hausman 1974). */
  OPG("opg");

  private final String title;

  Covariance(String title) {
    this.title = title;
  }

  /** Whether it holds only where the loss is a negative log-likelihood. */
  public boolean needsLikelihood() {
    return this == NONROBUST || this == OPG;
  }

  /** Whether rows are taken together by groups. */
  public boolean isClustered() {
    return this == CLUSTER || this == CR2;
  }

  /** Whether it takes the leverages of a linear predictor. */
  public boolean isLeveraged() {
    return this == HC2 || this == HC3 || this == CR2;
  }

  /** As it is written in configurations and results. */
  @Override
  public String toString() {
    return title;
  }
}
