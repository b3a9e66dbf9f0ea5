package org.sparkcurvature.ops;

import static java.lang.Math.abs;
import static java.lang.Math.exp;
import static java.lang.Math.log;
import static java.lang.Math.log1p;
import static java.lang.Math.pow;
import static java.lang.Math.sqrt;

import org.sparkcurvature.ops.Elementwise.Of;
import org.sparkcurvature.ops.Elementwise.Partial;

/**
 * The part of the table of elementwise functions with functions that exist for the sake of their
 * digits: each is a composition of other functions, and keeps its value and its derivatives where
 * the composition loses them.
 */
final class AccurateFunctions {
  private AccurateFunctions() {}

  private static final Partial ZERO = new Elementwise.Zero();
  private static final double TWO_OVER_SQRT_PI = 2 / sqrt(Math.PI);
  private static final double SQRT2 = sqrt(2);
  private static final double LN2 = log(2);

  /** From here on exp overflows in what it is multiplied with. */
  private static final double OVERFLOWS = 700;

  /** Where the value of a function of two operands is not used. */
  private static Partial of(Elementwise.Lane lane) {
    return new Of(lane);
  }

  static void addTo(Elementwise.Table t) {
    // Differences of log Gamma.
    t.binary(
        "log_rising",
        LogGammaDifferences::logRising,
        of((a, n, y) -> LogGammaDifferences.logRising1(a, n)),
        of((a, n, y) -> SpecialFunctions.digamma(a + n)),
        of((a, n, y) -> LogGammaDifferences.logRising2(a, n)),
        of((a, n, y) -> SpecialFunctions.trigamma(a + n)),
        of((a, n, y) -> SpecialFunctions.trigamma(a + n)));
    t.binary(
        "lbeta",
        LogGammaDifferences::logBeta,
        of((a, b, y) -> -LogGammaDifferences.logRising1(a, b)),
        of((a, b, y) -> -LogGammaDifferences.logRising1(b, a)),
        of((a, b, y) -> -LogGammaDifferences.logRising2(a, b)),
        of((a, b, y) -> -SpecialFunctions.trigamma(a + b)),
        of((a, b, y) -> -LogGammaDifferences.logRising2(b, a)));
    // lgamma(a b), whose derivatives by a factor are finite where those by the product overflow.
    t.binary(
        "lgamma_product",
        (a, b) -> logGammaOfProduct(a, b),
        of((a, b, y) -> logGammaOfProduct1(a, b)),
        of((a, b, y) -> logGammaOfProduct1(b, a)),
        of((a, b, y) -> logGammaOfProduct2(a, b)),
        of((a, b, y) -> logGammaOfProductMixed(a * b)),
        of((a, b, y) -> logGammaOfProduct2(b, a)));
    // log_rising(1/s, n) - n log(1/s).
    t.binary(
        "rising_excess",
        LogGammaDifferences::excess,
        of((s, n, y) -> LogGammaDifferences.excessS(s, n)),
        of((s, n, y) -> LogGammaDifferences.excessN(s, n)),
        of((s, n, y) -> LogGammaDifferences.excessSS(s, n)),
        of((s, n, y) -> LogGammaDifferences.excessSN(s, n)),
        of((s, n, y) -> LogGammaDifferences.excessNN(s, n)));
    t.binary(
        "log_wright",
        (a, u) -> new WrightSeries(a, u, false).value(),
        of((a, u, y) -> new WrightSeries(a, u, true).byA()),
        of((a, u, y) -> new WrightSeries(a, u, true).byU()),
        of((a, u, y) -> new WrightSeries(a, u, true).byAA()),
        of((a, u, y) -> new WrightSeries(a, u, true).byAU()),
        of((a, u, y) -> new WrightSeries(a, u, true).byUU()));
    t.unary(
        "trigamma",
        SpecialFunctions::trigamma,
        of((u, y, none) -> SpecialFunctions.tetragamma(u)),
        of((u, y, none) -> SpecialFunctions.pentagamma(u)));
    // The negative log-likelihood of a count of mean mu = exp(eta) and variance mu + s mu^2,
    // without log(count!).
    t.ternary(
        "negative_binomial",
        (eta, n, s) ->
            (s == 0 ? exp(eta) : softplusOf(eta, s) / s)
                - LogGammaDifferences.excess(s, n)
                + n * (softplusOf(eta, s) - eta),
        of((eta, n, s) -> (mean(eta, s) - n * rest(eta, s))),
        of((eta, n, s) -> softplusOf(eta, s) - eta - LogGammaDifferences.excessN(s, n)),
        of(AccurateFunctions::negativeBinomialS),
        of((eta, n, s) -> mean(eta, s) * rest(eta, s) * (1 + n * s)),
        of((eta, n, s) -> -rest(eta, s)),
        of((eta, n, s) -> mean(eta, s) * (n * rest(eta, s) - mean(eta, s))),
        of((eta, n, s) -> -LogGammaDifferences.excessNN(s, n)),
        of(AccurateFunctions::negativeBinomialNS),
        of(AccurateFunctions::negativeBinomialSS));

    // Quotients that vanish together above and below.
    t.unary(
        "exprel",
        Ratios::exprel,
        of((u, y, none) -> Ratios.exprel1(u)),
        of((u, y, none) -> Ratios.exprel2(u)));
    t.binary(
        "expm1_ratio",
        (u, k) -> u * Ratios.exprel(k * u),
        of((u, k, y) -> exp(k * u)),
        of((u, k, y) -> u * u * Ratios.exprel1(k * u)),
        of((u, k, y) -> k * exp(k * u)),
        of((u, k, y) -> u * exp(k * u)),
        of((u, k, y) -> u * u * u * Ratios.exprel2(k * u)));
    t.binary(
        "log1p_ratio",
        (u, k) -> u * Ratios.log1pRatio(k * u),
        of((u, k, y) -> 1 / (1 + k * u)),
        of((u, k, y) -> u * u * Ratios.log1pRatio1(k * u)),
        of((u, k, y) -> -k / (1 + k * u) / (1 + k * u)),
        of((u, k, y) -> -u / (1 + k * u) / (1 + k * u)),
        of((u, k, y) -> u * u * u * Ratios.log1pRatio2(k * u)));
    t.binary(
        "box_cox",
        (x, k) -> log(x) * Ratios.exprel(k * log(x)),
        of((x, k, y) -> pow(x, k - 1)),
        of((x, k, y) -> log(x) * log(x) * Ratios.exprel1(k * log(x))),
        of((x, k, y) -> (k - 1) * pow(x, k - 2)),
        of((x, k, y) -> pow(x, k - 1) * log(x)),
        of((x, k, y) -> log(x) * log(x) * log(x) * Ratios.exprel2(k * log(x))));
    t.unary(
        "sinc",
        Ratios::sinc,
        of((u, y, none) -> Ratios.sinc1(u)),
        of((u, y, none) -> Ratios.sinc2(u)));
    t.unary(
        "acos_square",
        Ratios::acosSquare,
        of((u, y, none) -> Ratios.acosSquare1(u)),
        of((u, y, none) -> Ratios.acosSquare2(u)));

    t.binary(
        "acosh_sum",
        SumsNearOne::acosh,
        of((a, b, y) -> SumsNearOne.acosh1(a, b)),
        of((a, b, y) -> SumsNearOne.acosh1(a, b)),
        of((a, b, y) -> SumsNearOne.acosh2(a, b)),
        of((a, b, y) -> SumsNearOne.acosh2(a, b)),
        of((a, b, y) -> SumsNearOne.acosh2(a, b)));
    t.binary(
        "atanh_sum",
        SumsNearOne::atanh,
        of((a, b, y) -> SumsNearOne.atanh1(a, b)),
        of((a, b, y) -> SumsNearOne.atanh1(a, b)),
        of((a, b, y) -> SumsNearOne.atanh2(a, b)),
        of((a, b, y) -> SumsNearOne.atanh2(a, b)),
        of((a, b, y) -> SumsNearOne.atanh2(a, b)));

    // Logarithms of probabilities.
    t.unary(
        "logit",
        p -> p > 0.25 && p < 0.75 ? log1p((2 * p - 1) / (1 - p)) : log(p) - log1p(-p),
        of((p, y, none) -> 1 / (p * (1 - p))),
        of((p, y, none) -> (2 * p - 1) / (p * (1 - p)) / (p * (1 - p))));
    t.unary(
        "log_erfc",
        AccurateFunctions::logErfc,
        of((u, y, none) -> -logErfcSlope(u)),
        of((u, y, none) -> logErfc2(u)));
    t.ternary(
        "normal_log_interval",
        (lower, upper, width) -> new NormalInterval(lower, upper, width).value(),
        intervalFirst(0),
        intervalFirst(1),
        intervalFirst(2),
        intervalSecond(0, 0),
        intervalSecond(0, 1),
        intervalSecond(0, 2),
        intervalSecond(1, 1),
        intervalSecond(1, 2),
        intervalSecond(2, 2));
    t.unary(
        "erfinv",
        SpecialFunctions::erfinv,
        of((u, y, none) -> exp(y * y) / TWO_OVER_SQRT_PI),
        new Elementwise.OfFirst((u, y, d) -> 2 * y * d * d));

    // Functions that are finite at 0, where their factors are not.
    t.binary(
        "xlogy",
        (x, y) -> x == 0 ? 0 : x * log(y),
        of((x, y, value) -> log(y)),
        of((x, y, value) -> x == 0 ? 0 : x / y),
        ZERO,
        of((x, y, value) -> 1 / y),
        of((x, y, value) -> x == 0 ? 0 : -x / y / y));
    // pow(t exp(s), k).
    t.ternary(
        "pow_exp",
        (t0, s, k) -> pow(t0 * exp(s), k),
        of((t0, s, k) -> k == 0 ? 0 : k * exp(s) * pow(t0 * exp(s), k - 1)),
        of((t0, s, k) -> k == 0 ? 0 : k * pow(t0 * exp(s), k)),
        of((t0, s, k) -> vanishes(t0, k) ? 0 : pow(t0 * exp(s), k) * (log(t0) + s)),
        of((t0, s, k) -> k == 0 || k == 1 ? 0 : k * (k - 1) * exp(2 * s) * pow(t0 * exp(s), k - 2)),
        of((t0, s, k) -> k == 0 ? 0 : k * k * exp(s) * pow(t0 * exp(s), k - 1)),
        of(
            (t0, s, k) ->
                vanishes(t0, k - 1)
                    ? 0
                    : exp(s) * pow(t0 * exp(s), k - 1) * (1 + k * (log(t0) + s))),
        of((t0, s, k) -> k == 0 ? 0 : k * k * pow(t0 * exp(s), k)),
        of((t0, s, k) -> vanishes(t0, k) ? 0 : pow(t0 * exp(s), k) * (1 + k * (log(t0) + s))),
        of(
            (t0, s, k) ->
                vanishes(t0, k) ? 0 : pow(t0 * exp(s), k) * (log(t0) + s) * (log(t0) + s)));
    t.binary(
            "atan2",
            Math::atan2,
            of((y, x, value) -> x / Math.hypot(x, y) / Math.hypot(x, y)),
            of((y, x, value) -> -y / Math.hypot(x, y) / Math.hypot(x, y)),
            of((y, x, value) -> -2 * fourth(y, x, y, x)),
            of((y, x, value) -> fourth(y - x, y + x, y, x)),
            of((y, x, value) -> 2 * fourth(y, x, y, x)))
        .withKinkIn(0, 1);
  }

  /** Below this u, lgamma(u) = lgamma(1 + u) - log(u) is used. */
  private static final double NEAR_POLE = 1e-3;

  private static double logGammaOfProduct(double a, double b) {
    double u = a * b;
    return abs(u) < NEAR_POLE
        ? SpecialFunctions.lgamma(1 + u) - log(abs(a)) - log(abs(b))
        : SpecialFunctions.lgamma(u);
  }

  /** By a. */
  private static double logGammaOfProduct1(double a, double b) {
    double u = a * b;
    return abs(u) < NEAR_POLE
        ? b * SpecialFunctions.digamma(1 + u) - 1 / a
        : b * SpecialFunctions.digamma(u);
  }

  /** By a, twice. */
  private static double logGammaOfProduct2(double a, double b) {
    double u = a * b;
    return abs(u) < NEAR_POLE
        ? b * b * SpecialFunctions.trigamma(1 + u) + 1 / a / a
        : b * (b * SpecialFunctions.trigamma(u));
  }

  private static double logGammaOfProductMixed(double u) {
    return abs(u) < NEAR_POLE
        ? SpecialFunctions.digamma(1 + u) + u * SpecialFunctions.trigamma(1 + u)
        : SpecialFunctions.digamma(u) + u * SpecialFunctions.trigamma(u);
  }

  /** Whether a power is 0, and stays so when multiplied by the logarithm of its base. */
  private static boolean vanishes(double base, double exponent) {
    return base == 0 && exponent > 0;
  }

  /** a b / (x^2 + y^2)^2. */
  private static double fourth(double a, double b, double y, double x) {
    double r = Math.hypot(x, y);
    return a / r / r * (b / r / r);
  }

  /** log(1 + s exp(eta)). */
  private static double softplusOf(double eta, double s) {
    return eta < OVERFLOWS ? log1p(s * exp(eta)) : eta + log(s);
  }

  /** 1 / (1 + s exp(eta)). */
  private static double rest(double eta, double s) {
    return 1 / (1 + s * exp(eta));
  }

  /** exp(eta) / (1 + s exp(eta)). */
  private static double mean(double eta, double s) {
    return eta < 0 ? exp(eta) / (1 + s * exp(eta)) : 1 / (exp(-eta) + s);
  }

  private static double negativeBinomialS(double eta, double n, double s) {
    double mu = exp(eta);
    return mu * mu * Ratios.log1pRatio1(s * mu)
        + n * mean(eta, s)
        - LogGammaDifferences.excessS(s, n);
  }

  private static double negativeBinomialNS(double eta, double n, double s) {
    // Beyond a dispersion of order one the two terms of the sum approach 1/s.
    return s > 1
        ? (SpecialFunctions.trigamma(1 / s + n) / s - rest(eta, s)) / s
        : mean(eta, s) - LogGammaDifferences.excessSN(s, n);
  }

  private static double negativeBinomialSS(double eta, double n, double s) {
    double mu = exp(eta);
    double mean = mean(eta, s);
    return mu * mu * mu * Ratios.log1pRatio2(s * mu)
        - n * mean * mean
        - LogGammaDifferences.excessSS(s, n);
  }

  private static double logErfc(double u) {
    if (abs(u) < 0.5) {
      return log1p(-SpecialFunctions.erf(u));
    }
    return u > 0
        ? log(SpecialFunctions.scaledErfc(u)) - u * u
        : LN2 + log1p(-0.5 * SpecialFunctions.erfc(-u));
  }

  private static double logErfcSlope(double u) {
    return u > 0
        ? TWO_OVER_SQRT_PI / SpecialFunctions.scaledErfc(u)
        : SpecialFunctions.erf1(u) / SpecialFunctions.erfc(u);
  }

  /** 2 u g - g^2 with g the slope; what is left of it in the tail is known of the normal one. */
  private static double logErfc2(double u) {
    double slope = logErfcSlope(u);
    return u > 3 ? 2 * SpecialFunctions.normalLogCdf2(-SQRT2 * u) : slope * (2 * u - slope);
  }

  private static Elementwise.Partial intervalFirst(int argument) {
    return of((lower, upper, width) -> new NormalInterval(lower, upper, width).first(argument));
  }

  private static Elementwise.Partial intervalSecond(int row, int column) {
    return of((lower, upper, width) -> new NormalInterval(lower, upper, width).second(row, column));
  }
}
