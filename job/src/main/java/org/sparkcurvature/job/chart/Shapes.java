package org.sparkcurvature.job.chart;

/** Paths of marks, as SVG writes them. */
final class Shapes {
  private Shapes() {}

  private static String c(double value) {
    return Markup.coordinate(value);
  }

  static String disc(double x, double y, double radius) {
    String r = c(radius);
    String arc = "a" + r + " " + r + " 0 1 0 ";
    return "M"
        + c(x - radius)
        + " "
        + c(y)
        + arc
        + c(2 * radius)
        + " 0"
        + arc
        + c(-2 * radius)
        + " 0z";
  }

  static String diamond(double x, double y, double radius) {
    String r = c(radius);
    String back = c(-radius);
    return "M"
        + c(x)
        + " "
        + c(y - radius)
        + "l"
        + r
        + " "
        + r
        + "l"
        + back
        + " "
        + r
        + "l"
        + back
        + " "
        + back
        + "z";
  }

  static String box(double x, double y, double width, double height) {
    return "M" + c(x) + " " + c(y) + "h" + c(width) + "v" + c(height) + "h" + c(-width) + "z";
  }

  /** A line from {@code low} to {@code high} with ends, along x. */
  static String interval(double low, double high, double y) {
    return "M" + c(low) + " " + c(y) + "H" + c(high) + end(low, y) + end(high, y);
  }

  private static String end(double x, double y) {
    return "M" + c(x) + " " + c(y - 4) + "v8";
  }

  /** The same, along y. */
  static String upright(double x, double low, double high) {
    return "M" + c(x) + " " + c(low) + "V" + c(high);
  }
}
