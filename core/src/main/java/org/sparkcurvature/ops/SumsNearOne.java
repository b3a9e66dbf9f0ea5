package org.sparkcurvature.ops;

import static java.lang.Math.log1p;
import static java.lang.Math.sqrt;

/**
 * acosh and atanh of a sum of two numbers: near 1, where both are singular, the rounding of the sum
 * would be all that is seen of its distance from 1.
 */
final class SumsNearOne {
  private SumsNearOne() {}

  /** Beyond this 1 is lost beside the square. */
  private static final double LARGE = 1e9;

  private static final double LN2 = Math.log(2);

  /**
   * (a + b) - one, with what rounding takes from the sum added again (Knuth's two-sum); one is 1 or
   * -1, and the difference is exact where it is small.
   */
  private static double excess(double a, double b, double one) {
    double sum = a + b;
    double part = sum - a;
    double lost = (a - (sum - part)) + (b - part);
    return (sum - one) + (Double.isFinite(sum) ? lost : 0);
  }

  static double acosh(double a, double b) {
    double t = excess(a, b, 1);
    return t > LARGE ? Math.log(a + b) + LN2 : log1p(t + sqrt(t) * sqrt(t + 2));
  }

  /** The derivative of acosh by the sum. */
  static double acosh1(double a, double b) {
    double t = excess(a, b, 1);
    return 1 / (sqrt(t) * sqrt(t + 2));
  }

  static double acosh2(double a, double b) {
    double t = excess(a, b, 1);
    return -(t + 1) / (sqrt(t) * sqrt(t + 2)) / t / (t + 2);
  }

  static double atanh(double a, double b) {
    double sum = a + b;
    return sum < 0
        ? -0.5 * log1p(-2 * sum / excess(a, b, -1))
        : 0.5 * log1p(-2 * sum / excess(a, b, 1));
  }

  /** The derivative of atanh by the sum. */
  static double atanh1(double a, double b) {
    return -1 / (excess(a, b, 1) * excess(a, b, -1));
  }

  static double atanh2(double a, double b) {
    double first = atanh1(a, b);
    return 2 * (a + b) * first * first;
  }
}
