package org.sparkcurvature.job.infer;

import java.util.OptionalDouble;
import org.apache.commons.math3.distribution.NormalDistribution;
import org.apache.commons.math3.distribution.RealDistribution;
import org.apache.commons.math3.distribution.TDistribution;

/**
 * One number that was estimated. z, p and the interval are those of a normal distribution, or of t
 * with so many degrees of freedom; they are NaN where the standard error is 0.
 *
 * @param name what it is called, such as {@code beta[lncoins]}
 * @param parameter the parameter it is an element of, or the function
 * @param index which element, row-major
 * @param estimate its value
 * @param stdError standard error
 * @param z estimate over standard error
 * @param p probability of a larger |z| where the true value is 0; where it is below 2.2e-308, that
 * @param ciLow lower end of the confidence interval
 * @param ciHigh upper end
 */
public record Estimate(
    String name,
    String parameter,
    int index,
    double estimate,
    double stdError,
    double z,
    double p,
    double ciLow,
    double ciHigh) {
  /** One that is held at its value: nothing is said of its error. */
  public static Estimate held(String name, String parameter, int index, double value) {
    double none = Double.NaN;
    return new Estimate(name, parameter, index, value, none, none, none, none, none);
  }

  /** The same with another interval. */
  public Estimate within(double low, double high) {
    return new Estimate(name, parameter, index, estimate, stdError, z, p, low, high);
  }

  /** The same under another name. */
  public Estimate called(String other) {
    return new Estimate(other, parameter, index, estimate, stdError, z, p, ciLow, ciHigh);
  }

  private static final NormalDistribution NORMAL = new NormalDistribution(null, 0, 1);

  /** t with so many degrees of freedom; empty: the standard normal distribution. */
  public static RealDistribution reference(OptionalDouble degreesOfFreedom) {
    return degreesOfFreedom.isPresent()
        ? new TDistribution(null, degreesOfFreedom.getAsDouble())
        : NORMAL;
  }

  /** The probability of a larger |z|, never 0. */
  public static double probability(double z, RealDistribution reference) {
    return aboveZero(2 * reference.cumulativeProbability(-Math.abs(z)));
  }

  /** No probability is 0: one that underflows is given as the smallest normal double. */
  static double aboveZero(double p) {
    return Math.max(p, Double.MIN_NORMAL);
  }

  /**
   * From an estimate and its variance.
   *
   * @param level of the confidence interval
   */
  public static Estimate of(
      String name, String parameter, int index, double estimate, double variance, double level) {
    return of(name, parameter, index, estimate, variance, level, OptionalDouble.empty());
  }

  /**
   * As the other one.
   *
   * @param degreesOfFreedom of the t distribution that z is compared with; empty: normal
   */
  public static Estimate of(
      String name,
      String parameter,
      int index,
      double estimate,
      double variance,
      double level,
      OptionalDouble degreesOfFreedom) {
    RealDistribution reference = reference(degreesOfFreedom);
    double error = Math.sqrt(variance);
    double z = error > 0 ? estimate / error : Double.NaN;
    double half = reference.inverseCumulativeProbability((1 + level) / 2) * error;
    return new Estimate(
        name,
        parameter,
        index,
        estimate,
        error,
        z,
        error > 0 ? probability(z, reference) : Double.NaN,
        estimate - half,
        estimate + half);
  }
}
