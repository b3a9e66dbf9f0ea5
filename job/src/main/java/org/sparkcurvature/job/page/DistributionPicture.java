package org.sparkcurvature.job.page;

import java.util.Arrays;
import java.util.Optional;
import org.sparkcurvature.job.chart.Figure;
import org.sparkcurvature.job.chart.Histogram;
import org.sparkcurvature.job.watch.Distribution;

/** A distribution as a histogram. */
final class DistributionPicture {
  private static final int BARS = 40;

  /** A share of the rows at each end that is counted in the first or the last bar. */
  private static final double END = 0.002;

  private DistributionPicture() {}

  /**
   * The picture; empty where the numbers are all alike, or not finite.
   *
   * @param unit what numbers are divided by
   * @param called what they are
   */
  static Optional<Figure> of(
      String id, String finding, Distribution distribution, double unit, String called) {
    double low = distribution.quantile(END);
    double high = distribution.quantile(1 - END);
    if (!(high > low) || !Double.isFinite((high - low) / unit)) {
      return Optional.empty();
    }
    double[] edges = edges(distribution, low, high);
    double[] shown = Arrays.stream(edges).map(edge -> edge / unit).toArray();
    return Optional.of(
        Histogram.of(
            id,
            finding,
            shown,
            distribution.histogram(edges),
            called + "; the outer bars hold what lies beyond"));
  }

  /** Of few whole numbers each has a bar of its own. */
  private static double[] edges(Distribution distribution, double low, double high) {
    boolean each = distribution.isWhole() && high - low < BARS;
    int bars = each ? (int) (high - low) + 1 : BARS;
    double[] edges = new double[bars + 1];
    for (int k = 0; k <= bars; k++) {
      edges[k] = each ? low - 0.5 + k : low + (high - low) * k / BARS;
    }
    return edges;
  }
}
