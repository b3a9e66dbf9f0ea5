package org.sparkcurvature.job.infer;

import java.io.Serializable;
import java.util.Arrays;
import org.sparkcurvature.engine.Engine;
import org.sparkcurvature.job.errors.Errors;
import org.sparkcurvature.job.solve.Elements;
import org.sparkcurvature.job.solve.ScaledHessian;
import org.sparkcurvature.job.solve.SymmetricMatrix;
import org.sparkcurvature.job.source.SampleBlock;

/**
 * The bias-reduced scores of clusters (Bell and McCaffrey 2002, CR2): residuals of a cluster are
 * multiplied by the symmetric root of {@code (I - H_gg)^-1}, H_gg the cluster's block of the hat
 * matrix in the columns times the roots of the working weights, {@code W^1/2 X (X'WX)^-1 X' W^1/2}.
 *
 * <p>That block is n_g x n_g. With {@code (X'WX)^-1 = L L'}, {@code S_g = X_g' W_g X_g} and {@code
 * s_g} the sum of scores, the cluster's adjusted score is {@code L^-T (I - L' S_g L)^-1/2 L' s_g}:
 * P x P, however many rows the cluster has.
 *
 * @param predictor the linear predictor
 * @param elements those that are estimated
 * @param lower L of these, row-major
 */
record ClusterLeverages(String predictor, int[] elements, int parameters, double[] lower)
    implements Serializable {
  /** A direction that the cluster alone decides has the leverage 1 and no residual. */
  private static final double LARGEST_LEVERAGE = 1e-10;

  /**
   * From the inverse Hessian.
   *
   * @param inverse order P, 0 along what is not estimated
   * @throws org.sparkcurvature.job.errors.JobException with exit code 4 if it is not positive
   *     definite
   */
  static ClusterLeverages of(String predictor, SymmetricMatrix inverse, Elements elements) {
    int[] kept = elements.kept();
    int m = kept.length;
    ScaledHessian.Factor factor =
        ScaledHessian.factor(inverse.part(kept))
            .orElseThrow(
                () ->
                    Errors.noAnswer(
                        "the Hessian is too near to singular for the leverages of clusters",
                        "curvature.infer.covariance",
                        "take cluster"));
    double[] lower = new double[m * m];
    for (int i = 0; i < m; i++) {
      for (int j = 0; j <= i; j++) {
        lower[i * m + j] = factor.scales()[i] * factor.at(i, j);
      }
    }
    return new ClusterLeverages(predictor, kept, elements.order(), lower);
  }

  /** How many numbers are added up for each cluster: s_g and S_g. */
  int width() {
    return parameters + Math.toIntExact(SymmetricMatrix.packedLength(parameters));
  }

  /** Adds a row's part of S_g. */
  void add(Engine results, SampleBlock block, int row, double weight, double[] sum) {
    LinearPredictor.Derivatives by =
        new LinearPredictor(predictor, parameters, LinearPredictor.Asked.CLUSTERS)
            .at(results, block, row);
    if (by == null) {
      return;
    }
    double[] jacobian = results.column("jacobian_" + predictor);
    SymmetricMatrix.addOuter(
        sum, parameters, jacobian, row * parameters, parameters, weight * by.second(), 1);
  }

  /**
   * The adjusted score of a cluster, length P.
   *
   * @param sum s_g and S_g
   */
  double[] score(double[] sum) {
    int m = elements.length;
    SymmetricMatrix weights =
        SymmetricMatrix.ofPacked(parameters, Arrays.copyOfRange(sum, parameters, sum.length))
            .part(elements);
    double[] product = new double[m * m]; // S L
    for (int i = 0; i < m; i++) {
      for (int k = 0; k < m; k++) {
        double element = i <= k ? weights.at(i, k) : weights.at(k, i);
        for (int j = 0; j <= k && element != 0; j++) {
          product[i * m + j] += element * lower[k * m + j];
        }
      }
    }
    double[] packed = new double[Math.toIntExact(SymmetricMatrix.packedLength(m))];
    double[] own = new double[m]; // L' s
    int at = 0;
    for (int i = 0; i < m; i++) {
      for (int j = i; j < m; j++, at++) {
        for (int k = i; k < m; k++) {
          packed[at] += lower[k * m + i] * product[k * m + j];
        }
      }
      for (int k = i; k < m; k++) {
        own[i] += lower[k * m + i] * sum[elements[k]];
      }
    }
    double[] ones = new double[m];
    Arrays.fill(ones, 1);
    ScaledHessian hat = ScaledHessian.of(SymmetricMatrix.ofPacked(m, packed), ones);
    double[] coefficients = hat.toEigen(own);
    for (int k = 0; k < m; k++) {
      double rest = 1 - hat.eigenvalue(k);
      coefficients[k] = rest > LARGEST_LEVERAGE ? coefficients[k] / Math.sqrt(rest) : 0;
    }
    double[] solved = hat.fromEigen(coefficients);
    for (int i = m - 1; i >= 0; i--) { // L' z = y
      for (int k = i + 1; k < m; k++) {
        solved[i] -= lower[k * m + i] * solved[k];
      }
      solved[i] /= lower[i * m + i];
    }
    double[] score = new double[parameters];
    for (int i = 0; i < m; i++) {
      score[elements[i]] = solved[i];
    }
    return score;
  }
}
