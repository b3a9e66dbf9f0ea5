package org.sparkcurvature.job.chart;

/** Labels beside marks: as much of a name as there is room for. */
final class Names {
  /** Widths of letters over the size of the text; wide ones are wider, most are narrower. */
  private static final double LETTER = 0.56;

  private Names() {}

  /** The name, or its beginning and end around a gap, within so many pixels. */
  static String within(String name, double width, double size) {
    int most = Math.max(5, (int) (width / (LETTER * size)));
    if (name.codePointCount(0, name.length()) <= most) {
      return name;
    }
    int[] letters = name.codePoints().toArray();
    int head = most / 2;
    int tail = most - 1 - head;
    return new String(letters, 0, head)
        + "\u2026"
        + new String(letters, letters.length - tail, tail);
  }
}
