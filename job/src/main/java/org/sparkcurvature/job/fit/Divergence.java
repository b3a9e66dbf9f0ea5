package org.sparkcurvature.job.fit;

import java.util.Arrays;
import java.util.Optional;
import org.sparkcurvature.job.solve.ScaledHessian;
import org.sparkcurvature.job.solve.SymmetricMatrix;
import org.sparkcurvature.job.solve.Vectors;

/**
 * Whether a point where a method ended lies on the way to infinity: a gradient may vanish because
 * the value has a minimum, or because it falls for ever, ever more slowly, as that of a logistic
 * loss whose classes a plane separates. Ten Newton steps beyond a minimum the value has risen and
 * the curvature is what it was; on the way to infinity the value is still lower there, and hardly
 * any curvature is left. Nothing of this depends on units.
 */
public final class Divergence {
  /** Newton steps of which no element is above this share of the point's are those of a minimum. */
  private static final double SHORT = 1e-3;

  private static final double BEYOND = 10;
  private static final double FAR = 100;

  /** Of exponentials 5e-5 of the curvature is left at BEYOND; of 1/t 0.005; of a quadratic all. */
  private static final double LEFT = 0.05;

  /** Curvature below this share of what it was at the start has faded. */
  private static final double FADED = 1e-6;

  /** Elements of a direction below this share of the largest are not said to grow. */
  private static final double SHARE = 0.02;

  /**
   * A direction in which the value falls for ever.
   *
   * @param direction length P, elements that do not grow are 0
   * @param far the furthest point along it that was looked at
   * @param value the objective there
   */
  public record Found(double[] direction, double[] far, double value) {}

  private final ObjectiveFunction objective;
  private final SeparablePenalty penalty;

  /**
   * @param penalty and bounds, length P
   */
  public Divergence(ObjectiveFunction objective, SeparablePenalty penalty) {
    this.objective = objective;
    this.penalty = penalty;
  }

  /**
   * Looks beyond a point. Takes passes over the data only where the Newton step is long, or on
   * request.
   *
   * @param result with the Hessian at the point
   * @param start where the method began: the curvature there tells which elements count
   * @param back whether curvatures are compared with those at the start in any case: a method
   *     without Hessians may end so far out that nothing is left of the gradient but rounding
   * @return empty for a minimum
   */
  public Optional<Found> of(FitResult result, double[] start, boolean back) {
    double[] x = result.state().x();
    int[] free = penalty.smooth(x);
    if (free.length == 0) {
      return Optional.empty();
    }
    boolean told = result.termination() == FitResult.Termination.DIVERGED;
    double[] step = newton(result.evaluation(), result.gradient(), free);
    if ((told || !isShort(step, x)) && falls(result, step)) {
      return Optional.of(found(x, step, start));
    }
    if (!told && !isShort(step, x)) {
      // Elements that are known to rounding may hide the others: their curvature grows without
      // bound
      // where a scale goes to 0.
      double[] growing = growing(step, start);
      if (!Arrays.equals(growing, step) && falls(result, growing)) {
        return Optional.of(found(x, growing, start));
      }
    }
    if (told || back) {
      Optional<double[]> faded = faded(result, start, free);
      if (faded.isPresent() || told) {
        return Optional.of(found(x, faded.orElseGet(() -> Vectors.sum(x, -1, start)), start));
      }
    }
    return Optional.empty();
  }

  /**
   * What was covered along directions in which hardly anything is left of the curvature that there
   * was at the start, if the value does not rise when as much is covered again.
   */
  private Optional<double[]> faded(FitResult result, double[] start, int[] free) {
    Optional<Evaluation> first = objective.whereFinite(start, ObjectiveFunction.Order.HESSIAN);
    if (first.isEmpty()) {
      return Optional.empty();
    }
    double[] x = result.state().x();
    SymmetricMatrix before = first.get().hessian().orElseThrow().part(free);
    double[] scales =
        Arrays.stream(before.diagonal()).map(d -> d == 0 ? 1 : Math.sqrt(Math.abs(d))).toArray();
    ScaledHessian now =
        ScaledHessian.of(result.evaluation().hessian().orElseThrow().part(free), scales);
    double[] covered = new double[x.length];
    for (int k = 0; k < free.length && now.eigenvalue(k) <= FADED; k++) {
      double along = 0;
      for (int i = 0; i < free.length; i++) {
        along += now.eigenvector(k, i) * scales[i] * (x[free[i]] - start[free[i]]);
      }
      for (int i = 0; i < free.length; i++) {
        covered[free[i]] += along * now.eigenvector(k, i) / scales[i];
      }
    }
    double curvature = Math.abs(curvature(first.get(), covered));
    // Terms that cancel may grow on the way, and their rounding with them.
    double most = result.value() + TrustRegion.DOUBTFUL * result.size();
    double[] there = Vectors.sum(x, 1, covered);
    return curvature > 0
            && curvature(result.evaluation(), covered) <= FADED * curvature
            && value(there).filter(v -> v <= most).isPresent()
            && value(Vectors.sum(x, BEYOND, covered)).map(v -> v <= most).orElse(true)
        ? Optional.of(covered)
        : Optional.empty();
  }

  /** The Newton step along these elements, 0 along all others and where there is no curvature. */
  private static double[] newton(Evaluation here, double[] gradient, int[] free) {
    ScaledHessian hessian = ScaledHessian.of(here.hessian().orElseThrow().part(free));
    double[] own = Arrays.stream(free).mapToDouble(i -> gradient[i]).toArray();
    double[] step = hessian.newtonStep(own);
    double[] whole = new double[gradient.length];
    for (int k = 0; k < free.length; k++) {
      whole[free[k]] = step[k];
    }
    return whole;
  }

  private static boolean isShort(double[] step, double[] x) {
    for (int i = 0; i < x.length; i++) {
      if (Math.abs(step[i]) > SHORT * Math.abs(x[i])) {
        return false;
      }
    }
    return true;
  }

  private boolean falls(FitResult result, double[] direction) {
    Evaluation here = result.evaluation();
    double[] x = result.state().x();
    double slope = Vectors.dot(result.gradient(), direction);
    double curvature = curvature(here, direction);
    if (!(slope < 0) || !(curvature > 0)) {
      return false;
    }
    double[] there = Vectors.sum(x, BEYOND, direction);
    Optional<Evaluation> beyond = objective.whereFinite(there, ObjectiveFunction.Order.HESSIAN);
    double most = result.value() + result.noise();
    return beyond
            .filter(b -> b.value() + penalty.value(there) <= most)
            .filter(b -> curvature(b, direction) <= LEFT * curvature)
            .filter(
                b ->
                    Vectors.dot(penalty.subgradient(there, b.gradient()), direction)
                        < -LEFT * slope)
            .isPresent()
        && value(Vectors.sum(x, FAR, direction)).map(v -> v <= most).orElse(true);
  }

  private Optional<Double> value(double[] x) {
    return objective
        .whereFinite(x, ObjectiveFunction.Order.GRADIENT)
        .map(e -> e.value() + penalty.value(x));
  }

  private static double curvature(Evaluation evaluation, double[] direction) {
    SymmetricMatrix hessian = evaluation.hessian().orElseThrow();
    double sum = 0;
    for (int i = 0; i < direction.length; i++) {
      for (int j = 0; j < direction.length; j++) {
        sum +=
            direction[i] == 0 || direction[j] == 0
                ? 0
                : direction[i] * hessian.at(i, j) * direction[j];
      }
    }
    return sum;
  }

  private Found found(double[] x, double[] direction, double[] start) {
    double[] far = Vectors.sum(x, BEYOND, direction);
    Optional<Double> value = value(far);
    return new Found(
        growing(direction, start),
        value.isPresent() ? far : x,
        value.or(() -> value(x)).orElse(Double.NaN));
  }

  /** The direction without elements that hardly count on the scales of the start. */
  private double[] growing(double[] direction, double[] start) {
    int p = direction.length;
    double[] scales =
        objective
            .whereFinite(start, ObjectiveFunction.Order.HESSIAN)
            .map(e -> e.hessian().orElseThrow().diagonal())
            .orElseGet(() -> new double[p]);
    double[] sizes = new double[p];
    double largest = 0;
    for (int i = 0; i < p; i++) {
      double scale = Math.sqrt(Math.abs(scales[i]));
      sizes[i] = Math.abs(direction[i]) * (scale > 0 ? scale : 1);
      largest = Math.max(largest, sizes[i]);
    }
    double[] growing = direction.clone();
    for (int i = 0; i < p; i++) {
      if (!(sizes[i] >= SHARE * largest)) {
        growing[i] = 0;
      }
    }
    return growing;
  }
}
