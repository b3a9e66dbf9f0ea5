package org.sparkcurvature.job.chart;

import java.util.Locale;
import org.sparkcurvature.job.errors.PublicText;

/**
 * HTML or SVG in the making. Text and values of attributes enter by one escaper, so that nothing
 * that a column's name holds becomes markup.
 */
public final class Markup {
  private final StringBuilder made = new StringBuilder();

  /**
   * A tag that is closed later.
   *
   * @param attributes names and values in turn; a number is written to a tenth, what is null is
   *     left out
   */
  public Markup open(String tag, Object... attributes) {
    begin(tag, attributes);
    made.append('>');
    return this;
  }

  /**
   * An element of SVG without content, or an element of HTML that has none, such as {@code meta}.
   */
  public Markup empty(String tag, Object... attributes) {
    begin(tag, attributes);
    made.append("/>");
    return this;
  }

  private void begin(String tag, Object... attributes) {
    made.append('<').append(tag);
    for (int k = 0; k < attributes.length; k += 2) {
      if (attributes[k + 1] != null) {
        made.append(' ')
            .append(attributes[k])
            .append("=\"")
            .append(escaped(value(attributes[k + 1])))
            .append('"');
      }
    }
  }

  private static String value(Object value) {
    return value instanceof Double number ? coordinate(number) : value.toString();
  }

  /** The end of an element. */
  public Markup close(String tag) {
    made.append("</").append(tag).append('>');
    return this;
  }

  /** An element that holds a text. */
  public Markup element(String tag, String text, Object... attributes) {
    return open(tag, attributes).text(text).close(tag);
  }

  /** Text, in which secrets that are known by their form are masked. */
  public Markup text(String text) {
    made.append(escaped(PublicText.masked(text)));
    return this;
  }

  /** What has been made elsewhere. */
  public Markup add(Markup other) {
    made.append(other.made);
    return this;
  }

  /** A style sheet or a script of this program's own: what stands in them is no text. */
  public Markup program(String tag, String content) {
    made.append('<').append(tag).append('>').append(content).append("</").append(tag).append('>');
    return this;
  }

  /** A line's end, for those who read the source. */
  public Markup line() {
    made.append('\n');
    return this;
  }

  /** Whether nothing has been made. */
  public boolean isEmpty() {
    return made.length() == 0;
  }

  @Override
  public String toString() {
    return made.toString();
  }

  /** A place in a picture, to a tenth of a pixel. */
  static String coordinate(double value) {
    String text = String.format(Locale.ROOT, "%.1f", value);
    String whole = text.endsWith(".0") ? text.substring(0, text.length() - 2) : text;
    return whole.equals("-0") ? "0" : whole;
  }

  private static String escaped(String text) {
    String shown = PublicText.visible(text);
    StringBuilder escaped = new StringBuilder(shown.length() + 8);
    for (int k = 0; k < shown.length(); k++) {
      char c = shown.charAt(k);
      switch (c) {
        case '&' -> escaped.append("&amp;");
        case '<' -> escaped.append("&lt;");
        case '>' -> escaped.append("&gt;");
        case '"' -> escaped.append("&quot;");
        case '\'' -> escaped.append("&#39;");
        default -> escaped.append(Character.isSurrogate(c) && !paired(shown, k) ? '\ufffd' : c);
      }
    }
    return escaped.toString();
  }

  /** Half of a character alone cannot be written as UTF-8. */
  private static boolean paired(String text, int k) {
    char c = text.charAt(k);
    return Character.isHighSurrogate(c)
        ? k + 1 < text.length() && Character.isLowSurrogate(text.charAt(k + 1))
        : k > 0 && Character.isHighSurrogate(text.charAt(k - 1));
  }
}
