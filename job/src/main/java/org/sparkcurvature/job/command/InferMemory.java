package org.sparkcurvature.job.command;

import org.apache.spark.SparkContext;
import org.sparkcurvature.job.infer.CovarianceEstimator;

/** Whether what an inference sums fits into memory. */
final class InferMemory {
  /** The Hessian's eigenvectors, its inverse, what is between two inverses, and the covariance. */
  private static final int SQUARES = 4;

  private InferMemory() {}

  /**
   * Says beforehand that it does not.
   *
   * @throws org.sparkcurvature.job.errors.JobException with exit code 2 if it does not
   */
  static void refuseTooLarge(
      Estimation estimation, CovarianceEstimator estimator, SparkContext spark) {
    MemoryCheck.refuseTooLarge(
        estimation.objective().spec(estimator.asked()),
        estimation.objective().penalty(estimator.asked()),
        estimation.source().partitions(),
        ClusterMemory.of(spark),
        !estimator.isProfiled()
            ? new MemoryCheck.Asked(
                "curvature.derive.wrt",
                "name only those in derive.wrt whose errors are needed: the others are profiled out"
                    + " (except for opg)",
                SQUARES)
            : new MemoryCheck.Asked("curvature.block-memory", "set a smaller block-memory"));
  }
}
