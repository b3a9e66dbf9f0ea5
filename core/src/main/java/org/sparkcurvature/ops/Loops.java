package org.sparkcurvature.ops;

import static java.lang.Math.abs;
import static java.lang.Math.log;
import static java.lang.Math.max;
import static java.lang.Math.min;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Elementwise functions of many lanes at once. A pass that only calculates, without a branch, a
 * call or a change between numbers and their bits, the compiler makes of vector instructions; what
 * needs one of those has a pass of its own.
 */
final class Loops {
  private Loops() {}

  private static final double ONE_OVER_LN2 = 1 / log(2);

  /** ln 2 in two parts; the first has so few digits that its product with an exponent is exact. */
  private static final double LN2_HIGH = 0x1.62e42fee00000p-1;

  private static final double LN2_LOW = 0x1.a39ef35793c76p-33;

  /** Added to a number below 2^51, it leaves that rounded to an integer in the last bits. */
  private static final double ROUNDING = 0x1.8p52;

  private static final double EXP_OVERFLOWS = 710;
  private static final double EXP_UNDERFLOWS = -746;

  /** From 2^-100 on exp(x) - 1 is -1. */
  private static final int LEAST_POWER = -100;

  private static final double LARGE = 1e308;

  private static final int MANTISSA_BITS = 52;
  private static final int EXPONENT_BIAS = 1023;

  /** By name, with a prime for each order of the derivative of a function of one operand. */
  private static final Map<String, Elementwise.Loop> LOOPS =
      Map.ofEntries(
          Map.entry(
              "add",
              (a, b, c, y, count) -> {
                for (int i = 0; i < count; i++) {
                  y[i] = a[i] + b[i];
                }
              }),
          Map.entry(
              "subtract",
              (a, b, c, y, count) -> {
                for (int i = 0; i < count; i++) {
                  y[i] = a[i] - b[i];
                }
              }),
          Map.entry(
              "multiply",
              (a, b, c, y, count) -> {
                for (int i = 0; i < count; i++) {
                  y[i] = a[i] * b[i];
                }
              }),
          Map.entry(
              "divide",
              (a, b, c, y, count) -> {
                for (int i = 0; i < count; i++) {
                  y[i] = a[i] / b[i];
                }
              }),
          Map.entry("negate", (a, b, c, y, count) -> negate(a, y, count)),
          Map.entry(
              "square",
              (a, b, c, y, count) -> {
                for (int i = 0; i < count; i++) {
                  y[i] = a[i] * a[i];
                }
              }),
          Map.entry(
              "square'",
              (a, b, c, y, count) -> {
                for (int i = 0; i < count; i++) {
                  y[i] = 2 * a[i];
                }
              }),
          Map.entry(
              "log",
              (a, b, c, y, count) -> {
                for (int i = 0; i < count; i++) {
                  y[i] = log(a[i]);
                }
              }),
          Map.entry("exp", (a, b, c, y, count) -> exp(a, y, count)),
          Map.entry("tanh", (a, b, c, y, count) -> tanh(a, c, y, count)),
          Map.entry("tanh'", (a, b, c, y, count) -> sigmoid1(2, a, y, count)),
          Map.entry(
              "tanh''",
              (a, b, c, y, count) -> {
                for (int i = 0; i < count; i++) {
                  y[i] = -2 * b[i] * c[i];
                }
              }),
          Map.entry("sigmoid", (a, b, c, y, count) -> sigmoid(a, c, y, count)),
          Map.entry("sigmoid'", (a, b, c, y, count) -> sigmoid1(1, a, y, count)),
          Map.entry("softplus", (a, b, c, y, count) -> softplus(a, c, y, count)),
          Map.entry("softplus'", (a, b, c, y, count) -> sigmoid(a, c, y, count)),
          Map.entry("softplus''", (a, b, c, y, count) -> sigmoid1(1, a, y, count)),
          Map.entry(
              "log_sigmoid",
              (a, b, c, y, count) -> {
                negate(a, count);
                softplus(a, c, y, count);
                negate(y, count);
              }),
          Map.entry(
              "log_sigmoid'",
              (a, b, c, y, count) -> {
                negate(a, count);
                sigmoid(a, c, y, count);
              }),
          Map.entry(
              "log_sigmoid''",
              (a, b, c, y, count) -> {
                sigmoid1(1, a, y, count);
                negate(y, count);
              }));

  private static final Elementwise.Family TANH =
      new Elementwise.Family("tanh", 2, Loops::tanhAndSlope);

  private static final int SOFTPLUS = 0;
  private static final int SOFTPLUS_OF_OPPOSITE = 1;
  private static final int SIGMOID = 2;
  private static final int SIGMOID_OF_OPPOSITE = 3;
  private static final int SLOPE = 4;

  private static final Elementwise.Family LOGISTIC =
      new Elementwise.Family("logistic", 5, Loops::logistic);

  /**
   * Members of families, by the function's name with a prime for each order of its derivative: of
   * the operand, and of its opposite.
   */
  private static final Map<String, List<Elementwise.Member>> MEMBERS =
      Map.of(
          "tanh", List.of(is(TANH, 0), isNegated(TANH, 0)),
          "tanh'", List.of(is(TANH, 1), is(TANH, 1)),
          "sigmoid", List.of(is(LOGISTIC, SIGMOID), is(LOGISTIC, SIGMOID_OF_OPPOSITE)),
          "sigmoid'", List.of(is(LOGISTIC, SLOPE), is(LOGISTIC, SLOPE)),
          "softplus", List.of(is(LOGISTIC, SOFTPLUS), is(LOGISTIC, SOFTPLUS_OF_OPPOSITE)),
          "softplus'", List.of(is(LOGISTIC, SIGMOID), is(LOGISTIC, SIGMOID_OF_OPPOSITE)),
          "softplus''", List.of(is(LOGISTIC, SLOPE), is(LOGISTIC, SLOPE)),
          "log_sigmoid",
              List.of(isNegated(LOGISTIC, SOFTPLUS_OF_OPPOSITE), isNegated(LOGISTIC, SOFTPLUS)),
          "log_sigmoid'", List.of(is(LOGISTIC, SIGMOID_OF_OPPOSITE), is(LOGISTIC, SIGMOID)),
          "log_sigmoid''", List.of(isNegated(LOGISTIC, SLOPE), isNegated(LOGISTIC, SLOPE)));

  private static Elementwise.Member is(Elementwise.Family family, int result) {
    return new Elementwise.Member(family, result, false);
  }

  private static Elementwise.Member isNegated(Elementwise.Family family, int result) {
    return new Elementwise.Member(family, result, true);
  }

  /** Where the function of this name, with primes, is among those that share their work with it. */
  static Optional<Elementwise.Member> member(String name, boolean ofOpposite) {
    return Optional.ofNullable(MEMBERS.get(name)).map(places -> places.get(ofOpposite ? 1 : 0));
  }

  /** The loop of this name, where there is one. */
  static Optional<Elementwise.Loop> of(String name) {
    return Optional.ofNullable(LOOPS.get(name));
  }

  /** y = exp(x) to a unit in the last place; changes x. */
  static void exp(double[] x, double[] y, int count) {
    reduce(x, y, count);
    for (int i = 0; i < count; i++) {
      y[i] = exp((int) Double.doubleToRawLongBits(x[i]), y[i]);
    }
  }

  /** 2^k (1 + y), in two steps, as 2^k itself may be out of range where the result is not. */
  private static double exp(int k, double y) {
    int half = k >> 1;
    return (1 + y) * power(half) * power(k - half);
  }

  /** 2^k. */
  private static double power(int k) {
    return Double.longBitsToDouble((long) (k + EXPONENT_BIAS) << MANTISSA_BITS);
  }

  /**
   * exp(x) = 2^k (1 + y) with x = k ln 2 + r (Cody and Waite) and y = exp(r) - 1, as its power
   * series up to r^13, of which less than 2e-17 y is left. In place of x is what has k in its last
   * bits; where exp underflows, overflows or is not a number, so is what is made of it.
   */
  private static void reduce(double[] x, double[] y, int count) {
    for (int i = 0; i < count; i++) {
      double bounded = min(max(x[i], EXP_UNDERFLOWS), EXP_OVERFLOWS);
      double rounded = bounded * ONE_OVER_LN2 + ROUNDING;
      double k = rounded - ROUNDING;
      double r = bounded - k * LN2_HIGH - k * LN2_LOW;
      double series = 1 / 479001600.0 + r * (1 / 6227020800.0);
      series = 1 / 3628800.0 + r * (1 / 39916800.0 + r * series);
      series = 1 / 40320.0 + r * (1 / 362880.0 + r * series);
      series = 1 / 720.0 + r * (1 / 5040.0 + r * series);
      series = 1 / 24.0 + r * (1 / 120.0 + r * series);
      series = 1 / 2.0 + r * (1 / 6.0 + r * series);
      x[i] = rounded;
      y[i] = r + r * r * series;
    }
  }

  /**
   * y = tanh(x) to four units in the last place, as the sign of x times -d / (2 + d) with d =
   * exp(-2 |x|) - 1; changes x, and leaves the sign in another array.
   */
  private static void tanh(double[] x, double[] sign, double[] y, int count) {
    signAndDecay(x, sign, count);
    reduce(x, y, count);
    for (int i = 0; i < count; i++) {
      x[i] = power(max((int) Double.doubleToRawLongBits(x[i]), LEAST_POWER));
    }
    tanhOfReduced(x, sign, y, count);
  }

  /** The same with the derivative, 4 e / (1 + e)^2 with e = exp(-2 |x|). */
  private static void tanhAndSlope(
      double[] x, double[] sign, double[] room, double[][] y, int count) {
    double[] value = y[0] == null ? room : y[0];
    double[] slope = y[1] == null ? room : y[1];
    signAndDecay(x, sign, count);
    reduce(x, value, count);
    for (int i = 0; i < count; i++) {
      int k = (int) Double.doubleToRawLongBits(x[i]);
      slope[i] = exp(k, value[i]);
      x[i] = power(max(k, LEAST_POWER));
    }
    tanhOfReduced(x, sign, value, count);
    derivative(2, slope, slope, count);
  }

  /** y = sign (-d) / (2 + d) with d = power (1 + y) - 1. */
  private static void tanhOfReduced(double[] power, double[] sign, double[] y, int count) {
    for (int i = 0; i < count; i++) {
      double d = power[i] * y[i] + (power[i] - 1);
      y[i] = sign[i] * ((0 - d) / (2 + d));
    }
  }

  /** Puts -2 |x| in place of x, and the sign of x, or 0, beside it. */
  private static void signAndDecay(double[] x, double[] sign, int count) {
    for (int i = 0; i < count; i++) {
      // Without a branch, and right for numbers below the least normal one, too.
      sign[i] = min(max(x[i] * LARGE * LARGE, -1), 1);
      x[i] = -2 * abs(x[i]);
    }
  }

  /** y = 1 / (1 + exp(-x)), without an overflow; changes x and the copy of it. */
  private static void sigmoid(double[] x, double[] copy, double[] y, int count) {
    expOfMinusAbsolute(x, copy, y, count);
    sigmoidOfExp(y, LARGE, copy, y, count);
  }

  /** y = 1 / (1 + exp(-x)), of exp(-|x|) and a large multiple of x. */
  private static void sigmoidOfExp(double[] exp, double large, double[] x, double[] y, int count) {
    for (int i = 0; i < count; i++) {
      // exp(min(x, 0)), without a branch: 1 where x is positive, and where exp is all but 1.
      double e = max(exp[i], min(large * x[i], 1));
      y[i] = e / (1 + exp[i]);
    }
  }

  /**
   * y = factor^2 e / (1 + e)^2 with e = exp(-factor |x|): the derivative of the sigmoid with factor
   * 1, that of tanh with 2; changes x.
   */
  private static void sigmoid1(double factor, double[] x, double[] y, int count) {
    for (int i = 0; i < count; i++) {
      x[i] = -factor * abs(x[i]);
    }
    exp(x, y, count);
    derivative(factor, y, y, count);
  }

  /** y = factor^2 e / (1 + e)^2. */
  private static void derivative(double factor, double[] e, double[] y, int count) {
    for (int i = 0; i < count; i++) {
      y[i] = factor * factor * e[i] / ((1 + e[i]) * (1 + e[i]));
    }
  }

  /** y = log(1 + exp(x)), without an overflow; changes x and the copy of it. */
  private static void softplus(double[] x, double[] copy, double[] y, int count) {
    expOfMinusAbsolute(x, copy, y, count);
    log1pOfExp(y, y, count);
    addPositive(1, copy, y, y, count);
  }

  /**
   * Functions of exp(-|x|), those of the opposite with the same bits as if the opposite were given.
   */
  private static void logistic(double[] x, double[] copy, double[] exp, double[][] y, int count) {
    expOfMinusAbsolute(x, copy, exp, count);
    if (y[SIGMOID] != null) {
      sigmoidOfExp(exp, LARGE, copy, y[SIGMOID], count);
    }
    if (y[SIGMOID_OF_OPPOSITE] != null) {
      sigmoidOfExp(exp, -LARGE, copy, y[SIGMOID_OF_OPPOSITE], count);
    }
    if (y[SLOPE] != null) {
      derivative(1, exp, y[SLOPE], count);
    }
    if (y[SOFTPLUS] != null || y[SOFTPLUS_OF_OPPOSITE] != null) {
      log1pOfExp(exp, exp, count);
    }
    if (y[SOFTPLUS] != null) {
      addPositive(1, copy, exp, y[SOFTPLUS], count);
    }
    if (y[SOFTPLUS_OF_OPPOSITE] != null) {
      addPositive(-1, copy, exp, y[SOFTPLUS_OF_OPPOSITE], count);
    }
  }

  /** y = max(sign x, 0) + log: the softplus of sign x, of log(1 + exp(-|x|)). */
  private static void addPositive(double sign, double[] x, double[] log, double[] y, int count) {
    for (int i = 0; i < count; i++) {
      y[i] = max(sign * x[i], 0) + log[i];
    }
  }

  /** y = log(1 + e) for e from 0 to 1. */
  private static void log1pOfExp(double[] exp, double[] y, int count) {
    for (int i = 0; i < count; i++) {
      // log(1 + e) = 2 artanh(e / (2 + e)), of which the series ends where less than 2e-17 is left.
      double s = exp[i] / (2 + exp[i]);
      double z = s * s;
      double series = 1 / 29.0 + z * (1 / 31.0);
      series = 1 / 25.0 + z * (1 / 27.0 + z * series);
      series = 1 / 21.0 + z * (1 / 23.0 + z * series);
      series = 1 / 17.0 + z * (1 / 19.0 + z * series);
      series = 1 / 13.0 + z * (1 / 15.0 + z * series);
      series = 1 / 9.0 + z * (1 / 11.0 + z * series);
      series = 1 / 5.0 + z * (1 / 7.0 + z * series);
      series = 1 / 3.0 + z * series;
      y[i] = 2 * (s + s * z * series);
    }
  }

  private static void negate(double[] x, int count) {
    negate(x, x, count);
  }

  private static void negate(double[] x, double[] y, int count) {
    for (int i = 0; i < count; i++) {
      y[i] = -x[i];
    }
  }

  private static void expOfMinusAbsolute(double[] x, double[] copy, double[] y, int count) {
    for (int i = 0; i < count; i++) {
      copy[i] = x[i];
      x[i] = -abs(x[i]);
    }
    exp(x, y, count);
  }
}
