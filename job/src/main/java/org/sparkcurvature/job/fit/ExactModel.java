package org.sparkcurvature.job.fit;

import java.util.Optional;
import java.util.function.UnaryOperator;
import org.sparkcurvature.job.solve.RefinedFactor;
import org.sparkcurvature.job.solve.ScaledHessian;
import org.sparkcurvature.job.solve.SymmetricMatrix;
import org.sparkcurvature.job.solve.Vectors;

/**
 * The model with the exact Hessian, minimised exactly: by a Newton step where the Hessian is
 * positive definite and the step short enough, else in terms of its eigenvectors (Moré and Sorensen
 * 1983), the hard case included. Steps do not depend on the elements' units: see {@link Metric}.
 */
final class ExactModel implements QuadraticModel {
  private static final int MOST_ROOT_STEPS = 200;

  private final double[] x;
  private final Evaluation evaluation;
  private final double[] scales;
  private final double size;
  private final Optional<UnaryOperator<double[]>> inverse;
  private final Optional<double[]> newton;
  private ScaledHessian decomposed;
  private double[] gradient;

  private ExactModel(
      double[] x,
      Evaluation evaluation,
      double[] scales,
      double size,
      RefinedFactor.Products products) {
    this.x = x;
    this.evaluation = evaluation;
    this.scales = scales;
    this.size = size;
    this.inverse = inverse(products);
    this.newton = inverse.map(i -> i.apply(evaluation.gradient())).map(ExactModel::negative);
  }

  /** By the Hessian's elements, or where these do not tell enough, by its products. */
  private Optional<UnaryOperator<double[]>> inverse(RefinedFactor.Products products) {
    Optional<ScaledHessian.Factor> factor = ScaledHessian.factor(hessian());
    if (factor.isPresent()) {
      return factor.map(f -> f::solve);
    }
    return scales.length > RefinedFactor.LARGEST_ORDER
        ? Optional.empty()
        : RefinedFactor.whereFlat(ScaledHessian.of(hessian()), products)
            .map(refined -> refined::solve);
  }

  /** Of the objective's own Hessians. */
  static Source source(ObjectiveFunction objective) {
    return new Source() {
      @Override
      public ObjectiveFunction.Order order() {
        return ObjectiveFunction.Order.HESSIAN;
      }

      @Override
      public QuadraticModel at(double[] x, Evaluation evaluation, double[] before, double size) {
        double[] diagonal = evaluation.hessian().orElseThrow().diagonal();
        return new ExactModel(
            x,
            evaluation,
            Metric.of(diagonal, evaluation.gradient(), before, size),
            size,
            (vectors, count) -> objective.hessianTimes(x, vectors, count));
      }
    };
  }

  private static double[] negative(double[] vector) {
    double[] negative = new double[vector.length];
    for (int i = 0; i < vector.length; i++) {
      negative[i] = -vector[i];
    }
    return negative;
  }

  private SymmetricMatrix hessian() {
    return evaluation.hessian().orElseThrow();
  }

  @Override
  public double[] scales() {
    return scales;
  }

  @Override
  public boolean hasNegativeCurvature() {
    return newton.isEmpty() && eigen().negative() > 0;
  }

  @Override
  public double firstRadius() {
    if (newton.isPresent() || !needsBoundary()) {
      return Double.POSITIVE_INFINITY;
    }
    double norm = eigen().norm();
    double cauchy = norm > 0 ? Vectors.norm(gradient) / norm : 0;
    return Metric.firstRadius(cauchy, scales, x, size);
  }

  @Override
  public Step unbounded() {
    if (newton.isPresent()) {
      // At the minimum of the model, H s = -g.
      return new Step(
          newton.get(),
          Vectors.scaledNorm(scales, newton.get()),
          Math.max(0, -0.5 * Vectors.dot(evaluation.gradient(), newton.get())));
    }
    if (needsBoundary()) {
      return new Step(
          within(firstRadius()).direction(), Double.POSITIVE_INFINITY, Double.POSITIVE_INFINITY);
    }
    return step(shifted(0));
  }

  @Override
  public Step within(double radius) {
    if (newton.isPresent()) {
      Step step = unbounded();
      if (step.length() <= radius) {
        return step;
      }
    }
    return step(coefficients(radius));
  }

  /** The step of these coefficients on the eigenvectors. */
  private Step step(double[] coefficients) {
    double predicted = 0;
    for (int k = 0; k < coefficients.length; k++) {
      predicted -= coefficients[k] * (gradient[k] + 0.5 * eigen().eigenvalue(k) * coefficients[k]);
    }
    return new Step(
        eigen().fromEigen(coefficients), Vectors.norm(coefficients), Math.max(0, predicted));
  }

  /** The root of g' H^-1 g; where the Hessian is not positive definite, the norm on the scales. */
  @Override
  public double dualNorm(double[] other) {
    return inverse
        .map(i -> Math.sqrt(Math.max(0, Vectors.dot(other, i.apply(other)))))
        .orElseGet(() -> Vectors.unscaledNorm(scales, other));
  }

  private ScaledHessian eigen() {
    if (decomposed == null) {
      decomposed = ScaledHessian.of(hessian(), scales);
      gradient = decomposed.toEigen(evaluation.gradient());
    }
    return decomposed;
  }

  /** Whether the gradient has a part along the k-th eigenvector that is more than rounding. */
  private boolean leads(int k) {
    double rounding =
        Math.sqrt(size)
            + eigen().norm() * Vectors.scaledNorm(scales, x)
            + gradient.length * Vectors.norm(gradient);
    return Math.abs(gradient[k]) > 10 * Math.ulp(1.0) * rounding;
  }

  /** Whether the model has no minimum of its own. */
  private boolean needsBoundary() {
    ScaledHessian hessian = eigen();
    for (int k = 0; k < hessian.order(); k++) {
      double eigenvalue = hessian.eigenvalue(k);
      if (eigenvalue < -hessian.tolerance() || eigenvalue <= hessian.tolerance() && leads(k)) {
        return true;
      }
    }
    return false;
  }

  /** The step's coefficients on the eigenvectors. */
  private double[] coefficients(double radius) {
    ScaledHessian hessian = eigen();
    if (!needsBoundary()) {
      double[] inner = shifted(0);
      if (Vectors.norm(inner) <= radius) {
        return inner;
      }
    }
    double lowest = Math.max(0, -hessian.eigenvalue(0));
    double[] least = shifted(lowest);
    double left = radius * radius - Math.pow(Vectors.norm(least), 2);
    if (left >= 0 && lowest > 0 && !leads(0)) {
      // The hard case: the gradient has no part where the curvature is lowest.
      least[0] += Math.copySign(Math.sqrt(left), gradient[0] > 0 ? -1 : 1);
      return least;
    }
    return atBoundary(lowest, lowest + Vectors.norm(gradient) / radius, radius);
  }

  /** The root of |s(shift)| = radius, by bisection in which Newton's steps for 1/|s| are tried. */
  private double[] atBoundary(double low, double high, double radius) {
    double shift = high;
    double[] step = shifted(shift);
    for (int k = 0; k < MOST_ROOT_STEPS && Math.abs(Vectors.norm(step) / radius - 1) > 1e-10; k++) {
      double norm = Vectors.norm(step);
      if (norm > radius) {
        low = shift;
      } else {
        high = shift;
      }
      double slope = 0;
      for (int i = 0; i < step.length; i++) {
        double distance = eigen().eigenvalue(i) + shift;
        slope += distance > 0 ? step[i] * step[i] / distance : 0;
      }
      double next = shift + (norm / radius - 1) * norm * norm / slope;
      shift = next > low && next < high ? next : low + (high - low) / 2;
      step = shifted(shift);
    }
    return step;
  }

  /**
   * {@code -(L + shift)^-1 c}, where that is defined; 0 along what is flat then and leads nowhere.
   */
  private double[] shifted(double shift) {
    ScaledHessian hessian = eigen();
    double[] step = new double[gradient.length];
    for (int k = 0; k < step.length; k++) {
      double curvature = hessian.eigenvalue(k) + shift;
      if (curvature > hessian.tolerance() || curvature > 0 && leads(k)) {
        step[k] = -gradient[k] / curvature;
      }
    }
    return step;
  }
}
