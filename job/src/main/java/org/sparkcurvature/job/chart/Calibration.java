package org.sparkcurvature.job.chart;

import java.util.List;
import java.util.stream.DoubleStream;

/** Observed means against expected ones, with intervals; on the dashed line the two are equal. */
public final class Calibration {
  private Calibration() {}

  /**
   * A point.
   *
   * @param half half the length of the interval around the observed mean; NaN: no interval
   */
  public record Point(double expected, double observed, double half) {}

  /** The picture of at least one point. */
  public static Figure of(
      String id, String finding, List<Point> points, String below, String beside) {
    Plot plot = new Plot(id, finding, 360, 80);
    double[] values =
        points.stream()
            .flatMapToDouble(
                p ->
                    DoubleStream.of(
                        p.expected(),
                        p.observed() - p.half(),
                        p.observed(),
                        p.observed() + p.half()))
            .toArray();
    Scale both = Scale.around(values, 0, 1);
    Scale x = new Scale(both.low(), both.high(), false, plot.left(), plot.right());
    Scale y = new Scale(both.low(), both.high(), false, plot.bottom(), plot.top());
    plot.lowerAxis(x, below);
    plot.leftAxis(y, beside);
    plot.reference(plot.left(), plot.bottom(), plot.right(), plot.top());
    for (Point point : points) {
      double px = x.at(point.expected());
      if (!Double.isNaN(point.half())) {
        plot.outlined(
            1,
            Shapes.upright(
                px, y.at(point.observed() - point.half()), y.at(point.observed() + point.half())));
      }
      plot.filled(1, Shapes.disc(px, y.at(point.observed()), 4), 1);
    }
    return plot.figure();
  }
}
