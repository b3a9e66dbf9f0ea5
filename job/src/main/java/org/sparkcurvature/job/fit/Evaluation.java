package org.sparkcurvature.job.fit;

import static java.util.Objects.requireNonNull;

import java.util.Optional;
import org.sparkcurvature.job.solve.SymmetricMatrix;

/**
 * An objective at a point.
 *
 * @param value sum of weighted losses, plus the penalty
 * @param gradient length P
 * @param hessian where it was asked for, order P
 * @param weight sum of the weights
 */
public record Evaluation(
    double value, double[] gradient, Optional<SymmetricMatrix> hessian, double weight) {
  public Evaluation {
    requireNonNull(gradient);
    requireNonNull(hessian);
  }
}
