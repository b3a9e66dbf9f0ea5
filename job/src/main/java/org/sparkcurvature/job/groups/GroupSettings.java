package org.sparkcurvature.job.groups;

import java.io.Serializable;
import org.sparkcurvature.job.config.Covariance;
import org.sparkcurvature.job.config.ReferenceDistribution;
import org.sparkcurvature.job.config.SmallSampleFactor;
import org.sparkcurvature.job.config.WeightKind;

/**
 * How each group is fitted, and what is said of it.
 *
 * @param tolerance at which a fit has converged
 * @param maxIterations evaluations of a group's rows
 * @param drop whether parameters that the rows do not tell from others are left out
 * @param withCovariance whether the covariance is handed on
 * @param covariance its kind
 * @param factor of small samples
 * @param weights what they mean
 * @param dispersion whether the variance is known up to a factor
 * @param withP whether p-values are handed on
 * @param reference with which estimates over their errors are compared
 * @param nullKeys whether null is a key
 * @param nullClusters whether rows whose cluster is null are a cluster
 */
public record GroupSettings(
    double tolerance,
    int maxIterations,
    boolean drop,
    boolean withCovariance,
    Covariance covariance,
    SmallSampleFactor factor,
    WeightKind weights,
    boolean dispersion,
    boolean withP,
    ReferenceDistribution reference,
    boolean nullKeys,
    boolean nullClusters)
    implements Serializable {

  /** The same, with inverse Hessians for covariances. */
  GroupSettings forInverses() {
    return new GroupSettings(
        tolerance,
        maxIterations,
        drop,
        true,
        Covariance.NONROBUST,
        SmallSampleFactor.NONE,
        weights,
        false,
        false,
        reference,
        nullKeys,
        nullClusters);
  }

  /** Whether rows are looked at once more when a fit has converged. */
  boolean needsScores() {
    return covariance != Covariance.NONROBUST;
  }
}
