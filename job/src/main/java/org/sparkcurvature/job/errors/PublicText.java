package org.sparkcurvature.job.errors;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Text as people may read it: whatever is printed, and what is written of messages and settings.
 * Secrets that are known by their form are masked, control characters are shown as {@code \x1b},
 * and what is longer than anybody reads is cut.
 */
public final class PublicText {
  /** What stands for a secret. */
  public static final String MASK = "(masked)";

  private static final int LONGEST_LINE = 4000;
  private static final int KEPT = 1000;

  /** Characters of a line that are looked through for secrets; what follows is not shown. */
  private static final int EXAMINED = 1 << 14;

  /** Characters of the shortest form with a secret, {@code pin=1}. */
  private static final int SHORTEST = 5;

  /** Of a text of several lines likewise. */
  private static final int LONGEST_TEXT = 1 << 16;

  /** Lines of a message that are shown: the first ones, and the last ones, which say what to do. */
  private static final int FIRST_LINES = 45;

  private static final int LAST_LINES = 5;

  /** What a name of a secret holds, an expression of alternatives. */
  public static final String SECRET_STEMS =
      "passw|passphrase|secret|token|credential|api[_.-]?key|access[_.-]?key|account[_.-]?key"
          + "|private[_.-]?key|signature";

  /** Names of secrets, in keys as people write them: {@code fs.s3a.secret.key}, {@code userPin}. */
  private static final String SECRET_NAME =
      "[\\w.\\-]*(?:"
          + SECRET_STEMS
          + ")[\\w.\\-]*"
          + "|(?:[\\w.\\-]*[._-])?(?:pass|pwd|pin|psk|sig|sas|auth)(?![\\w])";

  /** Text in quotes, or the rest of it where a quote is not closed; escapes are not its end. */
  private static final String QUOTED =
      "\"\"\".*?(?:\"\"\"|$)|\"[^\"\\\\]*+(?:\\\\.[^\"\\\\]*+){0,50}+\"?"
          + "|'[^'\\\\]*+(?:\\\\.[^'\\\\]*+){0,50}+'?";

  private static final String VALUE = "(?:" + QUOTED + "|\\{[^}]*|\\[[^\\]]*|[^;&\\s,\"')\\]}(]+)";

  private static final String ASSIGNED = "[\"'`]?\\s*(?:=>|={1,3}|:)\\s*";

  private record Form(Pattern pattern, String replacement) {
    static Form of(String pattern, String replacement) {
      return new Form(Pattern.compile(pattern, Pattern.CASE_INSENSITIVE), replacement);
    }
  }

  /** Forms that say by themselves that they hold a secret, wherever they stand. */
  private static final List<Form> ANYWHERE =
      List.of(
          // scheme://user:password@host; the password may hold an @ of its own
          Form.of("(://[^/@:\\s\"']*:)[^\\s\"']+(@)", "$1" + MASK + "$2"),
          // jdbc:oracle:thin:user/password@host, and user/password@//host
          Form.of("(jdbc:\\w+:\\w*:?[^/@\\s:\"']+/)[^\\s\"'/]+(@)", "$1" + MASK + "$2"),
          Form.of("(\\b[\\w$]+/)[^\\s\"'/@]+(@(?://?|[\\w.\\-]+:\\d))", "$1" + MASK + "$2"),
          Form.of("\\b((?:bearer|basic)\\s+)[\\w\\-.~+/=]{8,}", "$1" + MASK),
          // tokens that are known by themselves: JSON web tokens, keys of clouds and of code stores
          Form.of("\\beyJ[\\w-]{8,}\\.[\\w-]+(?:\\.[\\w-]*)?", MASK),
          new Form(Pattern.compile("\\b(?:AKIA|ASIA)[0-9A-Z]{16}\\b"), MASK),
          new Form(Pattern.compile("\\b(?:gh[pousr]_|glpat-|xox[abp]-)[\\w-]{16,}"), MASK));

  /** Forms by which an expression may also compare columns. */
  private static final List<Form> ASSIGNMENTS =
      List.of(
          // --password value, as it was typed or as a list of arguments
          Form.of(
              "(--?(?:" + SECRET_NAME + ")['\"]?,?\\s+['\"]?)[^\\s'\"\\-][^\\s'\"]*", "$1" + MASK),
          // OPTIONS (password 'value')
          Form.of(
              "(?<![\\w.\\-])((?:" + SECRET_NAME + ")[\"'`]?\\s+)(?:'[^']+'?|\"[^\"]+\"?)",
              "$1" + MASK),
          // key = value, key: value, key => 'value', "key": "value", key=value&...
          Form.of(
              "(?<![\\w.\\-])((?:"
                  + SECRET_NAME
                  + ")"
                  + ASSIGNED
                  + ")(?!\\(masked\\)|[\"'`]?\\s*$)"
                  + VALUE,
              "$1" + MASK),
          // in URLs and options, where no expression is meant: ...?key=value
          Form.of("([?&;,]\\w*key=)[^;&\\s\"']+", "$1" + MASK));

  /** In an expression, what is compared with a number stays: there it is a column. */
  private static final Form COMPARED =
      Form.of(
          "(?<![\\w.\\-])((?:"
              + SECRET_NAME
              + ")"
              + ASSIGNED
              + ")(?![+\\-]?\\d[\\d.]*(?:e[+\\-]?\\d+)?(?![\\w.]))"
              + VALUE,
          "$1" + MASK);

  private static final Pattern PLAIN_NAME = Pattern.compile("\\w{1,100}");

  /** A comment of SQL in any text; not data/*.csv, which is a pattern of paths. */
  private static final Pattern COMMENT =
      Pattern.compile("(?<=^|[\\s(,;='\"+\\-])/\\*(?![/.])(?:.*?\\*/|(?=\\s).*)", Pattern.DOTALL);

  private PublicText() {}

  /** One line or several, as they are printed: masked, without control characters, cut. */
  public static String of(String text) {
    int beyond = Math.max(0, text.length() - LONGEST_TEXT);
    List<String> lines = masked(text.substring(0, text.length() - beyond)).lines().toList();
    List<String> shown = new ArrayList<>();
    for (int k = 0; k < lines.size(); k++) {
      boolean last = k == lines.size() - 1;
      if (k < FIRST_LINES || k >= lines.size() - LAST_LINES) {
        shown.add(line(lines.get(k), last ? beyond : 0));
      } else if (k == FIRST_LINES) {
        shown.add(
            "... (%,d lines are left out)".formatted(lines.size() - FIRST_LINES - LAST_LINES));
      }
    }
    return String.join("\n", shown);
  }

  /** One line, without its end. */
  public static String line(String line) {
    return line(line, 0);
  }

  /**
   * @param beyond characters that follow and are not shown
   */
  private static String line(String line, int beyond) {
    if (line.length() + beyond <= LONGEST_LINE) {
      return visible(masked(line));
    }
    String whole = masked(line.substring(0, Math.min(line.length(), EXAMINED)));
    if (line.length() + beyond > EXAMINED) {
      return visible(whole.substring(0, Math.min(whole.length(), 2 * KEPT)))
          + leftOut(Math.max(0, line.length() - 2 * KEPT) + beyond);
    }
    return whole.length() <= LONGEST_LINE
        ? visible(whole)
        : visible(whole.substring(0, KEPT))
            + leftOut(whole.length() - 2 * KEPT)
            + visible(whole.substring(whole.length() - KEPT));
  }

  private static String leftOut(int characters) {
    return " ... (%,d characters are left out) ... ".formatted(characters);
  }

  /** A text with what is a secret by its form masked. */
  public static String masked(String text) {
    String masked = replaced(replaced(text, ANYWHERE), ASSIGNMENTS);
    return COMMENT.matcher(masked).replaceAll("/* (masked) */");
  }

  private static String replaced(String text, List<Form> forms) {
    String replaced = text;
    for (Form form : forms) {
      replaced = form.pattern().matcher(replaced).replaceAll(form.replacement());
    }
    return replaced;
  }

  /** A query with its comments masked as well, in which people leave what they tried last. */
  public static String maskedSql(String sql) {
    return masked(withoutComments(sql));
  }

  /**
   * An expression, which stays as it is but for its comments and for secrets that are no comparison
   * of columns, {@code token = 3}.
   */
  public static String maskedExpression(String expression) {
    return replaced(replaced(withoutComments(expression), ANYWHERE), List.of(COMPARED));
  }

  /** What an expression is called: {@link #maskedSql}, in one line without control characters. */
  public static String label(String expression) {
    if (PLAIN_NAME.matcher(expression).matches()) {
      return expression;
    }
    return visible(maskedSql(expression).replace('\n', ' '));
  }

  /**
   * An expression in which stars stand for secrets, so that every other character keeps its place.
   */
  public static String starred(String expression) {
    String starred = expression;
    for (Form form : ANYWHERE) {
      starred = starred(starred, form.pattern());
    }
    return starredComments(starred(starred, COMPARED.pattern()));
  }

  private static String starred(String text, Pattern pattern) {
    StringBuilder starred = new StringBuilder(text);
    Matcher matcher = pattern.matcher(text);
    while (matcher.find()) {
      int groups = matcher.groupCount();
      stars(
          starred,
          groups > 0 ? matcher.end(1) : matcher.start(),
          groups > 1 ? matcher.start(2) : matcher.end());
    }
    return starred.toString();
  }

  private static String starredComments(String sql) {
    StringBuilder starred = new StringBuilder(sql);
    visit(
        sql,
        (from, to, isComment) -> {
          if (isComment) {
            stars(starred, from + 2, to);
          }
        });
    return starred.toString();
  }

  private static void stars(StringBuilder text, int from, int to) {
    for (int k = from; k < to; k++) {
      char c = text.charAt(k);
      if (c != '\n' && !Character.isSurrogate(c)) {
        text.setCharAt(k, '*');
      }
    }
  }

  /** The beginning of a text, which ends with "..." where it is longer than {@code most}. */
  public static String shortened(String text, int most) {
    if (text.length() < SHORTEST) {
      return text; // Most cells are short, and none of the forms is.
    }
    String masked = masked(text.length() > EXAMINED ? text.substring(0, EXAMINED) : text);
    return masked.length() <= most ? masked : masked.substring(0, most) + "...";
  }

  private static String withoutComments(String sql) {
    StringBuilder kept = new StringBuilder(sql.length());
    visit(
        sql,
        (from, to, isComment) -> {
          if (!isComment) {
            kept.append(sql, from, to);
          } else if (sql.charAt(from) == '-') {
            kept.append("-- ").append(MASK);
          } else {
            kept.append("/* ").append(MASK).append(" */");
          }
        });
    return kept.toString();
  }

  /** Is given the pieces of a text of SQL, in order. */
  @FunctionalInterface
  private interface Visitor {
    void piece(int from, int to, boolean isComment);
  }

  /** Visits each comment, each text in quotes and each other character. */
  private static void visit(String sql, Visitor visitor) {
    int k = 0;
    while (k < sql.length()) {
      char c = sql.charAt(k);
      boolean ofLine = sql.startsWith("--", k);
      boolean ofBlock = sql.startsWith("/*", k);
      int end = k + 1;
      if (ofLine) {
        end = endOfLine(sql, k);
      } else if (ofBlock) {
        end = endOfComment(sql, k);
      } else if (c == '\'' || c == '"' || c == '`') {
        end = endOfQuotes(sql, k);
      }
      visitor.piece(k, end, ofLine || ofBlock);
      k = end;
    }
  }

  private static int endOfLine(String sql, int from) {
    int end = sql.indexOf('\n', from);
    return end < 0 ? sql.length() : end;
  }

  /** Comments lie within one another. */
  private static int endOfComment(String sql, int from) {
    int depth = 1;
    int k = from + 2;
    while (k < sql.length() && depth > 0) {
      boolean opens = sql.startsWith("/*", k);
      boolean closes = sql.startsWith("*/", k);
      depth += opens ? 1 : closes ? -1 : 0;
      k += opens || closes ? 2 : 1;
    }
    return k;
  }

  private static int endOfQuotes(String sql, int from) {
    char quote = sql.charAt(from);
    int k = from + 1;
    while (k < sql.length() && sql.charAt(k) != quote) {
      k += sql.charAt(k) == '\\' && quote != '`' ? 2 : 1;
    }
    return Math.min(k + 1, sql.length());
  }

  /**
   * Control characters, those that turn the direction of what follows, and those that take no room,
   * as {@code \x1b}.
   */
  public static String visible(String text) {
    StringBuilder visible = null;
    for (int k = 0; k < text.length(); k++) {
      char c = text.charAt(k);
      boolean shown = !isControl(c) && !isInvisible(c) || c == '\t' || c == '\n';
      if (!shown && visible == null) {
        visible = new StringBuilder(text.substring(0, k));
      }
      if (visible != null) {
        visible.append(
            shown ? String.valueOf(c) : (c < 256 ? "\\x%02x" : "\\u%04x").formatted((int) c));
      }
    }
    return visible == null ? text : visible.toString();
  }

  /**
   * JSON or HOCON in which characters that cannot be seen, which only its quoted texts and comments
   * hold, are escaped by their numbers: it reads as the same text, and shows that they are there.
   */
  public static String escaped(String json) {
    StringBuilder escaped = new StringBuilder(json.length());
    for (int k = 0; k < json.length(); k++) {
      char c = json.charAt(k);
      if ((isControl(c) || isInvisible(c)) && c != '\n' && c != '\t') {
        escaped.append("\\u%04x".formatted((int) c));
      } else {
        escaped.append(c);
      }
    }
    return escaped.toString();
  }

  /** Marks of direction, and what has no width: two names may look the same for these. */
  private static boolean isInvisible(char c) {
    return c == '\u00ad'
        || c == '\u061c'
        || c == '\u180e'
        || c >= '\u200b' && c <= '\u200f'
        || c >= '\u2060' && c <= '\u2064'
        || c >= '\u206a' && c <= '\u206f'
        || c == '\ufeff';
  }

  private static boolean isControl(char c) {
    return Character.isISOControl(c)
        || c >= '\u202a' && c <= '\u202e'
        || c >= '\u2066' && c <= '\u2069'
        || c == '\u2028'
        || c == '\u2029';
  }
}
