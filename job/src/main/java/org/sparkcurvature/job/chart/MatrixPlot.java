package org.sparkcurvature.job.chart;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * A symmetric matrix of numbers from -1 to 1: the larger the magnitude the fuller the colour;
 * positive ones are squares of one colour, negative ones diamonds of the other.
 */
public final class MatrixPlot {
  /** The largest order that is drawn element by element. */
  public static final int LARGEST = 60;

  private static final int WITH_NUMBERS = 9;
  private static final int SHADES = 10;
  private static final double LABELS = 150;
  private static final double SMALLEST = 9;

  private MatrixPlot() {}

  /** An element of a matrix. */
  @FunctionalInterface
  public interface Element {
    double at(int row, int column);
  }

  /**
   * The picture.
   *
   * @param names one for each row, at most {@link #LARGEST} of them
   */
  public static Figure of(String id, String finding, List<String> names, Element element) {
    int n = names.size();
    double size = Math.min(44, (Plot.WIDTH - LABELS - 20) / n);
    Plot plot = new Plot(id, finding, 20 + size * n, LABELS);
    Map<Integer, StringBuilder> paths = new TreeMap<>();
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < n; j++) {
        double value = element.at(i, j);
        int shade = (int) Math.ceil(SHADES * Math.min(1, Math.abs(value)));
        if (shade > 0) {
          double x = LABELS + j * size;
          double y = plot.top() + i * size;
          boolean positive = value > 0;
          paths
              .computeIfAbsent(positive ? shade : -shade, k -> new StringBuilder())
              .append(
                  positive
                      ? Shapes.box(x, y, size, size)
                      : Shapes.diamond(x + size / 2, y + size / 2, size / 2));
        }
      }
    }
    paths.forEach(
        (shade, path) ->
            plot.filled(shade > 0 ? 1 : 2, path.toString(), Math.abs(shade) / (double) SHADES));
    labels(plot, names, size);
    if (n <= WITH_NUMBERS) {
      numbers(plot, n, size, element);
    }
    return plot.figure();
  }

  private static void labels(Plot plot, List<String> names, double size) {
    double text = Math.min(Plot.TEXT, Math.max(SMALLEST, size - 1));
    // Rows that are lower than their names have every other one, or fewer.
    int every = (int) Math.max(1, Math.ceil((SMALLEST + 1) / size));
    for (int k = 0; k < names.size(); k += every) {
      plot.text(
          LABELS - 6,
          plot.top() + (k + 0.5) * size + text / 3,
          Names.within(names.get(k), LABELS - 12, text),
          "end",
          text);
    }
    plot.line(LABELS, plot.top(), LABELS + size * names.size(), plot.top());
    plot.line(LABELS, plot.top(), LABELS, plot.top() + size * names.size());
  }

  /** On a plain ground, so that they can be read on any shade. */
  private static void numbers(Plot plot, int n, double size, Element element) {
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < n; j++) {
        double value = element.at(i, j);
        plot.badge(
            LABELS + (j + 0.5) * size,
            plot.top() + (i + 0.5) * size,
            Double.isNaN(value) ? "-" : String.format(Locale.ROOT, "%.2f", value));
      }
    }
  }

  /**
   * A matrix of more rows as one of the mean magnitudes of blocks, at most {@link #LARGEST} of
   * them.
   *
   * @param order n
   * @param blocks how many
   */
  public static Element blocks(int order, int blocks, Element element) {
    double[][] means = new double[blocks][blocks];
    for (int a = 0; a < blocks; a++) {
      for (int b = a; b < blocks; b++) {
        double sum = 0;
        long count = 0;
        for (int i = begin(a, order, blocks); i < begin(a + 1, order, blocks); i++) {
          for (int j = begin(b, order, blocks); j < begin(b + 1, order, blocks); j++) {
            double value = element.at(i, j);
            if (i != j && !Double.isNaN(value)) {
              sum += Math.abs(value);
              count++;
            }
          }
        }
        means[a][b] = count == 0 ? 0 : sum / count;
        means[b][a] = means[a][b];
      }
    }
    return (a, b) -> means[a][b];
  }

  /** The first row of a block. */
  public static int begin(int block, int order, int blocks) {
    return (int) ((long) block * order / blocks);
  }
}
