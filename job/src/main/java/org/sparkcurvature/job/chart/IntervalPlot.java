package org.sparkcurvature.job.chart;

import java.util.List;
import java.util.OptionalDouble;
import java.util.stream.DoubleStream;

/** Numbers with intervals, one below the other. */
public final class IntervalPlot {
  private static final double ROW = 20;
  private static final double LABELS = 200;

  private IntervalPlot() {}

  /**
   * A line of the picture.
   *
   * @param low of the interval; NaN where there is none, infinite where it has no end
   */
  public record Line(String name, double value, double low, double high) {
    boolean isDrawn() {
      return Double.isFinite(value);
    }
  }

  /**
   * The picture.
   *
   * @param finding what it shows
   * @param lines at least one
   * @param label of the axis
   * @param reference what intervals are compared with, such as 0
   * @param logarithmic for ratios; every value is above 0 then
   */
  public static Figure of(
      String id,
      String finding,
      List<Line> lines,
      String label,
      OptionalDouble reference,
      boolean logarithmic) {
    Plot plot = new Plot(id, finding, 56 + ROW * lines.size(), LABELS);
    double[] shown =
        DoubleStream.concat(
                reference.stream(),
                lines.stream()
                    .filter(Line::isDrawn)
                    .flatMapToDouble(
                        line -> DoubleStream.of(line.value(), line.low(), line.high())))
            .toArray();
    Scale x =
        logarithmic
            ? Scale.logarithmic(shown, plot.left(), plot.right())
            : Scale.around(shown, plot.left(), plot.right());
    plot.lowerAxis(x, label);
    reference.ifPresent(
        value -> plot.reference(x.at(value), plot.top(), x.at(value), plot.bottom()));
    for (int k = 0; k < lines.size(); k++) {
      Line line = lines.get(k);
      double y = plot.top() + ROW * (k + 0.5);
      plot.text(
          LABELS - 8, y + 4, Names.within(line.name(), LABELS - 16, Plot.TEXT), "end", Plot.TEXT);
      if (line.isDrawn()) {
        if (!Double.isNaN(line.low()) && !Double.isNaN(line.high())) {
          plot.outlined(1, Shapes.interval(x.at(line.low()), x.at(line.high()), y));
        }
        plot.filled(1, Shapes.disc(x.at(line.value()), y, 4), 1);
      }
    }
    return plot.figure();
  }
}
