package org.sparkcurvature.job.fit;

import java.util.Optional;
import org.sparkcurvature.job.solve.ScaledHessian;
import org.sparkcurvature.job.solve.SymmetricMatrix;

/**
 * The model with the exact Hessian, minimised exactly: by a Newton step where the Hessian is
 * positive definite and the step short enough, else in terms of its eigenvectors (Moré and Sorensen
 * 1983), the hard case included. The metric is the square root of the Hessian's diagonal, the
 * largest that was met, so that steps do not depend on the elements' units (Moré 1978).
 */
final class ExactModel implements QuadraticModel {
  private static final int MOST_ROOT_STEPS = 200;

  private final Evaluation evaluation;
  private final double[] scales;
  private final Optional<double[]> newton;
  private ScaledHessian decomposed;
  private double[] gradient;

  private ExactModel(Evaluation evaluation, double[] scales) {
    this.evaluation = evaluation;
    this.scales = scales;
    this.newton = ScaledHessian.newtonStep(hessian(), scales, evaluation.gradient());
  }

  /** Of the objective's own Hessians. */
  static Source source() {
    return new Source() {
      @Override
      public ObjectiveFunction.Order order() {
        return ObjectiveFunction.Order.HESSIAN;
      }

      @Override
      public QuadraticModel at(double[] x, Evaluation evaluation, double[] before) {
        return new ExactModel(evaluation, scales(evaluation, before));
      }
    };
  }

  private static double[] scales(Evaluation evaluation, double[] before) {
    double[] diagonal = evaluation.hessian().orElseThrow().diagonal();
    double[] scales = new double[diagonal.length];
    for (int i = 0; i < scales.length; i++) {
      double scale = Math.sqrt(Math.abs(diagonal[i]));
      if (scale == 0) {
        // Without curvature: a unit step is to change the value by the root of its size.
        scale =
            Math.abs(evaluation.gradient()[i]) / Math.sqrt(Math.max(evaluation.scale(), 1e-300));
      }
      scales[i] = before.length == 0 ? scale : Math.max(before[i], scale);
      if (scales[i] == 0) {
        scales[i] = 1;
      }
    }
    return scales;
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
    return Math.max(cauchy, 0.1 * Math.sqrt(evaluation.scale()));
  }

  @Override
  public Step within(double radius) {
    if (newton.isPresent()) {
      double length = length(newton.get());
      if (length <= radius) {
        // At the minimum of the model, H s = -g.
        return new Step(
            newton.get(), length, -0.5 * Vectors.dot(evaluation.gradient(), newton.get()));
      }
    }
    double[] coefficients = coefficients(radius);
    double predicted = 0;
    for (int k = 0; k < coefficients.length; k++) {
      predicted -= coefficients[k] * (gradient[k] + 0.5 * eigen().eigenvalue(k) * coefficients[k]);
    }
    return new Step(
        eigen().fromEigen(coefficients), Vectors.norm(coefficients), Math.max(0, predicted));
  }

  private double length(double[] direction) {
    double[] scaled = direction.clone();
    for (int i = 0; i < scaled.length; i++) {
      scaled[i] *= scales[i];
    }
    return Vectors.norm(scaled);
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
    return Math.abs(gradient[k]) > evaluation.noise() / Math.sqrt(evaluation.scale());
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
