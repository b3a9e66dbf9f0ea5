package org.sparkcurvature.ops;

import org.hipparchus.special.Gamma;

/**
 * Special functions to near machine precision over their whole range, tails included; where
 * Hipparchus is not accurate enough or has no such function it is written here.
 */
final class SpecialFunctions {
  private SpecialFunctions() {}

  private static final double SQRT_HALF = Math.sqrt(0.5);
  private static final double LN2 = Math.log(2);
  private static final double LOG_PI = Math.log(Math.PI);
  private static final double LOG_SQRT_2PI = 0.5 * Math.log(2 * Math.PI);
  private static final double SQRT_2_OVER_PI = Math.sqrt(2 / Math.PI);
  private static final double TWO_OVER_SQRT_PI = 2 / Math.sqrt(Math.PI);
  private static final double ONE_OVER_SQRT_2PI = 1 / Math.sqrt(2 * Math.PI);

  /** Below this the error function is its power series: 1 - erfc would cancel. */
  private static final double NEAR_ZERO = 0.5;

  /** Below this the lower tail of the normal distribution is taken from its continued fraction. */
  private static final double TAIL = -5;

  /**
   * (1 + 2x) exp(x^2) erfc(x) as a Chebyshev series in 1 - 7.5 / (x + 3.75) (Shepherd and
   * Laframboise 1981); the test's reference.py recomputes the coefficients.
   */
  private static final double[] SCALED_ERFC = {
    1.1775789345674017, -0.004590054580646478, -0.08424913336651792,
    0.05920993999819189, -0.026658668435305753, 0.009074997670705265,
    -0.002413163540417608, 0.0004907758365258086, -6.916973302501207E-05,
    4.13902798607301E-06, 7.74038306619849E-07, -2.1886401049234397E-07,
    1.076499946567091E-08, 4.521959811218287E-09, -7.754400208831351E-10,
    -6.318088340886684E-11, 2.86879501093067E-11, 1.9455868545777347E-13,
    -9.65469674843344E-13, 3.25254814814874E-14, 3.3478119482868056E-14,
    -1.864562880419313E-15, -1.2507950530688648E-15, 7.418235256624044E-17,
    5.068148904796111E-17
  };

  /** exp(x^2) erfc(x) for x of at least 0: falls like 1 / x, where erfc itself underflows. */
  static double scaledErfc(double x) {
    double t = 1 - 7.5 / (x + 3.75);
    double next = 0;
    double afterNext = 0;
    for (int k = SCALED_ERFC.length - 1; k >= 1; k--) {
      double term = 2 * t * next - afterNext + SCALED_ERFC[k];
      afterNext = next;
      next = term;
    }
    return (t * next - afterNext + SCALED_ERFC[0]) / (1 + 2 * x);
  }

  /** exp(-factor u^2) with the rounding of the square made good: u^2 may be in the hundreds. */
  private static double gaussian(double u, double factor) {
    double square = u * u;
    if (square > 1e4) {
      return 0;
    }
    double lost = Math.fma(u, u, -square);
    return Math.exp(-factor * square) * (1 - factor * lost);
  }

  static double erf(double u) {
    if (Math.abs(u) > NEAR_ZERO) {
      return u > 0 ? 1 - erfc(u) : erfc(-u) - 1;
    }
    // Abramowitz and Stegun 7.1.5.
    double square = u * u;
    double term = u;
    double sum = u;
    for (int k = 1; k <= 14; k++) {
      term *= -square / k;
      sum += term / (2 * k + 1);
    }
    return TWO_OVER_SQRT_PI * sum;
  }

  static double erfc(double u) {
    if (Math.abs(u) <= NEAR_ZERO) {
      return 1 - erf(u);
    }
    return u > 0 ? gaussian(u, 1) * scaledErfc(u) : 2 - gaussian(u, 1) * scaledErfc(-u);
  }

  /** d erf / du = 2 / sqrt(pi) exp(-u^2). */
  static double erf1(double u) {
    return TWO_OVER_SQRT_PI * gaussian(u, 1);
  }

  static double normalDensity(double u) {
    return ONE_OVER_SQRT_2PI * gaussian(u, 0.5);
  }

  static double normalCdf(double u) {
    double tail = 0.5 * gaussian(u, 0.5) * scaledErfc(Math.abs(u) * SQRT_HALF);
    return u > 0 ? 1 - tail : tail;
  }

  /** log of the normal distribution function. */
  static double normalLogCdf(double u) {
    return u > 0
        ? Math.log1p(-normalCdf(-u))
        : Math.log(scaledErfc(-u * SQRT_HALF)) - LN2 - 0.5 * u * u;
  }

  /** phi(u) / Phi(u). */
  static double normalLogCdf1(double u) {
    return u > 0 ? normalDensity(u) / normalCdf(u) : SQRT_2_OVER_PI / scaledErfc(-u * SQRT_HALF);
  }

  /**
   * -r (r + u) with r = phi(u) / Phi(u); in the tail r + u is the continued fraction of Mills'
   * ratio itself (Abramowitz and Stegun 26.2.14), so nothing cancels.
   */
  static double normalLogCdf2(double u) {
    double r = normalLogCdf1(u);
    return u < TAIL ? -r * tail(-u) : -r * (r + u);
  }

  /** 1/(t + 2/(t + 3/(t + ...))), by which phi(t) / (1 - Phi(t)) exceeds t, for t of at least 5. */
  private static double tail(double t) {
    double fraction = t;
    for (int k = 80; k >= 2; k--) {
      fraction = t + k / fraction;
    }
    return 1 / fraction;
  }

  /** Below this Hipparchus keeps the digits that are left near the zeros 1 and 2. */
  private static final double STIRLING = 8;

  /** log |Gamma(u)|. */
  static double lgamma(double u) {
    if (u > 0) {
      int n = (int) u;
      return n == u && n < LGAMMA_OF_INTEGERS.length ? LGAMMA_OF_INTEGERS[n] : lgammaOfPositive(u);
    }
    if (isPole(u)) {
      return Double.isNaN(u) ? Double.NaN : Double.POSITIVE_INFINITY;
    }
    // Gamma(u) Gamma(1 - u) = pi / sin(pi u)
    return LOG_PI - Math.log(Math.abs(Math.sin(Math.PI * toInteger(u)))) - lgamma(1 - u);
  }

  private static double lgammaOfPositive(double u) {
    return u < STIRLING ? Gamma.logGamma(u) : stirling(u);
  }

  /** log Gamma by Stirling's series (Abramowitz and Stegun 6.1.41) and recurrence up to it. */
  private static double stirling(double u) {
    double x = u;
    double product = 1;
    while (x < ASYMPTOTIC) {
      product *= x;
      x++;
    }
    double inverse = 1 / (x * x);
    double power = 1 / x;
    double series = 0;
    for (int k = 0; k < BERNOULLI.length; k++) {
      series += BERNOULLI[k] / ((2 * k + 1) * (2 * k + 2)) * power;
      power *= inverse;
    }
    return (x - 0.5) * Math.log(x) - x + LOG_SQRT_2PI + series - Math.log(product);
  }

  /** What u is away from the nearest integer, exactly: sin(pi u) and tan(pi u) need no more. */
  private static double toInteger(double u) {
    return u - Math.rint(u);
  }

  private static final double[] BERNOULLI = {
    1.0 / 6, -1.0 / 30, 1.0 / 42, -1.0 / 30, 5.0 / 66, -691.0 / 2730, 7.0 / 6, -3617.0 / 510
  };

  /** From here on the asymptotic series of the polygamma functions reach machine precision. */
  private static final double ASYMPTOTIC = 15;

  /** log Gamma of 1, 2, ...: counts are the usual operands, and each takes as long as ten exps. */
  private static final double[] LGAMMA_OF_INTEGERS = new double[256];

  static {
    for (int n = 1; n < LGAMMA_OF_INTEGERS.length; n++) {
      LGAMMA_OF_INTEGERS[n] = lgammaOfPositive(n);
    }
  }

  /** The root of the digamma function above 0, as a sum. */
  private static final double ROOT = 1.4616321449683622;

  private static final double ROOT_REST = 9.5499954299656977152e-17;

  /** Up to this distance from the root its power series is used. */
  private static final double NEAR_ROOT = 0.04;

  /** The k-th derivative of digamma at its root over k!, for k from 1 on. */
  private static final double[] AT_ROOT = {
    0.96767224544762117043,
    -0.44276316898359210609,
    0.25849976095565101062,
    -0.1639427054424065275,
    0.10782405069126236576,
    -0.072199561256454710926,
    0.048804288164143107225,
    -0.033161126474847359292,
    0.02259764823221810466,
    -0.015424765904948959139,
    0.010538791616612175388,
    -0.007204534386356868241
  };

  /**
   * The derivative of log Gamma: recurrence upwards, then the asymptotic series (Abramowitz and
   * Stegun 6.3.18); reflection at 0 (6.3.7); near the root its power series, which has the digits
   * of a small value.
   */
  static double digamma(double u) {
    if (isPole(u)) {
      return Double.NaN;
    }
    if (u < 0) {
      return digamma(1 - u) - Math.PI / Math.tan(Math.PI * toInteger(u));
    }
    double distance = u - ROOT - ROOT_REST;
    if (Math.abs(distance) < NEAR_ROOT) {
      double sum = 0;
      for (int k = AT_ROOT.length - 1; k >= 0; k--) {
        sum = (sum + AT_ROOT[k]) * distance;
      }
      return sum;
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
    if (u < 0) {
      double quotient = Math.PI / Math.sin(Math.PI * toInteger(u));
      return quotient * quotient - trigamma(1 - u);
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
    if (u < 0) {
      double angle = Math.PI * toInteger(u);
      double quotient = Math.PI / Math.sin(angle);
      return tetragamma(1 - u) - 2 * quotient * quotient * quotient * Math.cos(angle);
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

  /** The fourth derivative of log Gamma, by the same series once more differentiated. */
  static double pentagamma(double u) {
    if (isPole(u)) {
      return Double.NaN;
    }
    if (u < 0) {
      double angle = Math.PI * toInteger(u);
      double quotient = Math.PI / Math.sin(angle);
      double square = quotient * quotient;
      return square * square * (2 + 4 * Math.cos(angle) * Math.cos(angle)) - pentagamma(1 - u);
    }
    double x = u;
    double shift = 0;
    while (x < ASYMPTOTIC) {
      shift += 6 / (x * x) / (x * x);
      x++;
    }
    double inverse = 1 / (x * x);
    double power = inverse * inverse / x;
    double series = 0;
    for (int k = 0; k < BERNOULLI.length; k++) {
      series += (2 * k + 3) * (2 * k + 4) * BERNOULLI[k] * power;
      power *= inverse;
    }
    return 2 * inverse / x + 3 * inverse * inverse + series + shift;
  }

  /**
   * The inverse of the error function: Giles' approximation (2012), by Halley's method on whichever
   * of erf and erfc is known to all its digits.
   */
  static double erfinv(double u) {
    double t = Math.abs(u);
    if (!(t < 1)) {
      return t == 1 ? u / 0.0 : Double.NaN;
    }
    double w = -Math.log((1 - t) * (1 + t));
    double s = Math.sqrt(w);
    double x = t * (w < 5 ? 0.886 + 0.232 * (w < 1 ? w : 0.7 * w) : 0.95 * s / t);
    for (int step = 0; step < 6; step++) {
      double slope = erf1(x);
      double error = t < NEAR_ZERO ? erf(x) - t : (1 - t) - erfc(x);
      double move = error / slope;
      x -= move / (1 + x * move);
    }
    return u < 0 ? -x : x;
  }

  private static boolean isPole(double u) {
    return Double.isNaN(u) || u <= 0 && u == Math.rint(u);
  }
}
