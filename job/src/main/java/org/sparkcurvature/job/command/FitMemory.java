package org.sparkcurvature.job.command;

import org.apache.spark.SparkContext;
import org.sparkcurvature.engine.Request;
import org.sparkcurvature.job.config.FitMethod;

/** What a fit sums in one pass, and whether it fits into memory. */
final class FitMemory {
  /** The Hessian as a square, on the scales of the trust region, and its factor or eigenvectors. */
  private static final int SQUARES = 3;

  private FitMemory() {}

  /** The largest sums that a method asks for at once. */
  static Request.Global asked(FitMethod method) {
    return Request.Global.NONE
        .withValue()
        .withGradient()
        .withHessian(
            method == FitMethod.TRUST_REGION_NEWTON
                ? Request.HessianForm.FULL
                : Request.HessianForm.NONE);
  }

  /**
   * Says beforehand that what is asked for does not fit into memory.
   *
   * @throws org.sparkcurvature.job.errors.JobException with exit code 2 if it does not
   */
  static void refuseTooLarge(Estimation estimation, FitMethod method, SparkContext spark) {
    Request.Global asked = asked(method);
    MemoryCheck.refuseTooLarge(
        estimation.objective().spec(asked),
        estimation.objective().penalty(asked),
        estimation.source().partitions(),
        ClusterMemory.of(spark),
        new MemoryCheck.Asked(
            "curvature.fit.method",
            method == FitMethod.TRUST_REGION_NEWTON
                ? "set fit.method = newton-cg or lbfgs, which hold no Hessian"
                : "name less in derive.wrt",
            method == FitMethod.TRUST_REGION_NEWTON ? SQUARES : 0));
  }
}
