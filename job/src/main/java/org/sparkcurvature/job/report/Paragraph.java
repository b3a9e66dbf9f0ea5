package org.sparkcurvature.job.report;

import java.util.ArrayList;
import java.util.List;
import org.sparkcurvature.job.errors.PublicText;

/** Text in lines of a width. */
public final class Paragraph {
  /** Columns of a field's name, with what is before and behind it. */
  private static final int NAME = 13;

  private Paragraph() {}

  /**
   * Lines of at most so many characters, but for words that are longer; as people may read them: a
   * secret that is broken in two has no form any more by which it is known.
   */
  public static List<String> wrapped(String text, int width) {
    List<String> lines = new ArrayList<>();
    StringBuilder line = new StringBuilder();
    for (String word : PublicText.line(text).split(" ", -1)) {
      if (!line.isEmpty() && line.length() + 1 + word.length() > width) {
        lines.add(line.toString().stripTrailing());
        line.setLength(0);
      } else if (!line.isEmpty()) {
        line.append(' ');
      }
      line.append(word);
    }
    lines.add(line.toString().stripTrailing());
    return lines;
  }

  /** A name and what there is to say of it, in as many lines as that takes. */
  public static List<String> field(String name, String text, int width) {
    return field(name, text, Math.max(NAME, name.length() + 4), width);
  }

  /**
   * The same, with the text at a column.
   *
   * @param indent before the text; above 2 and the length of the name
   */
  public static List<String> field(String name, String text, int indent, int width) {
    List<String> wrapped = wrapped(text, width - indent);
    List<String> lines = new ArrayList<>();
    lines.add("  " + name + " ".repeat(indent - 2 - name.length()) + wrapped.get(0));
    wrapped.stream().skip(1).forEach(more -> lines.add(" ".repeat(indent) + more));
    return lines;
  }
}
