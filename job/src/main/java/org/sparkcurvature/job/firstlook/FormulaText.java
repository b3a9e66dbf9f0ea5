package org.sparkcurvature.job.firstlook;

import com.typesafe.config.ConfigUtil;
import java.util.ArrayList;
import java.util.List;
import org.sparkcurvature.job.errors.PublicText;

/** A formula as HOCON: on one line, or several within three quotes. */
final class FormulaText {
  private static final int WIDTH = 100;
  private static final String INDENT = "      ";
  private static final String QUOTES = "\"\"\"";

  private FormulaText() {}

  /**
   * The value of the key {@code formula}.
   *
   * @param terms right of {@code ~}; none: the intercept alone
   */
  static String of(String response, List<String> terms) {
    List<String> pieces = new ArrayList<>();
    pieces.add(response + " ~");
    for (int k = 0; k < terms.size(); k++) {
      pieces.add(terms.get(k) + (k + 1 < terms.size() ? " +" : ""));
    }
    if (terms.isEmpty()) {
      pieces.add("1");
    }
    String line = String.join(" ", pieces);
    return line.length() <= WIDTH ? quoted(line) : lines(pieces);
  }

  private static String quoted(String text) {
    return PublicText.escaped(ConfigUtil.quoteString(text));
  }

  /**
   * Text within three quotes has no escapes. A piece that needs some stands between two such texts,
   * within single quotes on the line that both share; HOCON joins all three.
   */
  private static String lines(List<String> pieces) {
    StringBuilder text = new StringBuilder(QUOTES).append('\n').append(INDENT);
    int column = 0;
    for (String piece : pieces) {
      if (column > 0 && column + piece.length() > WIDTH) {
        text.append('\n').append(INDENT);
        column = 0;
      } else if (column > 0) {
        text.append(' ');
      }
      boolean plain =
          PublicText.escaped(piece).equals(piece)
              && piece.indexOf('\n') < 0
              && piece.indexOf('\t') < 0
              && !piece.contains("\"");
      text.append(plain ? piece : QUOTES + " " + quoted(piece) + " " + QUOTES);
      column += piece.length() + 1;
    }
    return text.append('\n').append("    ").append(QUOTES).toString();
  }
}
