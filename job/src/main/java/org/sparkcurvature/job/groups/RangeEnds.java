package org.sparkcurvature.job.groups;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/**
 * Parameters that go to the end of their range, as the variance of counts that vary no more than
 * chance has them does. They have no estimate, and the others have those of the loss without them.
 */
final class RangeEnds {
  private final GroupProblem problem;
  private final Space space;
  private final double[] hessian;
  private final double[] gradient;
  private final List<Integer> dimensions = new ArrayList<>();

  /**
   * @param hessian k x k, where the fit is
   * @param gradient length k
   */
  RangeEnds(GroupProblem problem, Space space, double[] hessian, double[] gradient) {
    this.problem = problem;
    this.space = space;
    this.hessian = hessian.clone();
    this.gradient = gradient.clone();
  }

  /**
   * The parameters whose curvature is gone, and along which the loss does not rise where they go as
   * far again as they went from the start.
   *
   * @param at where the fit is
   * @param from where it began
   * @param lower whether the loss is no higher at a point
   */
  List<Integer> found(NewtonStep newton, double[] at, double[] from, Predicate<double[]> lower) {
    List<Integer> found = new ArrayList<>();
    for (int parameter : problem.form().single()) {
      int d = space.dimension(parameter);
      if (problem.isScaled(parameter) && newton.hasFaded(hessian, d, GroupFit.COLLAPSED)) {
        double[] there = at.clone();
        there[d] += at[d] - from[d];
        if (lower.test(there)) {
          found.add(parameter);
          dimensions.add(d);
        }
      }
    }
    dimensions.forEach(this::leaveOut);
    return found;
  }

  private void leaveOut(int d) {
    int k = gradient.length;
    for (int i = 0; i < k; i++) {
      hessian[d * k + i] = 0;
      hessian[i * k + d] = 0;
    }
    hessian[d * k + d] = 1;
    gradient[d] = 0;
  }

  /** The Hessian of the others, and 1 at what was found. */
  double[] hessian() {
    return hessian;
  }

  /** The gradient by the others, and 0 at what was found. */
  double[] gradient() {
    return gradient;
  }

  /** The inverse of {@link #hessian}, 0 at what was found. */
  double[] withoutThem(double[] inverse) {
    dimensions.forEach(d -> inverse[d * gradient.length + d] = 0);
    return inverse;
  }
}
