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
 * @param weight sum of the weights: the value's natural size, where a loss is of order 1
 * @param units in which the point is given, length P; empty where they are the elements' own
 */
public record Evaluation(
    double value,
    double[] gradient,
    Optional<SymmetricMatrix> hessian,
    double weight,
    double[] units) {
  private static final double FAR = 1e12;

  public Evaluation {
    requireNonNull(gradient);
    requireNonNull(hessian);
    requireNonNull(units);
  }

  /** At a point in the elements' own units. */
  public Evaluation(
      double value, double[] gradient, Optional<SymmetricMatrix> hessian, double weight) {
    this(value, gradient, hessian, weight, new double[0]);
  }

  /** What the value's accuracy and the gradient are measured by. */
  public double scale() {
    return Math.max(Math.abs(value), weight);
  }

  /** Changes of the value below this are rounding. */
  public double noise() {
    return 10 * Math.ulp(1.0) * scale();
  }

  /** Whether the value has fallen so far from where it began that nothing bounds it. */
  boolean hasLeft(double first) {
    return value < -FAR * Math.max(Math.abs(first), weight);
  }

  private double unit(int i) {
    return units.length == 0 ? 1 : units[i];
  }

  /**
   * The relative gradient norm at {@code x}: the largest |g_i| max(1, |x_i|), relative to the
   * {@link #scale}, all in the elements' own units. It does not depend on the unit of the value,
   * nor on that of an element whose magnitude is above 1 (Dennis and Schnabel 1996, section 7.2).
   *
   * @param gradient what is to vanish, length P
   */
  public double relative(double[] gradient, double[] x) {
    double largest = 0;
    for (int i = 0; i < x.length; i++) {
      largest =
          Math.max(
              largest, Math.abs(gradient[i]) / unit(i) * Math.max(1, Math.abs(x[i] * unit(i))));
    }
    return largest / scale();
  }

  /** The Euclidean norm of a gradient in the elements' own units. */
  double norm(double[] gradient) {
    double[] own = gradient.clone();
    for (int i = 0; i < own.length; i++) {
      own[i] /= unit(i);
    }
    return Vectors.norm(own);
  }

  /** The Euclidean length of a step in the elements' own units. */
  double length(double[] step) {
    double[] own = step.clone();
    for (int i = 0; i < own.length; i++) {
      own[i] *= unit(i);
    }
    return Vectors.norm(own);
  }
}
