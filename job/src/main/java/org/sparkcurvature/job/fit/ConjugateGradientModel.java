package org.sparkcurvature.job.fit;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The model with products of the Hessian alone: conjugate gradients, cut off at the region's
 * boundary and at negative curvature (Steihaug 1983). Memory grows with P and the number of
 * products, never with P squared. Products are kept while the point stays: a smaller radius asks
 * for none again.
 */
final class ConjugateGradientModel implements QuadraticModel {
  /** Conjugate gradients that take more than this have stopped to help. */
  private static final int MOST_PRODUCTS = 100;

  private final ObjectiveFunction objective;
  private final double[] x;
  private final double[] gradient;
  private final double enough;
  private final double firstRadius;
  private final List<double[]> products = new ArrayList<>();
  private final double[] scales;

  private ConjugateGradientModel(ObjectiveFunction objective, double[] x, Evaluation evaluation) {
    this.objective = objective;
    this.x = x;
    this.gradient = evaluation.gradient();
    double relative = evaluation.relative(gradient, x);
    // Residuals that fall with the gradient give superlinear convergence.
    this.enough = Vectors.norm(gradient) * Math.min(0.1, Math.sqrt(relative));
    // Where the curvature is of order 1, this changes the value by a share of its size.
    this.firstRadius = 0.1 * Math.sqrt(evaluation.scale());
    this.scales = new double[x.length];
    Arrays.fill(scales, 1);
  }

  static Source source(ObjectiveFunction objective) {
    return new Source() {
      @Override
      public ObjectiveFunction.Order order() {
        return ObjectiveFunction.Order.GRADIENT;
      }

      @Override
      public QuadraticModel at(double[] x, Evaluation evaluation, double[] before) {
        return new ConjugateGradientModel(objective, x, evaluation);
      }
    };
  }

  @Override
  public double[] scales() {
    return scales;
  }

  /** Cannot be told without looking for it. */
  @Override
  public boolean hasNegativeCurvature() {
    return false;
  }

  @Override
  public double firstRadius() {
    // Where the model has a minimum, its step is tried; along negative curvature there is none.
    double[] product = product(0, negative(gradient));
    double curvature = -Vectors.dot(gradient, product);
    return curvature > 0 ? Double.POSITIVE_INFINITY : firstRadius;
  }

  @Override
  public Step within(double radius) {
    int p = x.length;
    double[] step = new double[p];
    double[] hessianStep = new double[p];
    double[] residual = gradient.clone();
    double[] direction = negative(gradient);
    double squared = Vectors.dot(residual, residual);
    for (int k = 0; k < Math.min(MOST_PRODUCTS, 2 * p) && Math.sqrt(squared) > enough; k++) {
      double[] product = product(k, direction);
      double curvature = Vectors.dot(direction, product);
      double length = curvature > 0 ? squared / curvature : Double.POSITIVE_INFINITY;
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
      double next = Vectors.dot(residual, residual);
      direction = Vectors.sum(negative(residual), next / squared, direction);
      squared = next;
    }
    double predicted = -Vectors.dot(gradient, step) - 0.5 * Vectors.dot(step, hessianStep);
    return new Step(step, Vectors.norm(step), Math.max(0, predicted));
  }

  private static double[] negative(double[] vector) {
    return Arrays.stream(vector).map(element -> -element).toArray();
  }

  /** The directions depend on the point alone, not on the radius. */
  private double[] product(int k, double[] direction) {
    if (k == products.size()) {
      products.add(objective.hessianTimes(x, direction));
    }
    return products.get(k);
  }

  /** How far one can go from {@code step} along {@code direction} within the radius. */
  private static double toBoundary(double[] step, double[] direction, double radius) {
    if (Double.isInfinite(radius)) {
      return radius;
    }
    double a = Vectors.dot(direction, direction);
    double b = Vectors.dot(step, direction);
    double c = radius * radius - Vectors.dot(step, step);
    return (Math.sqrt(b * b + a * Math.max(0, c)) - b) / a;
  }
}
