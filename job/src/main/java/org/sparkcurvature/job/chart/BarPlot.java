package org.sparkcurvature.job.chart;

import java.util.List;

/** Amounts of a few things, one bar below the other. */
public final class BarPlot {
  private static final double ROW = 24;
  private static final double LABELS = 200;

  private BarPlot() {}

  /**
   * A bar.
   *
   * @param text the amount as it is said beside it
   */
  public record Bar(String name, double amount, String text) {}

  /** The picture of amounts of at least 0. */
  public static Figure of(String id, String finding, List<Bar> bars, String label) {
    Plot plot = new Plot(id, finding, 56 + ROW * bars.size(), LABELS);
    double most = bars.stream().mapToDouble(Bar::amount).max().orElse(0);
    Scale x = new Scale(0, most > 0 ? most * 1.2 : 1, false, plot.left(), plot.right());
    plot.lowerAxis(x, label);
    StringBuilder path = new StringBuilder();
    for (int k = 0; k < bars.size(); k++) {
      double y = plot.top() + ROW * k;
      double width = x.at(bars.get(k).amount()) - plot.left();
      path.append(Shapes.box(plot.left(), y + 3, Math.max(width, 0.5), ROW - 6));
      plot.text(
          LABELS - 8,
          y + ROW / 2 + 4,
          Names.within(bars.get(k).name(), LABELS - 16, Plot.TEXT),
          "end",
          Plot.TEXT);
      plot.text(plot.left() + width + 6, y + ROW / 2 + 4, bars.get(k).text(), "start", Plot.TEXT);
    }
    plot.filled(1, path.toString(), 1);
    return plot.figure();
  }
}
