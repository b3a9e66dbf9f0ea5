package org.sparkcurvature.ops;

import static java.lang.Math.expm1;
import static java.lang.Math.log;
import static java.lang.Math.log1p;

/**
 * Differences of log Gamma and of its derivatives, which lose all their digits where they are taken
 * of two large numbers. Both arguments are moved up by the recurrence until Stirling's series
 * (Abramowitz and Stegun 6.1.41) reaches machine precision, and the difference of the series is
 * written in the ratio of the arguments.
 */
final class LogGammaDifferences {
  private LogGammaDifferences() {}

  /** From here on Stirling's series reaches machine precision. */
  private static final double ASYMPTOTIC = 15;

  /** From here on 1 is lost beside the quotient. */
  private static final double LARGE = 1e17;

  /** Up to this count a sum over the integers below it costs no more than the series. */
  private static final double FEW = 64;

  /** Below this the differences of logarithms and their leading terms are power series. */
  private static final double SMALL = 0.25;

  /** B_2k / (2k (2k - 1)): the coefficients of Stirling's series in 1 / x. */
  private static final double[] STIRLING = {
    1.0 / 12,
    -1.0 / 360,
    1.0 / 1260,
    -1.0 / 1680,
    1.0 / 1188,
    -691.0 / 360360,
    1.0 / 156,
    -3617.0 / 122400
  };

  /** log(1 + u) - u, without cancellation near 0. */
  static double log1pMinus(double u) {
    if (Math.abs(u) > SMALL) {
      return log1p(u) - u;
    }
    double power = u * u;
    double sum = 0;
    for (int j = 2; j <= 30; j++) {
      sum += (j % 2 == 0 ? -power : power) / j;
      power *= u;
    }
    return sum;
  }

  /** lgamma(a + n) - lgamma(a). */
  static double logRising(double a, double n) {
    if (n == 0) {
      return isPole(a) ? Double.NaN : 0;
    }
    if (!(a > 0 && a + n > 0)) {
      return SpecialFunctions.lgamma(a + n) - SpecialFunctions.lgamma(a);
    }
    if (n < 0) {
      // The series are written for steps upwards.
      return -logRising(a + n, -n);
    }
    double x = a;
    double shift = 0;
    while (x < ASYMPTOTIC) {
      double ratio = n / x;
      shift += ratio > LARGE ? log(n) - log(x) : log1p(ratio);
      x++;
    }
    double t = n / x;
    double series = 0;
    double power = 1 / x;
    for (int k = 0; k < STIRLING.length; k++) {
      series += STIRLING[k] * power * expm1(-(2 * k + 1) * log1p(t));
      power /= x * x;
    }
    return n * log(x) + x * log1pMinus(t) + (n - 0.5) * log1p(t) + series - shift;
  }

  /** digamma(a + n) - digamma(a). */
  static double logRising1(double a, double n) {
    if (!(a > 0 && a + n > 0)) {
      return SpecialFunctions.digamma(a + n) - SpecialFunctions.digamma(a);
    }
    if (n < 0) {
      return -logRising1(a + n, -n);
    }
    double x = a;
    double shift = 0;
    while (x < ASYMPTOTIC) {
      shift += n / (x + n) / x;
      x++;
    }
    double logarithm = log1p(n / x);
    double sum = logarithm - 0.5 / x * expm1(-logarithm);
    double power = 1 / (x * x);
    for (int k = 0; k < STIRLING.length; k++) {
      sum -= STIRLING[k] * (2 * k + 1) * power * expm1(-(2 * k + 2) * logarithm);
      power /= x * x;
    }
    return sum + shift;
  }

  /** trigamma(a + n) - trigamma(a). */
  static double logRising2(double a, double n) {
    if (!(a > 0 && a + n > 0)) {
      return SpecialFunctions.trigamma(a + n) - SpecialFunctions.trigamma(a);
    }
    if (n < 0) {
      return -logRising2(a + n, -n);
    }
    double x = a;
    double shift = 0;
    while (x < ASYMPTOTIC) {
      double ratio = n / (x + n) / x;
      shift -= ratio * (1 / x + 1 / (x + n));
      x++;
    }
    double logarithm = log1p(n / x);
    double sum = expm1(-logarithm) / x + 0.5 * expm1(-2 * logarithm) / (x * x);
    double power = 1 / (x * x * x);
    for (int k = 0; k < STIRLING.length; k++) {
      sum += STIRLING[k] * (2 * k + 1) * (2 * k + 2) * power * expm1(-(2 * k + 3) * logarithm);
      power /= x * x;
    }
    return sum + shift;
  }

  /** lgamma(a) + lgamma(b) - lgamma(a + b). */
  static double logBeta(double a, double b) {
    double least = Math.min(a, b);
    return SpecialFunctions.lgamma(least) - logRising(Math.max(a, b), least);
  }

  /*
   * What lgamma(1/s + n) - lgamma(1/s) is above n log(1/s): the sum of log(1 + k s) over k < n where
   * n is an integer. It is smooth at s = 0, where the gamma functions are infinite.
   */

  /** The excess itself. */
  static double excess(double s, double n) {
    if (isFew(n)) {
      double sum = 0;
      for (int k = 1; k < n; k++) {
        sum += log1p(k * s);
      }
      return sum;
    }
    if (!isSmall(s, n)) {
      return logRising(1 / s, n) + n * log(s);
    }
    double u = n * s;
    double logarithm = log1p(u);
    double series = 0;
    double power = s;
    for (int k = 0; k < STIRLING.length; k++) {
      series += STIRLING[k] * power * expm1(-(2 * k + 1) * logarithm);
      power *= s * s;
    }
    return (s == 0 ? 0 : log1pMinus(u) / s) + (n - 0.5) * logarithm + series;
  }

  /** Its derivative by s. */
  static double excessS(double s, double n) {
    if (isFew(n)) {
      double sum = 0;
      for (int k = 1; k < n; k++) {
        sum += k / (1 + k * s);
      }
      return sum;
    }
    if (!isSmall(s, n)) {
      double a = 1 / s;
      return (n - logRising1(a, n) * a) * a;
    }
    double u = n * s;
    double ratio = 1 / (1 + u);
    double series = 0;
    double power = 1;
    double behind = ratio * ratio;
    for (int k = 0; k < STIRLING.length; k++) {
      series += STIRLING[k] * (2 * k + 1) * (behind - power);
      power *= s * s;
      behind *= s * s * ratio * ratio;
    }
    return n * n * slope(u) + (n - 0.5) * n * ratio + series;
  }

  /** Its second derivative by s. */
  static double excessSS(double s, double n) {
    if (isFew(n)) {
      double sum = 0;
      for (int k = 1; k < n; k++) {
        double term = k / (1 + k * s);
        sum -= term * term;
      }
      return sum;
    }
    if (!isSmall(s, n)) {
      double a = 1 / s;
      return a * a * (a * a * logRising2(a, n) + 2 * a * logRising1(a, n) - n);
    }
    double u = n * s;
    double ratio = 1 / (1 + u);
    double q = s * ratio;
    double series = 0;
    for (int k = 0; k < STIRLING.length; k++) {
      int order = 2 * k + 1;
      series +=
          STIRLING[k]
              * (secondPower(order, q) * ratio * ratio * ratio * ratio
                  - 2 * n * order * Math.pow(q, order - 1) * ratio * ratio * ratio
                  - secondPower(order, s));
    }
    return n * n * n * bend(u) - (n - 0.5) * n * n * ratio * ratio + series;
  }

  /** d2 x^order / dx2. */
  private static double secondPower(int order, double x) {
    return order < 2 ? 0 : order * (order - 1) * Math.pow(x, order - 2);
  }

  /** Its derivative by n: digamma(1/s + n) - log(1/s). */
  static double excessN(double s, double n) {
    if (!isSmall(s, n)) {
      return SpecialFunctions.digamma(1 / s + n) + log(s);
    }
    double q = s / (1 + n * s);
    double sum = log1p(n * s) - 0.5 * q;
    double power = q * q;
    for (int k = 0; k < STIRLING.length; k++) {
      sum -= STIRLING[k] * (2 * k + 1) * power;
      power *= q * q;
    }
    return sum;
  }

  /** Its second derivative by s and n. */
  static double excessSN(double s, double n) {
    if (!isSmall(s, n)) {
      double a = 1 / s;
      return a * (1 - a * SpecialFunctions.trigamma(a + n));
    }
    double ratio = 1 / (1 + n * s);
    double q = s * ratio;
    double sum = n * ratio - 0.5 * ratio * ratio;
    double power = q;
    for (int k = 0; k < STIRLING.length; k++) {
      sum -= STIRLING[k] * (2 * k + 1) * (2 * k + 2) * power * ratio * ratio;
      power *= q * q;
    }
    return sum;
  }

  /** Its second derivative by n: trigamma(1/s + n). */
  static double excessNN(double s, double n) {
    return s == 0 ? 0 : SpecialFunctions.trigamma(1 / s + n);
  }

  /** ((log(1 + u) - u) / u)' u-wise: (-u^2 / (1 + u) - (log(1 + u) - u)) / u^2. */
  private static double slope(double u) {
    return u == 0 ? -0.5 : (-u * u / (1 + u) - log1pMinus(u)) / (u * u);
  }

  /** (-u^2 / (1 + u)^2 + 2 u^2 / (1 + u) + 2 (log(1 + u) - u)) / u^3. */
  private static double bend(double u) {
    if (Math.abs(u) > SMALL) {
      double ratio = u / (1 + u);
      return (-ratio * ratio + 2 * u * ratio + 2 * log1pMinus(u)) / (u * u * u);
    }
    double sum = 0;
    double power = 1;
    for (int j = 3; j <= 34; j++) {
      double term = power * (3 - j - 2.0 / j);
      sum += j % 2 == 0 ? term : -term;
      power *= u;
    }
    return sum;
  }

  private static boolean isFew(double n) {
    return n >= 0 && n <= FEW && n == Math.rint(n);
  }

  private static boolean isSmall(double s, double n) {
    return s >= 0 && s <= 1 / ASYMPTOTIC && n >= 0;
  }

  private static boolean isPole(double u) {
    return Double.isNaN(u) || u <= 0 && u == Math.rint(u);
  }
}
