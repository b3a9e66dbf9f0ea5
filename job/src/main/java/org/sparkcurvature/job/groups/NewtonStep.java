package org.sparkcurvature.job.groups;

import java.util.Arrays;
import org.sparkcurvature.job.solve.Vectors;

/**
 * The steps of a group's fit: Newton's, or within a trust region that of the Hessian with a
 * multiple of a metric added. The metric is the largest diagonal of the Hessian so far, so that
 * lengths do not know units.
 */
final class NewtonStep {
  private final int k;
  private final double[] metric;

  /** Square roots of the metric. */
  private final double[] scale;

  private final double[] factor;
  private double[] startCurvature;
  private double[] step;
  private double radius = Double.POSITIVE_INFINITY;

  /**
   * @param k dimensions of the space
   */
  NewtonStep(int k) {
    this.k = k;
    this.metric = new double[k];
    this.scale = new double[k];
    this.factor = new double[k * k];
  }

  /** The step that was found last, length k. */
  double[] step() {
    return step;
  }

  /** Takes the Hessian of a point that was accepted into the metric. */
  void accept(double[] hessian) {
    for (int i = 0; i < k; i++) {
      double curvature = Math.abs(hessian[i * k + i]);
      if (!(curvature <= metric[i]) || metric[i] == 0) {
        metric[i] = curvature == 0 ? 1 : curvature;
        scale[i] = Math.sqrt(metric[i]);
      }
    }
  }

  /** Begins where the metric is that of the start alone. */
  void begin() {
    startCurvature = metric.clone();
  }

  /** Whether H + lambda M is positive definite; the steps below go by it. */
  boolean factor(double[] hessian, double lambda) {
    return SmallMatrix.factor(hessian, lambda, metric, k, factor);
  }

  /** The step of the matrix that was factored. */
  void newton(double[] gradient) {
    step = new double[k];
    for (int i = 0; i < k; i++) {
      step[i] = -gradient[i];
    }
    SmallMatrix.solve(factor, k, step);
  }

  /** Whether the step leaves the region. */
  boolean isTooLong() {
    return length() > radius;
  }

  /** A step within the region: of the Hessian with a multiple of the metric added. */
  void limit(double[] hessian, double[] gradient, double from) {
    double lambda = Math.max(from, 1e-6);
    for (int tries = 0; tries < 200; tries++) {
      if (!factor(hessian, lambda)) {
        lambda *= 4;
        continue;
      }
      newton(gradient);
      double length = length();
      if (length <= 1.1 * radius) {
        return;
      }
      lambda *= Math.max(1.5, Math.min(16, length / radius));
    }
  }

  /** The step's length in the metric. */
  private double length() {
    double sum = 0;
    for (int i = 0; i < k; i++) {
      sum += metric[i] * step[i] * step[i];
    }
    return Math.sqrt(sum);
  }

  /** Makes the region at least so many times the step. */
  void widen(double times) {
    radius = Math.max(radius, times * length());
  }

  /** Makes the region so many times the step. */
  void narrow(double times) {
    radius = times * length();
  }

  /** Steps of any length, as at the start. */
  void forgetRegion() {
    radius = Double.POSITIVE_INFINITY;
  }

  /** A gradient's size by the matrix that was factored: g' H^-1 g. */
  double size(double[] g) {
    double[] solved = g.clone();
    SmallMatrix.solve(factor, k, solved);
    return Vectors.dot(solved, g);
  }

  /** Whether the step is rounding of the point that it begins at. */
  boolean isRounding(double[] point) {
    double largest = 0;
    double moved = 0;
    for (int i = 0; i < k; i++) {
      largest = Math.max(largest, scale[i] * Math.abs(point[i]));
      moved = Math.max(moved, scale[i] * Math.abs(step[i]));
    }
    return moved <= 2 * Math.ulp(1.0) * largest;
  }

  /** The direction of least curvature, by inverse iteration with the matrix that was factored. */
  double[] weakest() {
    double[] vector = new double[k];
    Arrays.fill(vector, 1);
    for (int iteration = 0; iteration < 4; iteration++) {
      SmallMatrix.solve(factor, k, vector);
      double length = Math.sqrt(Vectors.dot(vector, vector));
      for (int i = 0; i < k; i++) {
        vector[i] /= length;
      }
    }
    return vector;
  }

  /** The least pivot of the matrix that was factored, beside the curvature at the start. */
  double leastPivot() {
    double least = Double.POSITIVE_INFINITY;
    for (int i = 0; i < k; i++) {
      least = Math.min(least, factor[i * k + i] * factor[i * k + i] / startCurvature[i]);
    }
    return least;
  }

  /** Whether hardly anything is left of the curvature along a dimension that there was at first. */
  boolean hasFaded(double[] hessian, int dimension, double share) {
    return Math.abs(hessian[dimension * k + dimension]) < share * startCurvature[dimension];
  }

  /** The inverse of the matrix that was factored, k x k. */
  double[] inverse() {
    return SmallMatrix.inverse(factor, k);
  }
}
