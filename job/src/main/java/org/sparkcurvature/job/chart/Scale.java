package org.sparkcurvature.job.chart;

import java.util.Arrays;

/**
 * From numbers to places along an axis.
 *
 * @param low the number at {@code from}
 * @param high the number at {@code to}
 * @param logarithmic whether equal factors lie equally far apart
 * @param from pixels
 * @param to pixels; less than {@code from} where the axis points up
 */
record Scale(double low, double high, boolean logarithmic, double from, double to) {
  /** Room on both ends of an axis, a share of it. */
  private static final double MARGIN = 0.04;

  Scale {
    if (!(low < high) || !Double.isFinite(low) || !Double.isFinite(high)) {
      throw new IllegalArgumentException("an axis from " + low + " to " + high);
    }
  }

  /** An axis that shows all finite ones of these numbers, with some room around them. */
  static Scale around(double[] values, double from, double to) {
    double low = Arrays.stream(values).filter(Double::isFinite).min().orElse(0);
    double high = Arrays.stream(values).filter(Double::isFinite).max().orElse(1);
    double largest = Math.max(Math.abs(low), Math.abs(high));
    double span = high / 2 - low / 2;
    if (!(span > 1e-12 * largest)) {
      // One number, or several that no picture tells apart.
      double room = largest == 0 ? 1 : largest / 10;
      return new Scale(bounded(low - room), bounded(high + room), false, from, to);
    }
    double room = 2 * MARGIN * span;
    return new Scale(bounded(low - room), bounded(high + room), false, from, to);
  }

  private static double bounded(double value) {
    return Math.max(-Double.MAX_VALUE / 4, Math.min(Double.MAX_VALUE / 4, value));
  }

  /** A logarithmic axis that shows all of these numbers that are above 0. */
  static Scale logarithmic(double[] values, double from, double to) {
    double[] positive = Arrays.stream(values).filter(v -> v > 0 && Double.isFinite(v)).toArray();
    double low = Math.log10(Arrays.stream(positive).min().orElse(1));
    double high = Math.log10(Arrays.stream(positive).max().orElse(1));
    double room = Math.max(MARGIN * (high - low), 0.2);
    return new Scale(
        Math.pow(10, Math.max(-307, low - room)),
        Math.pow(10, Math.min(307, high + room)),
        true,
        from,
        to);
  }

  /** The place of a number; one beyond an end lies on it. */
  double at(double value) {
    double share =
        logarithmic
            ? (Math.log(value) - Math.log(low)) / (Math.log(high) - Math.log(low))
            : (value / 2 - low / 2) / (high / 2 - low / 2);
    return from + (to - from) * Math.max(0, Math.min(1, Double.isNaN(share) ? 0 : share));
  }

  Ticks ticks(int most) {
    return logarithmic ? Ticks.logarithmic(low, high, most) : Ticks.linear(low, high, most);
  }
}
