package org.sparkcurvature.job.groups;

import java.util.Arrays;
import org.sparkcurvature.job.config.Covariance;
import org.sparkcurvature.job.config.WeightKind;

/** The covariance that is made of the gradients of a group's rows, in the group's space. */
final class Scores {
  private static final double LARGEST_LEVERAGE = 1e-10;

  private final GroupProblem problem;
  private final RowTerms terms;
  private final double[] inverse;
  private final int k;
  private final double[] score;
  private final double[] cluster;
  private final Sums meat;
  private long bits;
  private long clusters;
  private String message = "";

  /**
   * @param inverse of the Hessian, k x k
   */
  Scores(GroupProblem problem, RowTerms terms, double[] inverse) {
    this.problem = problem;
    this.terms = terms;
    this.inverse = inverse;
    this.k = terms.space().size();
    this.score = new double[k];
    this.cluster = new double[k];
    this.meat = new Sums(k * k);
  }

  /** Adds row {@code row} of some. */
  void add(GroupRows.Slice rows, int row, Evaluator.Results results, int position) {
    GroupSettings settings = problem.settings();
    double weight = rows.array()[rows.column(problem.form().weightAt()) + row];
    terms.score(rows, row, results, position, score);
    if (settings.covariance() == Covariance.CLUSTER) {
      long own = Double.doubleToRawLongBits(rows.array()[rows.at() + row]);
      if (clusters == 0 || own != bits) {
        flush();
        clusters++;
        bits = own;
      }
      for (int i = 0; i < k; i++) {
        cluster[i] += score[i];
      }
      return;
    }
    boolean counted = settings.weights() == WeightKind.FREQUENCY;
    double factor = 1;
    if (settings.covariance().isLeveraged()) {
      double leverage = terms.leverage(rows, row, results, position, inverse);
      // Of w equal rows each has the leverage of one.
      double rest = 1 - (counted ? leverage / weight : leverage);
      // A row that alone decides a coefficient has the leverage 1 and the gradient 0.
      factor =
          rest > LARGEST_LEVERAGE
              ? settings.covariance() == Covariance.HC3 ? 1 / (rest * rest) : 1 / rest
              : 0;
    }
    outer(score, counted ? factor / weight : factor);
  }

  private void flush() {
    if (clusters > 0) {
      outer(cluster, 1);
      Arrays.fill(cluster, 0);
    }
  }

  private void outer(double[] vector, double factor) {
    double[] part = meat.part();
    for (int i = 0; i < k; i++) {
      for (int j = 0; j < k; j++) {
        part[i * k + j] += factor * vector[i] * vector[j];
      }
    }
    meat.next(1);
  }

  /** Of the t distribution that estimates are compared with. */
  double degreesOfFreedom(double n) {
    return problem.settings().covariance() == Covariance.CLUSTER ? clusters - 1.0 : n - k;
  }

  /** What there is to say; empty: nothing. */
  String message() {
    return message;
  }

  /**
   * The covariance, k x k; empty where there is none.
   *
   * @param n rows, or the sum of their frequencies
   */
  double[] covariance(double n) {
    Covariance kind = problem.settings().covariance();
    if (kind == Covariance.CLUSTER) {
      flush();
      if (clusters < 2) {
        message = "no errors, since all rows are in one cluster";
        return new double[0];
      }
    }
    double[] sum = meat.take();
    if (kind == Covariance.OPG) {
      double[] factor = new double[k * k];
      if (!SmallMatrix.factor(sum, 0, new double[k], k, factor)) {
        message = "no errors, since the outer product of gradients is singular";
        return new double[0];
      }
      return SmallMatrix.inverse(factor, k);
    }
    double[] sandwich = SmallMatrix.congruence(inverse, k, sum, k);
    double times = factor(n);
    for (int i = 0; i < sandwich.length; i++) {
      sandwich[i] *= times;
    }
    return sandwich;
  }

  private double factor(double n) {
    GroupSettings settings = problem.settings();
    return settings.covariance() == Covariance.CLUSTER
        ? settings.factor().ofClusters(settings.covariance(), (double) clusters, n, k)
        : settings.factor().ofRows(settings.covariance(), n, k);
  }
}
