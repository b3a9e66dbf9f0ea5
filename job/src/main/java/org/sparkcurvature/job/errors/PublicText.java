package org.sparkcurvature.job.errors;

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

  private static final String VALUE = "(?:\"[^\"]*\"?|'[^']*'?|[^;&\\s,\"')\\]}(]+)";

  private record Form(Pattern pattern, String replacement) {
    static Form of(String pattern, String replacement) {
      return new Form(Pattern.compile(pattern, Pattern.CASE_INSENSITIVE), replacement);
    }
  }

  private static final List<Form> FORMS =
      List.of(
          // scheme://user:password@host; the password may hold an @ of its own
          Form.of("(://[^/@:\\s\"']*:)[^\\s\"']+(@)", "$1" + MASK + "$2"),
          // jdbc:oracle:thin:user/password@host, and user/password@//host
          Form.of("(jdbc:\\w+:\\w*:?[^/@\\s:\"']+/)[^\\s\"'/]+(@)", "$1" + MASK + "$2"),
          Form.of("(\\b[\\w$]+/)[^\\s\"'/@]+(@//)", "$1" + MASK + "$2"),
          Form.of("\\b((?:bearer|basic)\\s+)[\\w\\-.~+/=]{12,}", "$1" + MASK),
          // key = value, key: value, key => 'value', "key": "value", key=value&...
          Form.of(
              "(?<![\\w.\\-])((?:"
                  + SECRET_NAME
                  + ")[\"'`]?\\s*(?:=>|=|:)\\s*)(?!\\(masked\\)|[\"'`]?"
                  + "\\s*$)"
                  + VALUE,
              "$1" + MASK),
          // in URLs and options, where no expression is meant: ...?key=value
          Form.of("([?&;,]\\w*key=)[^;&\\s\"']+", "$1" + MASK),
          // tokens that are known by themselves: JSON web tokens, keys of clouds and of code stores
          Form.of("\\beyJ[\\w-]{8,}\\.[\\w-]+(?:\\.[\\w-]*)?", MASK),
          new Form(Pattern.compile("\\b(?:AKIA|ASIA)[0-9A-Z]{16}\\b"), MASK),
          new Form(Pattern.compile("\\b(?:gh[pousr]_|glpat-|xox[abp]-)[\\w-]{16,}"), MASK));

  private static final Pattern COMMENT = Pattern.compile("/\\*.*?(?:\\*/|$)", Pattern.DOTALL);
  private static final Pattern LINE_COMMENT = Pattern.compile("(?m)(^|\\s)--[^\\n]*");

  private PublicText() {}

  /** One line or several, as they are printed: masked, without control characters, cut. */
  public static String of(String text) {
    return text.lines().map(PublicText::line).reduce((a, b) -> a + "\n" + b).orElse("");
  }

  /** One line, without its end. */
  public static String line(String line) {
    String cut =
        line.length() > LONGEST_LINE
            ? line.substring(0, KEPT)
                + " ... (%,d characters are left out) ... ".formatted(line.length() - 2 * KEPT)
                + line.substring(line.length() - KEPT)
            : line;
    return visible(masked(cut));
  }

  /** A text with what is a secret by its form masked. */
  public static String masked(String text) {
    String masked = text;
    for (Form form : FORMS) {
      masked = form.pattern().matcher(masked).replaceAll(form.replacement());
    }
    return COMMENT.matcher(masked).replaceAll("/* (masked) */");
  }

  /** A query with its comments masked as well, in which people leave what they tried last. */
  public static String maskedSql(String sql) {
    return masked(LINE_COMMENT.matcher(sql).replaceAll("$1-- " + Matcher.quoteReplacement(MASK)));
  }

  /** Control characters, and those that turn the direction of what follows, as {@code \x1b}. */
  public static String visible(String text) {
    StringBuilder visible = null;
    for (int k = 0; k < text.length(); k++) {
      char c = text.charAt(k);
      boolean shown = !isControl(c) || c == '\t' || c == '\n';
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

  private static boolean isControl(char c) {
    return Character.isISOControl(c)
        || c >= '\u202a' && c <= '\u202e'
        || c >= '\u2066' && c <= '\u2069'
        || c == '\u2028'
        || c == '\u2029';
  }
}
