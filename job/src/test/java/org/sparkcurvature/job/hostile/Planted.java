package org.sparkcurvature.job.hostile;

import java.util.List;
import java.util.Locale;

/** Secrets and control sequences, and the search for them in what others read. */
final class Planted {
  private Planted() {}

  /** What no output may hold. */
  static final String SECRET = "kf83QzTpWm5";

  /** Sequences that do something to a terminal, or turn the direction of text. */
  static final String CONTROL = "\u001b[31m\u0007\u009b2J\u202e\u0085";

  /** Secrets by their form, with a sequence among them; none that HOCON or SQL would end at. */
  static final List<String> FORMS =
      List.of(
          "https://me:" + SECRET + "@host/x?X-Amz-Signature=" + SECRET + "&sig=" + SECRET,
          "jdbc:postgresql://h/db?user=me&password=" + SECRET + "&ssl=true",
          "jdbc:oracle:thin:scott/" + SECRET + "@db:1521:x scott/" + SECRET + "@db:1521/x",
          "scott/" + SECRET + "@//db/x",
          "Authorization: Bearer " + SECRET + SECRET,
          "a " + CONTROL + " b PassPhrase => '" + SECRET + "'",
          "x.Module required username='a' password='" + SECRET + "';",
          "fs.s3a.secret.key=" + SECRET + " AccountKey=" + SECRET + "== db_pass: " + SECRET,
          "eyJhbGciOiJIUzI1NiJ9." + SECRET + "." + SECRET,
          "1 /* it was " + SECRET + "\n and " + SECRET + " */ + 1");

  /** All of them, in one text of several lines. */
  static String all() {
    return String.join(" ", FORMS);
  }

  /** An expression with a secret in each kind of its comments. */
  static String commented(String expression) {
    return "/* "
        + SECRET
        + " */ "
        + expression
        + " -- "
        + SECRET
        + "\n + 0 * 1 --"
        + SECRET
        + CONTROL;
  }

  /** As a string of HOCON. */
  static String quoted(String text) {
    StringBuilder quoted = new StringBuilder("\"");
    for (int k = 0; k < text.length(); k++) {
      char c = text.charAt(k);
      if (c == '"' || c == '\\') {
        quoted.append('\\').append(c);
      } else if (c < ' ' || c > '~') {
        quoted.append("\\u%04x".formatted((int) c));
      } else {
        quoted.append(c);
      }
    }
    return quoted.append('"').toString();
  }

  /** What is wrong with a text; empty where nothing is. */
  static String found(String text) {
    int at = text.toLowerCase(Locale.ROOT).indexOf(SECRET.toLowerCase(Locale.ROOT));
    if (at >= 0) {
      return "a secret in: " + around(text, at);
    }
    for (int k = 0; k < text.length(); k++) {
      char c = text.charAt(k);
      boolean control =
          Character.isISOControl(c) && c != '\n' && c != '\t'
              || c >= '\u202a' && c <= '\u202e'
              || c >= '\u2066' && c <= '\u2069';
      if (control) {
        return "the character %04x in: %s".formatted((int) c, around(text, k));
      }
    }
    return "";
  }

  private static String around(String text, int at) {
    return text.substring(Math.max(0, at - 150), Math.min(text.length(), at + 60));
  }
}
