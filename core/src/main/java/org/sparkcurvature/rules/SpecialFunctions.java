package org.sparkcurvature.rules;

import org.hipparchus.special.Erf;
import org.hipparchus.special.Gamma;

/**
 * Special functions to near machine precision over their whole range, tails included; where
 * Hipparchus is not accurate enough or has no such function it is written here.
 */
final class SpecialFunctions {
  private SpecialFunctions() {}

  private static final double LOG_SQRT_2PI = 0.5 * Math.log(2 * Math.PI);
  private static final double SQRT_HALF = Math.sqrt(0.5);

  /** Below this the lower tail of the normal distribution is taken from its continued fraction. */
  private static final double TAIL = -5;

  static double erf(double u) {
    return Erf.erf(u);
  }

  static double erfc(double u) {
    return Erf.erfc(u);
  }

  static double normalDensity(double u) {
    return Math.exp(-0.5 * u * u - LOG_SQRT_2PI);
  }

  /**
   * log of the normal distribution function; for u far below 0 from the continued fraction of
   * Mills' ratio (Abramowitz and Stegun 26.2.14).
   */
  static double normalLogCdf(double u) {
    if (u < TAIL) {
      return -0.5 * u * u - LOG_SQRT_2PI - Math.log(-u + tail(-u));
    }
    return u > 0 ? Math.log1p(-0.5 * erfc(u * SQRT_HALF)) : Math.log(0.5 * erfc(-u * SQRT_HALF));
  }

  /** phi(u) / Phi(u). */
  static double normalLogCdf1(double u) {
    return u < TAIL ? -u + tail(-u) : normalDensity(u) / (0.5 * erfc(-u * SQRT_HALF));
  }

  /**
   * -r (r + u) with r = phi(u) / Phi(u); in the tail r + u is the continued fraction itself, so
   * nothing cancels.
   */
  static double normalLogCdf2(double u) {
    double r = normalLogCdf1(u);
    return u < TAIL ? -r * tail(-u) : -r * (r + u);
  }

  /** 1/(t + 2/(t + 3/(t + ...))), by which phi(t) / (1 - Phi(t)) exceeds t, for t of at least 5. */
  private static double tail(double t) {
    double fraction = t;
    for (int k = 120; k >= 2; k--) {
      fraction = t + k / fraction;
    }
    return 1 / fraction;
  }

  /** log |Gamma(u)|. */
  static double lgamma(double u) {
    if (u > 0) {
      return Gamma.logGamma(u);
    }
    if (u == Math.rint(u)) {
      return Double.POSITIVE_INFINITY;
    }
    // Gamma(u) Gamma(1 - u) = pi / sin(pi u)
    return Math.log(Math.PI / Math.abs(Math.sin(Math.PI * (u - Math.rint(u)))))
        - Gamma.logGamma(1 - u);
  }

  private static final double[] BERNOULLI = {
    1.0 / 6, -1.0 / 30, 1.0 / 42, -1.0 / 30, 5.0 / 66, -691.0 / 2730, 7.0 / 6, -3617.0 / 510
  };

  /** From here on the asymptotic series of the polygamma functions reach machine precision. */
  private static final double ASYMPTOTIC = 15;

  /**
   * The derivative of log Gamma: recurrence upwards, then the asymptotic series (Abramowitz and
   * Stegun 6.3.18).
   */
  static double digamma(double u) {
    if (isPole(u)) {
      return Double.NaN;
    }
    double x = u;
    double shift = 0;
    while (x < ASYMPTOTIC) {
      shift -= 1 / x;
      x++;
    }
    double inverse = 1 / (x * x);
    double power = inverse;
    double series = 0;
    for (int k = 0; k < BERNOULLI.length; k++) {
      series += BERNOULLI[k] / (2 * k + 2) * power;
      power *= inverse;
    }
    return Math.log(x) - 0.5 / x - series + shift;
  }

  /** The second derivative of log Gamma (Abramowitz and Stegun 6.4.12). */
  static double trigamma(double u) {
    if (isPole(u)) {
      return Double.NaN;
    }
    double x = u;
    double shift = 0;
    while (x < ASYMPTOTIC) {
      shift += 1 / (x * x);
      x++;
    }
    double inverse = 1 / (x * x);
    double power = inverse / x;
    double series = 0;
    for (double bernoulli : BERNOULLI) {
      series += bernoulli * power;
      power *= inverse;
    }
    return 1 / x + 0.5 * inverse + series + shift;
  }

  /** The third derivative of log Gamma (Abramowitz and Stegun 6.4.13). */
  static double tetragamma(double u) {
    if (isPole(u)) {
      return Double.NaN;
    }
    double x = u;
    double shift = 0;
    while (x < ASYMPTOTIC) {
      shift -= 2 / (x * x * x);
      x++;
    }
    double inverse = 1 / (x * x);
    double power = inverse * inverse;
    double series = 0;
    for (int k = 0; k < BERNOULLI.length; k++) {
      series += (2 * k + 3) * BERNOULLI[k] * power;
      power *= inverse;
    }
    return -inverse - inverse / x - series + shift;
  }

  private static boolean isPole(double u) {
    return Double.isNaN(u) || u <= 0 && u == Math.rint(u) || u < -1e6;
  }
}
