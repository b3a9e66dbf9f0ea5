package org.sparkcurvature.ops;

import static java.lang.Math.exp;
import static java.lang.Math.log;

/**
 * The logarithm of Wright's generalised Bessel function without its first term, {@code log sum over
 * k >= 1 of exp(k u) / (k! Gamma(a k))}, a > 0, and its derivatives: the density of Tweedie's
 * compound Poisson distributions (Dunn and Smyth 2005, "Series evaluation of Tweedie exponential
 * dispersion model densities"). Terms are added from the largest one to either side until they no
 * longer count; derivatives are moments of k and k digamma(a k) under the terms as weights.
 */
final class WrightSeries {
  /** Terms smaller than the largest by this factor do not count: exp(-43) is 2e-19. */
  private static final double NEGLIGIBLE = -43;

  /** Beyond this index k, doubles next to each other are no longer those of integers. */
  private static final double LARGEST = 1e15;

  private final double a;
  private final double u;
  private final double middle;
  private final double largest;

  /** k digamma(a k) at the middle. */
  private final double g;

  private final boolean differentiated;
  private double sum;
  private double k1;
  private double k2;
  private double g1;
  private double g2;
  private double kg;
  private double tri;

  /**
   * Adds the terms up.
   *
   * @param differentiated whether derivatives are wanted, which take most of the time
   */
  WrightSeries(double a, double u, boolean differentiated) {
    this.a = a;
    this.u = u;
    this.differentiated = differentiated;
    // The k whose term is the largest, by Stirling's formula.
    double peak = exp((u - a * log(a)) / (1 + a));
    this.middle = !(peak >= 1) ? 1 : Math.rint(Math.min(peak, LARGEST));
    this.largest = term(middle);
    this.g = differentiated ? middle * SpecialFunctions.digamma(a * middle) : Double.NaN;
    if (a > 0 && Double.isFinite(largest)) {
      add(middle, 0);
      for (double k = middle + 1; continues(k); k++) {}
      for (double k = middle - 1; k >= 1 && continues(k); k--) {}
    } else {
      sum = Double.NaN;
    }
  }

  private double term(double k) {
    return k * u - SpecialFunctions.lgamma(k + 1) - SpecialFunctions.lgamma(a * k);
  }

  private boolean continues(double k) {
    double relative = term(k) - largest;
    add(k, relative);
    return relative > NEGLIGIBLE;
  }

  private void add(double k, double relative) {
    double weight = exp(relative);
    sum += weight;
    if (!differentiated) {
      return;
    }
    // Measured from the middle, so that variances keep their digits.
    double d = k - middle;
    double e = k * SpecialFunctions.digamma(a * k) - g;
    k1 += weight * d;
    k2 += weight * d * d;
    g1 += weight * e;
    g2 += weight * e * e;
    kg += weight * d * e;
    tri += weight * k * k * SpecialFunctions.trigamma(a * k);
  }

  double value() {
    return largest + log(sum);
  }

  /** By a. */
  double byA() {
    return -(g + g1 / sum);
  }

  /** By u: the mean of k. */
  double byU() {
    return middle + k1 / sum;
  }

  double byAA() {
    return g2 / sum - g1 / sum * (g1 / sum) - tri / sum;
  }

  double byAU() {
    return -(kg / sum - k1 / sum * (g1 / sum));
  }

  /** By u twice: the variance of k. */
  double byUU() {
    return k2 / sum - k1 / sum * (k1 / sum);
  }
}
