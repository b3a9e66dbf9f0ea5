package org.sparkcurvature.job.chart;

import java.util.Arrays;

/** Counts between edges. */
public final class Histogram {
  private Histogram() {}

  /**
   * The picture.
   *
   * @param edges ascending, one more than counts
   */
  public static Figure of(String id, String finding, double[] edges, long[] counts, String below) {
    Plot plot = new Plot(id, finding, 220, 70);
    Scale x = new Scale(edges[0], edges[edges.length - 1], false, plot.left(), plot.right());
    double most = Arrays.stream(counts).max().orElse(0);
    Scale y = new Scale(0, Math.max(1, most) * 1.05, false, plot.bottom(), plot.top());
    plot.lowerAxis(x, below);
    plot.leftAxis(y, "rows");
    StringBuilder bars = new StringBuilder();
    for (int k = 0; k < counts.length; k++) {
      if (counts[k] > 0) {
        double from = x.at(edges[k]);
        double top = y.at((double) counts[k]);
        bars.append(
            Shapes.box(from, top, Math.max(1, x.at(edges[k + 1]) - from - 1), plot.bottom() - top));
      }
    }
    plot.filled(1, bars.toString(), 1);
    return plot.figure();
  }
}
