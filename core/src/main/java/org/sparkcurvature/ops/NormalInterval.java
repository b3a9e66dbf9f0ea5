package org.sparkcurvature.ops;

import java.util.Arrays;

/**
 * The logarithm of the probability that a standard normal variable lies between two bounds, whose
 * difference is a third argument: a model knows the width of a narrow interval better than its
 * bounds do.
 *
 * <p>Which arguments it is a function of depends on the interval, so that no derivative is a
 * difference of larger ones. An interval wider than {@link #WIDE} is a function of both bounds. A
 * narrower one is a function of its width and of the bound that is nearer to 0, so that what moves
 * both bounds meets one derivative; a chain rule over the three arguments gives the same in each
 * case, as width = upper - lower.
 *
 * <p>With f the density, P the probability, g = f(upper) / P, h = f(lower) / P and E the mean of
 * the distance to the upper bound within the interval, the derivatives of an interval at or above 0
 * are
 *
 * <pre>
 *   by lower and upper: -h, g               h (lower - h), g h, -g (upper + g)
 *   by lower and width: g - h, g            variance within the interval - 1, -g E, -g (E + h)
 * </pre>
 *
 * An interval below 0 is the mirror image.
 */
final class NormalInterval {

  /** Beyond this, the density falls by exp(-2 * STEEP) or more across the interval. */
  private static final double STEEP = 12;

  /** Wider intervals are functions of both bounds. */
  private static final double WIDE = 4;

  private static final double LOG_SQRT_2PI = 0.5 * Math.log(2 * Math.PI);

  /** Nodes and weights of Gauss and Legendre's rule of 24 points, the positive half. */
  private static final double[][] RULE = rule(24);

  /** The logarithm of the probability. */
  private double value;

  /** By the lower bound, the upper bound and the width. */
  private final double[] first = new double[3];

  private final double[][] second = new double[3][3];

  NormalInterval(double lower, double upper, double width) {
    if (!(width > 0)) {
      empty(width);
    } else if (width > WIDE) {
      wide(lower, upper);
    } else if (lower + upper >= 0) {
      narrow(lower, width, 0, 1);
    } else {
      narrow(-upper, width, 1, -1);
    }
  }

  double value() {
    return value;
  }

  /** The derivative by an argument: 0 the lower bound, 1 the upper one, 2 the width. */
  double first(int argument) {
    return first[argument];
  }

  /** The second derivative by two arguments. */
  double second(int row, int column) {
    return second[row][column];
  }

  /** The limit where nothing lies between the bounds; not a number where they are reversed. */
  private void empty(double width) {
    value = width == 0 ? Double.NEGATIVE_INFINITY : Double.NaN;
    Arrays.fill(first, Double.NaN);
    Arrays.stream(second).forEach(row -> Arrays.fill(row, Double.NaN));
    if (width == 0) {
      first[2] = Double.POSITIVE_INFINITY;
      second[2][2] = Double.NEGATIVE_INFINITY;
    }
  }

  /** The tail that holds the interval, less what lies beyond its far end. */
  private void wide(double lower, double upper) {
    boolean left = lower + upper <= 0;
    double near = left ? upper : -lower;
    double far = left ? lower : -upper;
    Tail tail = new Tail(near, far, (near - far) * -(near + far) / 2);
    value = tail.value;
    int n = left ? 1 : 0;
    int f = 1 - n;
    double outwards = left ? 1 : -1;
    first[n] = outwards * tail.atNear;
    first[f] = -outwards * tail.atFar;
    second[n][n] = tail.atNear == 0 ? 0 : -tail.atNear * tail.above;
    second[f][f] = tail.atFar == 0 ? 0 : tail.atFar * (far - tail.atFar);
    second[n][f] = tail.atNear * tail.atFar;
    second[f][n] = second[n][f];
  }

  /**
   * An interval above 0, or around it with more of it above.
   *
   * @param near its lower bound
   * @param argument which argument that bound is
   * @param sign 1, or -1 if the argument is the negative of the bound
   */
  private void narrow(double near, double width, int argument, int sign) {
    double centre = near + 0.5 * width;
    double byNear;
    double byNearNear;
    double g;
    double h;
    double distance;
    if (centre * width <= 2 * STEEP) {
      double half = 0.5 * width;
      double total = 0;
      double mean = 0;
      distance = 0;
      for (int k = 0; k < RULE[0].length; k++) {
        for (int side = -1; side <= 1; side += 2) {
          double t = side * RULE[0][k] * half;
          double density = RULE[1][k] * half * Math.exp(-t * (centre + 0.5 * t));
          total += density;
          mean += density * t;
          distance += density * (half - t);
        }
      }
      mean /= total;
      distance /= total;
      double variance = 0;
      for (int k = 0; k < RULE[0].length; k++) {
        for (int side = -1; side <= 1; side += 2) {
          double t = side * RULE[0][k] * half;
          double density = RULE[1][k] * half * Math.exp(-t * (centre + 0.5 * t));
          variance += density * (t - mean) * (t - mean);
        }
      }
      value = Math.log(total) - LOG_SQRT_2PI - 0.5 * centre * centre;
      g = Math.exp(-half * (centre + 0.5 * half)) / total;
      h = Math.exp(half * (centre - 0.5 * half)) / total;
      byNear = -(centre + mean);
      byNearNear = variance / total - 1;
    } else {
      double upper = near + width;
      Tail tail = new Tail(-near, -upper, centre * width);
      value = tail.value;
      g = tail.atFar;
      h = tail.atNear;
      distance = width + g - tail.above;
      byNear = g - h;
      byNearNear = -h * tail.above + g * (2 * h - g - upper);
    }
    first[argument] = sign * byNear;
    first[2] = g;
    second[argument][argument] = byNearNear;
    second[argument][2] = sign * -g * distance;
    second[2][argument] = second[argument][2];
    second[2][2] = -g * (distance + h);
  }

  /** What lies below near, and not below far, of which far is further from 0. */
  private static final class Tail {
    final double value;

    /** The density at each end over the probability. */
    final double atNear;

    final double atFar;

    /** near + atNear. */
    final double above;

    /**
     * @param fall (far^2 - near^2) / 2, by which the logarithm of the density falls
     */
    Tail(double near, double far, double fall) {
      double logNear = SpecialFunctions.normalLogCdf(near);
      double ratio = SpecialFunctions.normalLogCdf1(near);
      // A ratio of densities over a ratio of Mills' ratios: the logarithms of the tails may be so
      // large that their difference has no digits.
      double beyond =
          near <= 0
              ? Math.exp(-fall) * (ratio / SpecialFunctions.normalLogCdf1(far))
              : Math.exp(SpecialFunctions.normalLogCdf(far) - logNear);
      double rest = 1 - beyond;
      value = logNear + Math.log1p(-beyond);
      atNear = ratio / rest;
      atFar =
          near <= 0
              ? Math.exp(-fall) * ratio / rest
              : Math.exp(-0.5 * far * far - LOG_SQRT_2PI - value);
      // From the curvature of the logarithm of the tail, where near + atNear would cancel.
      above =
          near <= 0
              ? -SpecialFunctions.normalLogCdf2(near) / ratio + ratio * beyond / rest
              : near + atNear;
    }
  }

  /** Newton's method on Legendre's polynomials, by their recurrence. */
  private static double[][] rule(int points) {
    double[] nodes = new double[points / 2];
    double[] weights = new double[points / 2];
    for (int k = 0; k < nodes.length; k++) {
      double x = Math.cos(Math.PI * (k + 0.75) / (points + 0.5));
      double slope = 1;
      for (int step = 0; step < 100; step++) {
        double before = 1;
        double polynomial = x;
        for (int n = 2; n <= points; n++) {
          double next = ((2 * n - 1) * x * polynomial - (n - 1) * before) / n;
          before = polynomial;
          polynomial = next;
        }
        slope = points * (x * polynomial - before) / (x * x - 1);
        double move = polynomial / slope;
        x -= move;
        if (Math.abs(move) < 1e-17) {
          break;
        }
      }
      nodes[k] = x;
      weights[k] = 2 / ((1 - x * x) * slope * slope);
    }
    return new double[][] {nodes, weights};
  }
}
