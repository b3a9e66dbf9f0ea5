package org.sparkcurvature.job.config;

/** How the losses {@code l} of the samples become one number, with {@code w} the weights. */
public enum Reduction {
  /** {@code sum(w l) / sum(w)}. */
  MEAN,
  /** {@code sum(w l)}. */
  SUM
}
