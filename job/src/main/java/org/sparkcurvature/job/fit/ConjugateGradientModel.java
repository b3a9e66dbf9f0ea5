package org.sparkcurvature.job.fit;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.sparkcurvature.job.solve.Vectors;

/**
 * The model with products of the Hessian alone: conjugate gradients, preconditioned by the
 * Hessian's diagonal and cut off at the region's boundary and at negative curvature (Steihaug 1983;
 * Conn, Gould and Toint 2000, section 7.5.1). Nothing depends on the elements' units: see {@link
 * Metric}. Memory grows with P and the number of products, never with P squared. Products are kept
 * while the point stays: a smaller radius asks for none again.
 */
final class ConjugateGradientModel implements QuadraticModel {
  /** Conjugate gradients that take more than this have stopped to help. */
  private static final int MOST_PRODUCTS = 100;

  /** On fitting scales a curvature is of order 1: far from it the scales are out of date. */
  private static final double FITTING = 1e-2;

  private final ObjectiveFunction objective;
  private final double[] x;
  private final double[] gradient;
  private final double size;
  private final List<double[]> products = new ArrayList<>();
  private double[] scales;
  private double enough;
  private Step unbounded;
  private boolean negativeCurvature;

  private ConjugateGradientModel(
      ObjectiveFunction objective,
      double[] x,
      Evaluation evaluation,
      double[] before,
      double size,
      double most) {
    this.objective = objective;
    this.x = x;
    this.gradient = evaluation.gradient();
    this.size = size;
    this.scales = before;
    if (before.length == 0 || isOutOfDate()) {
      products.clear();
      scales = Metric.of(objective.hessianDiagonal(x), gradient, before, size);
    }
    // Half the squared gradient on these scales is what is left to gain, were they all there is.
    double norm = Vectors.unscaledNorm(scales, gradient);
    double left = size > 0 ? norm / Math.sqrt(2 * size) : 1;
    // Residuals that fall with the gradient give superlinear convergence.
    this.enough = norm * Math.min(most, Math.sqrt(left));
  }

  static Source source(ObjectiveFunction objective) {
    return source(objective, 0.1);
  }

  static Source verifying(ObjectiveFunction objective) {
    return source(objective, 1e-6);
  }

  private static Source source(ObjectiveFunction objective, double most) {
    return new Source() {
      @Override
      public ObjectiveFunction.Order order() {
        return ObjectiveFunction.Order.GRADIENT;
      }

      @Override
      public QuadraticModel at(double[] x, Evaluation evaluation, double[] before, double size) {
        return new ConjugateGradientModel(objective, x, evaluation, before, size, most);
      }
    };
  }

  /** By the curvature along the first direction, which is needed in any case. */
  private boolean isOutOfDate() {
    double[] direction = preconditioned(gradient);
    double length = Vectors.scaledNorm(scales, direction);
    if (length == 0) {
      return false;
    }
    double curvature = Math.abs(Vectors.dot(direction, product(0, direction))) / length / length;
    return curvature < FITTING || curvature > x.length / FITTING;
  }

  @Override
  public double[] scales() {
    return scales;
  }

  @Override
  public double dualNorm(double[] other) {
    return Vectors.unscaledNorm(scales, other);
  }

  /** As far as conjugate gradients met it. */
  @Override
  public boolean hasNegativeCurvature() {
    unbounded();
    return negativeCurvature;
  }

  @Override
  public double firstRadius() {
    // Where the model has a minimum, its step is tried; along negative curvature there is none.
    double[] direction = preconditioned(gradient);
    double curvature = Vectors.dot(direction, product(0, direction));
    return curvature > 0
        ? Double.POSITIVE_INFINITY
        : Metric.firstRadius(Vectors.unscaledNorm(scales, gradient), scales, x, size);
  }

  @Override
  public Step unbounded() {
    if (unbounded == null) {
      Step step = within(Double.POSITIVE_INFINITY);
      unbounded =
          step.length() == 0 && negativeCurvature
              ? new Step(
                  preconditioned(gradient), Double.POSITIVE_INFINITY, Double.POSITIVE_INFINITY)
              : step;
    }
    return unbounded;
  }

  @Override
  public Step within(double radius) {
    int p = x.length;
    double[] step = new double[p];
    double[] hessianStep = new double[p];
    double[] residual = gradient.clone();
    double[] direction = preconditioned(residual);
    double squared = -Vectors.dot(residual, direction);
    for (int k = 0; k < Math.min(MOST_PRODUCTS, 2 * p) && Math.sqrt(squared) > enough; k++) {
      double[] product = product(k, direction);
      double curvature = Vectors.dot(direction, product);
      double length = curvature > 0 ? squared / curvature : Double.POSITIVE_INFINITY;
      negativeCurvature |= curvature < -rounding(direction);
      double most = toBoundary(step, direction, radius);
      if (length >= most) {
        if (Double.isInfinite(most)) {
          break; // negative curvature, and nothing yet that bounds a step: take what there is
        }
        step = Vectors.sum(step, most, direction);
        hessianStep = Vectors.sum(hessianStep, most, product);
        break;
      }
      step = Vectors.sum(step, length, direction);
      hessianStep = Vectors.sum(hessianStep, length, product);
      residual = Vectors.sum(residual, length, product);
      double[] preconditioned = preconditioned(residual);
      double next = -Vectors.dot(residual, preconditioned);
      direction = Vectors.sum(preconditioned, next / squared, direction);
      squared = next;
    }
    double predicted = -Vectors.dot(gradient, step) - 0.5 * Vectors.dot(step, hessianStep);
    return new Step(step, Vectors.scaledNorm(scales, step), Math.max(0, predicted));
  }

  /** What a curvature along a direction may be wrong by. */
  private double rounding(double[] direction) {
    double length = Vectors.scaledNorm(scales, direction);
    return 10 * Math.ulp(1.0) * x.length * length * length;
  }

  /** {@code -D^-2 v}. */
  private double[] preconditioned(double[] vector) {
    double[] result = new double[vector.length];
    for (int i = 0; i < result.length; i++) {
      result[i] = -vector[i] / scales[i] / scales[i];
    }
    return result;
  }

  /** The directions depend on the point alone, not on the radius. */
  private double[] product(int k, double[] direction) {
    if (k == products.size()) {
      products.add(objective.hessianTimes(x, direction));
    }
    return products.get(k);
  }

  /** How far one can go from {@code step} along {@code direction} within the radius. */
  private double toBoundary(double[] step, double[] direction, double radius) {
    if (Double.isInfinite(radius)) {
      return radius;
    }
    double[] from = times(step);
    double[] along = times(direction);
    double a = Vectors.dot(along, along);
    double b = Vectors.dot(from, along);
    double c = radius * radius - Vectors.dot(from, from);
    return (Math.sqrt(b * b + a * Math.max(0, c)) - b) / a;
  }

  private double[] times(double[] vector) {
    double[] scaled = Arrays.copyOf(vector, vector.length);
    for (int i = 0; i < scaled.length; i++) {
      scaled[i] *= scales[i];
    }
    return scaled;
  }
}
