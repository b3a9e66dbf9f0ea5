package org.sparkcurvature.job.chart;

import java.util.List;
import java.util.stream.DoubleStream;

/**
 * Numbers by rank on a logarithmic axis: discs above 0, diamonds below; 0 itself lies on the axis.
 */
public final class SignedPlot {
  /** More marks than this are not told apart. */
  private static final int MOST = 600;

  private SignedPlot() {}

  /** The picture of numbers in ascending order. */
  public static Figure of(
      String id,
      String finding,
      double[] values,
      String below,
      String beside,
      List<String> legend) {
    Plot plot = new Plot(id, finding, 260, 70);
    int n = values.length;
    double[] magnitudes = DoubleStream.of(values).map(Math::abs).toArray();
    Scale x = new Scale(0, n + 1, false, plot.left(), plot.right());
    Scale y = Scale.logarithmic(magnitudes, plot.bottom(), plot.top() + 20);
    plot.lowerAxis(x, below);
    plot.leftAxis(y, beside);
    StringBuilder positive = new StringBuilder();
    StringBuilder negative = new StringBuilder();
    double radius = n <= 40 ? 4 : 2;
    int every = Math.max(1, n / MOST);
    for (int k = 0; k < n; k++) {
      if (k % every != 0 && k != n - 1) {
        continue;
      }
      double px = x.at(k + 1);
      double py = magnitudes[k] > 0 ? y.at(magnitudes[k]) : plot.bottom();
      if (values[k] < 0) {
        negative.append(Shapes.diamond(px, py, radius + 1));
      } else {
        positive.append(Shapes.disc(px, py, radius));
      }
    }
    if (positive.length() > 0) {
      plot.filled(1, positive.toString(), 1);
    }
    if (negative.length() > 0) {
      plot.outlined(2, negative.toString());
    }
    plot.legend(legend);
    return plot.figure();
  }
}
