package org.sparkcurvature.job.chart;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.DoubleStream;

/** Counts in cells of a plane, on logarithmic axes: the more rows the fuller the colour. */
public final class CellPlot {
  private static final int SHADES = 10;

  /** The width of a row's name, and the distance of two below one another. */
  private static final int LABEL = 120;

  private static final int LINE = 13;

  private CellPlot() {}

  /** A cell, of numbers above 0. */
  public record Cell(double x, double toX, double y, double toY, long count) {}

  /** A row by its name. */
  public record Named(String name, double x, double y) {}

  /**
   * The picture of at least one cell.
   *
   * @param named rows that are marked by name
   */
  public static Figure of(
      String id, String finding, List<Cell> cells, List<Named> named, String below, String beside) {
    Plot plot = new Plot(id, finding, 340, 80);
    Scale x =
        Scale.logarithmic(
            cells.stream().flatMapToDouble(c -> DoubleStream.of(c.x(), c.toX())).toArray(),
            plot.left(),
            plot.right());
    Scale y =
        Scale.logarithmic(
            cells.stream().flatMapToDouble(c -> DoubleStream.of(c.y(), c.toY())).toArray(),
            plot.bottom(),
            plot.top());
    plot.lowerAxis(x, below);
    plot.leftAxis(y, beside);
    double most = Math.log1p((double) cells.stream().mapToLong(Cell::count).max().orElse(1));
    Map<Integer, StringBuilder> paths = new TreeMap<>();
    for (Cell cell : cells) {
      int shade = (int) Math.ceil(SHADES * Math.log1p((double) cell.count()) / most);
      double left = x.at(cell.x());
      double top = y.at(cell.toY());
      paths
          .computeIfAbsent(shade, k -> new StringBuilder())
          .append(Shapes.box(left, top, x.at(cell.toX()) - left, y.at(cell.y()) - top));
    }
    paths.forEach((shade, path) -> plot.filled(1, path.toString(), shade / (double) SHADES));
    List<double[]> labelled = new ArrayList<>();
    for (Named row : named) {
      double px = x.at(row.x());
      double py = y.at(row.y());
      plot.outlined(2, Shapes.diamond(px, py, 4.5));
      boolean onTheLeft = px > (plot.left() + plot.right()) / 2;
      double from = onTheLeft ? px - 8 - LABEL : px + 8;
      double line = free(labelled, from, py + 4);
      labelled.add(new double[] {from, line});
      plot.text(
          px + (onTheLeft ? -8 : 8),
          line,
          Names.within(row.name(), LABEL, 11),
          onTheLeft ? "end" : "start",
          11);
    }
    return plot.figure();
  }

  /** The first line from there downwards on which no other label is in the way. */
  private static double free(List<double[]> labelled, double from, double line) {
    for (double[] other : labelled) {
      if (Math.abs(other[0] - from) < LABEL && Math.abs(other[1] - line) < LINE) {
        return free(labelled, from, other[1] + LINE);
      }
    }
    return line;
  }
}
