package org.sparkcurvature.job.chart;

import java.util.List;

/**
 * An area with two axes, and marks in it. Colours and sizes are attributes, which a style sheet may
 * replace by class: {@code s1} and {@code s2} are the two series, {@code grid} the lines behind.
 */
final class Plot {
  static final double WIDTH = 640;
  static final double TEXT = 12;

  private static final double TICK = 4;

  /** On white; the page's style sheet has others for a dark ground. */
  private static final String[] COLOURS = {"#0a3d78", "#d97706"};

  private final Markup marks = new Markup();
  private final String finding;
  private final String id;
  private final double height;
  private final double left;
  private final double right;
  private final double top;
  private final double bottom;

  /**
   * @param finding what the picture shows
   * @param left pixels left of the area, for labels
   */
  Plot(String id, String finding, double height, double left) {
    this.id = id;
    this.finding = finding;
    this.height = height;
    this.left = left;
    this.right = WIDTH - 16;
    this.top = 10;
    this.bottom = height - 40;
  }

  /** Ends of the area: what scales go from and to. */
  double left() {
    return left;
  }

  double right() {
    return right;
  }

  double top() {
    return top;
  }

  double bottom() {
    return bottom;
  }

  /** The lower axis, with lines up from its ticks. */
  void lowerAxis(Scale scale, String label) {
    Ticks ticks = scale.ticks(7);
    for (int k = 0; k < ticks.values().size(); k++) {
      double x = scale.at(ticks.values().get(k));
      grid(x, top, x, bottom);
      text(x, bottom + 16, ticks.texts().get(k), "middle", TEXT);
    }
    line(left, bottom, right, bottom);
    text((left + right) / 2, height - 6, label, "middle", TEXT);
  }

  /** The left axis, with lines from its ticks. */
  void leftAxis(Scale scale, String label) {
    Ticks ticks = scale.ticks(6);
    for (int k = 0; k < ticks.values().size(); k++) {
      double y = scale.at(ticks.values().get(k));
      grid(left, y, right, y);
      text(left - TICK - 2, y + 4, ticks.texts().get(k), "end", TEXT);
    }
    line(left, top, left, bottom);
    double middle = (top + bottom) / 2;
    marks
        .open(
            "text",
            "transform",
            "translate(14 " + Markup.coordinate(middle) + ") rotate(-90)",
            "text-anchor",
            "middle",
            "font-size",
            TEXT,
            "fill",
            "currentColor")
        .text(label)
        .close("text");
  }

  private void grid(double x1, double y1, double x2, double y2) {
    marks.empty(
        "line", "class", "grid", "x1", x1, "y1", y1, "x2", x2, "y2", y2, "stroke", "#d8d8d8");
  }

  /** A line of the axes' colour. */
  void line(double x1, double y1, double x2, double y2) {
    marks.empty("line", "x1", x1, "y1", y1, "x2", x2, "y2", y2, "stroke", "currentColor");
  }

  /** A line of an axis' colour in dashes: what marks are compared with. */
  void reference(double x1, double y1, double x2, double y2) {
    marks.empty(
        "line",
        "x1",
        x1,
        "y1",
        y1,
        "x2",
        x2,
        "y2",
        y2,
        "stroke",
        "currentColor",
        "stroke-dasharray",
        "5 4");
  }

  /**
   * A text.
   *
   * @param anchor start, middle or end
   */
  void text(double x, double y, String text, String anchor, double size) {
    marks
        .open(
            "text",
            "x",
            x,
            "y",
            y,
            "text-anchor",
            anchor,
            "font-size",
            size,
            "fill",
            "currentColor")
        .text(text)
        .close("text");
  }

  /** A number on a plain ground of its own, so that it can be read on any shade. */
  void badge(double x, double y, String text) {
    double width = 6.2 * text.length() + 4;
    marks.empty(
        "rect",
        "class",
        "ground",
        "x",
        x - width / 2,
        "y",
        y - 8,
        "width",
        width,
        "height",
        16.0,
        "rx",
        "2",
        "fill",
        "#ffffff");
    text(x, y + 4, text, "middle", 11);
  }

  /** A shape of a series, filled. */
  void filled(int series, String path, double opacity) {
    marks.empty(
        "path",
        "class",
        "f" + series,
        "d",
        path,
        "fill",
        COLOURS[series - 1],
        "fill-opacity",
        opacity < 1 ? String.valueOf(opacity) : null);
  }

  /** A shape of a series, as its outline. */
  void outlined(int series, String path) {
    marks.empty(
        "path",
        "class",
        "o" + series,
        "d",
        path,
        "fill",
        "none",
        "stroke",
        COLOURS[series - 1],
        "stroke-width",
        "1.8");
  }

  /** What marks mean, above the area. */
  void legend(List<String> texts) {
    double x = left + 8;
    for (int k = 0; k < texts.size(); k++) {
      if (k == 0) {
        filled(1, Shapes.disc(x, top + 6, 4), 1);
      } else {
        outlined(2, Shapes.diamond(x, top + 6, 4.5));
      }
      text(x + 9, top + 10, texts.get(k), "start", TEXT);
      x += 30 + 6.6 * texts.get(k).length();
    }
  }

  /** The whole of it. */
  Figure figure() {
    Markup svg =
        new Markup()
            .open(
                "svg",
                "viewBox",
                "0 0 " + Markup.coordinate(WIDTH) + " " + Markup.coordinate(height),
                "width",
                WIDTH,
                "height",
                height,
                "role",
                "img",
                "aria-labelledby",
                id + "-title",
                "font-family",
                "system-ui, sans-serif")
            .element("title", finding, "id", id + "-title")
            .add(marks)
            .close("svg");
    return new Figure(id, finding, svg);
  }
}
