package org.sparkcurvature.job.groups;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.apache.commons.math3.distribution.RealDistribution;
import org.sparkcurvature.engine.Engine;
import org.sparkcurvature.job.infer.Estimate;

/** Estimates on the parameters' natural scales, with their errors. Belongs to one task. */
final class Natural implements AutoCloseable {
  private final int p;
  private final List<GroupProblem.Scale> scales;
  private final Engine engine;

  /**
   * Estimates. Those that there are not are NaN.
   *
   * @param values length P
   * @param errors length P; empty where there are none
   * @param covariance the upper triangle row by row; empty where there is none
   */
  record Estimates(double[] values, double[] errors, double[] covariance) {
    /** The probabilities of estimates as far from 0 in their errors, on either side: length P. */
    double[] probabilities(Optional<RealDistribution> reference) {
      double[] p = new double[values.length];
      Arrays.fill(p, Double.NaN);
      for (int i = 0; i < errors.length && reference.isPresent(); i++) {
        if (errors[i] > 0) {
          p[i] = Estimate.probability(values[i] / errors[i], reference.get());
        }
      }
      return p;
    }
  }

  Natural(GroupProblem problem) {
    this.p = problem.length();
    this.scales = problem.scales();
    this.engine = scales.isEmpty() ? null : problem.natural().get(0).open(problem.parameters());
  }

  /**
   * What the free elements say.
   *
   * @param theta free elements
   * @param estimated which of them there are
   * @param covariance of the free elements, P x P; empty where there is none
   */
  Estimates of(double[] theta, boolean[] estimated, double[] covariance) {
    double[] values = theta.clone();
    double[] whole = covariance;
    if (engine != null) {
      for (GroupProblem.Scale scale : scales) {
        System.arraycopy(theta, scale.offset(), engine.input(scale.input()), 0, scale.size());
      }
      engine.evaluateAny(1);
      double[] jacobian = new double[p * p];
      for (int i = 0; i < p; i++) {
        jacobian[i * p + i] = 1;
      }
      int width = scales.stream().mapToInt(GroupProblem.Scale::size).sum();
      int first = 0;
      for (GroupProblem.Scale scale : scales) {
        System.arraycopy(
            engine.column("value_" + scale.definition()), 0, values, scale.offset(), scale.size());
        double[] own = engine.column("jacobian_" + scale.definition());
        for (int i = 0; i < scale.size(); i++) {
          for (int j = 0; j < scale.size(); j++) {
            jacobian[(scale.offset() + i) * p + scale.offset() + j] = own[i * width + first + j];
          }
        }
        first += scale.size();
      }
      whole =
          covariance.length == 0 ? covariance : SmallMatrix.congruence(jacobian, p, covariance, p);
    }
    double[] errors = new double[whole.length == 0 ? 0 : p];
    double[] packed = new double[whole.length == 0 ? 0 : p * (p + 1) / 2];
    int at = 0;
    for (int i = 0; i < p; i++) {
      values[i] = estimated[i] ? values[i] : Double.NaN;
      for (int j = i; j < p && whole.length > 0; j++) {
        packed[at++] = estimated[i] && estimated[j] ? whole[i * p + j] : Double.NaN;
      }
      if (whole.length > 0) {
        errors[i] = estimated[i] ? Math.sqrt(whole[i * p + i]) : Double.NaN;
      }
    }
    return new Estimates(values, errors, packed);
  }

  @Override
  public void close() {
    if (engine != null) {
      engine.close();
    }
  }
}
