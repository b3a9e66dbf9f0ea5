package org.sparkcurvature.ops;

import static java.lang.Math.abs;
import static java.lang.Math.cos;
import static java.lang.Math.exp;
import static java.lang.Math.expm1;
import static java.lang.Math.log1p;
import static java.lang.Math.sin;
import static java.lang.Math.sqrt;

/**
 * Quotients whose numerator and denominator vanish together, with two derivatives each: power
 * series where the quotient would cancel, the quotient itself elsewhere.
 */
final class Ratios {
  private Ratios() {}

  /** Bounds below which the power series are used; the closed forms lose under two digits there. */
  private static final double EXP_SERIES = 2;

  private static final double LOG_SERIES = 0.4;
  private static final double SIN_SERIES = 1;
  private static final double ACOS_SERIES = 0.3;

  private static final int TERMS = 45;

  /** From here on exp overflows. */
  private static final double OVERFLOWS = 709;

  /** (exp(u) - 1) / u. */
  static double exprel(double u) {
    return u == 0 ? 1 : u > OVERFLOWS ? exp(u - Math.log(u)) : expm1(u) / u;
  }

  static double exprel1(double u) {
    if (abs(u) < EXP_SERIES) {
      return exprelSeries(u, 1);
    }
    return u > OVERFLOWS ? exp(u - Math.log(u)) * (1 - 1 / u) : (exp(u) * (u - 1) + 1) / (u * u);
  }

  static double exprel2(double u) {
    if (abs(u) < EXP_SERIES) {
      return exprelSeries(u, 2);
    }
    double shape = (u - 2) * u + 2;
    return u > OVERFLOWS
        ? exp(u - Math.log(u)) * (1 - 2 / u * (1 - 1 / u))
        : exp(u) / u / u / u * shape - 2 / u / u / u;
  }

  /** The derivative of the sum of u^j / (j + 1)!. */
  private static double exprelSeries(double u, int order) {
    double term = 1;
    double sum = 0;
    for (int j = 1; j < TERMS; j++) {
      // term is u^(j - order) / (j + 1)!, without the power as long as that is negative.
      term *= (j > order ? u : 1) / (j + 1);
      sum += term * (order == 1 ? j : j * (j - 1));
    }
    return sum;
  }

  /** log(1 + u) / u. */
  static double log1pRatio(double u) {
    return u == 0 ? 1 : log1p(u) / u;
  }

  static double log1pRatio1(double u) {
    return abs(u) < LOG_SERIES ? log1pSeries(u, 1) : (u / (1 + u) - log1p(u)) / u / u;
  }

  static double log1pRatio2(double u) {
    if (abs(u) < LOG_SERIES) {
      return log1pSeries(u, 2);
    }
    double ratio = u / (1 + u);
    return (2 * log1p(u) - ratio * (2 + ratio)) / u / u / u;
  }

  /** The derivative of the sum of (-u)^j / (j + 1). */
  private static double log1pSeries(double u, int order) {
    double power = 1;
    double sum = 0;
    for (int j = order; j < TERMS; j++) {
      double factor = (double) (order == 1 ? j : j * (j - 1)) / (j + 1);
      sum += j % 2 == 0 ? factor * power : -factor * power;
      power *= u;
    }
    return sum;
  }

  /** sin(u) / u. */
  static double sinc(double u) {
    return u == 0 ? 1 : sin(u) / u;
  }

  static double sinc1(double u) {
    return abs(u) < SIN_SERIES ? sincSeries(u, 1) : (cos(u) - sin(u) / u) / u;
  }

  static double sinc2(double u) {
    return abs(u) < SIN_SERIES ? sincSeries(u, 2) : -(sin(u) + 2 * (cos(u) - sin(u) / u) / u) / u;
  }

  /** The derivative of the sum of (-1)^j u^(2j) / (2j + 1)!. */
  private static double sincSeries(double u, int order) {
    double term = 1;
    double sum = 0;
    for (int j = 1; j < 15; j++) {
      term *= -(j == 1 ? order == 1 ? u : 1 : u * u) / (2 * j * (2 * j + 1));
      sum += term * (order == 1 ? 2 * j : 2 * j * (2 * j - 1));
    }
    return sum;
  }

  /**
   * acos(u)^2, which is smooth at 1, where acos is not. Arguments that rounding has taken beyond 1
   * continue it.
   */
  static double acosSquare(double u) {
    if (isNearOne(u)) {
      return acosSeries(1 - u, 0);
    }
    double angle = Math.acos(u);
    return angle * angle;
  }

  static double acosSquare1(double u) {
    return isNearOne(u) ? -acosSeries(1 - u, 1) : -2 * Math.acos(u) / sqrt((1 - u) * (1 + u));
  }

  static double acosSquare2(double u) {
    return isNearOne(u) ? acosSeries(1 - u, 2) : (2 + u * acosSquare1(u)) / ((1 - u) * (1 + u));
  }

  private static boolean isNearOne(double u) {
    return u > 1 - ACOS_SERIES && u < 1 + 8 * Math.ulp(1.0);
  }

  /**
   * A derivative of acos(1 - t)^2 by t: the sum of 2 (2t)^k / (k^2 binomial(2k, k)), from that of
   * asin(x)^2 at x^2 = t / 2.
   */
  private static double acosSeries(double t, int order) {
    double term = 1; // 2^(k + 1) / (k^2 binomial(2k, k)) without the k^2
    double power = 1;
    double sum = 0;
    for (int k = 1; k < TERMS; k++) {
      term *= k == 1 ? 2 : 2 * k / (2.0 * (2 * k - 1));
      double factor = order == 0 ? 1 : order == 1 ? k : k * (k - 1);
      if (k >= order) {
        power *= k > order || order == 0 ? t : 1;
        sum += term / ((double) k * k) * factor * power;
      }
    }
    return sum;
  }
}
