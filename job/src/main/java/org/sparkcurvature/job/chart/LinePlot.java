package org.sparkcurvature.job.chart;

import java.util.List;
import java.util.stream.DoubleStream;

/** How numbers above 0 change from step to step, on a logarithmic axis: one or two series. */
public final class LinePlot {
  private LinePlot() {}

  /**
   * A series.
   *
   * @param x ascending
   * @param y what is not above 0 is left out
   * @param hollow the points that are drawn as outlines
   */
  public record Series(String name, double[] x, double[] y, boolean[] hollow) {}

  /**
   * The picture.
   *
   * @param series one or two
   */
  public static Figure of(
      String id, String finding, List<Series> series, String below, String beside) {
    Plot plot = new Plot(id, finding, 280, 70);
    double[] xs = series.stream().flatMapToDouble(s -> DoubleStream.of(s.x())).toArray();
    double[] ys = series.stream().flatMapToDouble(s -> DoubleStream.of(s.y())).toArray();
    Scale x = Scale.around(xs, plot.left(), plot.right());
    Scale y = Scale.logarithmic(ys, plot.bottom(), plot.top() + 20);
    plot.lowerAxis(x, below);
    plot.leftAxis(y, beside);
    for (int s = 0; s < series.size(); s++) {
      draw(plot, s + 1, series.get(s), x, y);
    }
    plot.legend(series.stream().map(Series::name).toList());
    return plot.figure();
  }

  private static void draw(Plot plot, int number, Series series, Scale x, Scale y) {
    StringBuilder line = new StringBuilder();
    StringBuilder full = new StringBuilder();
    StringBuilder hollow = new StringBuilder();
    boolean open = false;
    for (int k = 0; k < series.x().length; k++) {
      double value = series.y()[k];
      if (!(value > 0) || !Double.isFinite(value)) {
        open = false;
        continue;
      }
      double px = x.at(series.x()[k]);
      double py = y.at(value);
      boolean outline = series.hollow()[k];
      if (!outline) {
        line.append(open ? 'L' : 'M')
            .append(Markup.coordinate(px))
            .append(' ')
            .append(Markup.coordinate(py));
        open = true;
      }
      (outline || number == 2 ? hollow : full)
          .append(number == 1 ? Shapes.disc(px, py, 3.5) : Shapes.diamond(px, py, 4.5));
    }
    plot.outlined(number, line.toString());
    if (full.length() > 0) {
      plot.filled(number, full.toString(), 1);
    }
    if (hollow.length() > 0) {
      plot.outlined(number, hollow.toString());
    }
  }
}
