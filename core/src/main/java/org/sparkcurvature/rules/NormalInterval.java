package org.sparkcurvature.rules;

/**
 * The logarithm of the probability that a standard normal variable lies in an interval, as a
 * function of the lower bound and the width; with both bounds as arguments, the derivatives of a
 * narrow interval would cancel in whatever moves both.
 *
 * <p>With f the density, P the probability, g = f(upper) / P, h = f(lower) / P and E the mean of
 * the distance to the upper bound within the interval, the derivatives are
 *
 * <pre>
 *   d/dlower = g - h      d2/dlower2        = variance within the interval - 1
 *   d/dwidth = g          d2/dlower dwidth  = -g E        d2/dwidth2 = -g (E + h)
 * </pre>
 */
final class NormalInterval {

  /** Beyond this, the density falls by exp(-2 * STEEP) or more across the interval. */
  private static final double STEEP = 12;

  /** Wider intervals are the difference of two tails. */
  private static final double WIDE = 4;

  private static final double LOG_SQRT_2PI = 0.5 * Math.log(2 * Math.PI);

  /** Nodes and weights of Gauss and Legendre's rule of 24 points, the positive half. */
  private static final double[][] RULE = rule(24);

  /** The logarithm of the probability. */
  final double value;

  final double byLower;
  final double byWidth;
  final double byLowerLower;
  final double byLowerWidth;
  final double byWidthWidth;

  NormalInterval(double lower, double width) {
    double upper = lower + width;
    double centre = lower + 0.5 * width;
    if (!(width > 0)) {
      value = width == 0 ? Double.NEGATIVE_INFINITY : Double.NaN;
      byLower = Double.NaN;
      byWidth = width == 0 ? Double.POSITIVE_INFINITY : Double.NaN;
      byLowerLower = Double.NaN;
      byLowerWidth = Double.NaN;
      byWidthWidth = width == 0 ? Double.NEGATIVE_INFINITY : Double.NaN;
    } else if (width <= WIDE && Math.abs(centre) * width <= 2 * STEEP) {
      double half = 0.5 * width;
      double total = 0;
      double mean = 0;
      double distance = 0;
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
      variance /= total;
      value = Math.log(total) - LOG_SQRT_2PI - 0.5 * centre * centre;
      double g = Math.exp(-half * (centre + 0.5 * half)) / total;
      double h = Math.exp(half * (centre - 0.5 * half)) / total;
      byLower = -(centre + mean);
      byWidth = g;
      byLowerLower = variance - 1;
      byLowerWidth = -g * distance;
      byWidthWidth = -g * (distance + h);
    } else {
      // The tail that holds the interval, less what lies beyond its far end.
      boolean left = centre <= 0;
      double near = left ? upper : -lower;
      double far = left ? lower : -upper;
      double beyond =
          Math.exp(SpecialFunctions.normalLogCdf(far) - SpecialFunctions.normalLogCdf(near));
      double rest = 1 - beyond;
      double nearRatio = SpecialFunctions.normalLogCdf1(near);
      double atNear = nearRatio / rest;
      double atFar = beyond == 0 ? 0 : SpecialFunctions.normalLogCdf1(far) * beyond / rest;
      // near + atNear without cancellation, from the curvature of the logarithm of the tail.
      double above = -SpecialFunctions.normalLogCdf2(near) / nearRatio + nearRatio * beyond / rest;
      value = SpecialFunctions.normalLogCdf(near) + Math.log1p(-beyond);
      double g = left ? atNear : atFar;
      double h = left ? atFar : atNear;
      double farBound = atFar == 0 ? 0 : far * atFar;
      byLower = g - h;
      byWidth = g;
      byLowerLower = farBound - atNear * above + 2 * atNear * atFar - atFar * atFar;
      byLowerWidth = g == 0 ? 0 : -g * (left ? above - h : upper + g - h);
      byWidthWidth = g == 0 ? 0 : -g * (left ? above : upper + g);
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
