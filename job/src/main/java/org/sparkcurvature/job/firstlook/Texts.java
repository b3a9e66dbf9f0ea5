package org.sparkcurvature.job.firstlook;

import java.util.Set;
import java.util.regex.Pattern;
import org.sparkcurvature.job.formula.LevelsLook;

/** What a text may stand for. */
final class Texts {
  private Texts() {}

  /** What people write where there is no value. None is not among them: it often is a level. */
  static final Set<String> MARKERS =
      Set.of(
          "NA", "NaN", "nan", "null", "NULL", "N/A", "n/a", "#N/A", "?", ".", "-", "(null)", "\\N");

  /** Those of them that the program itself reads as missing among numbers. */
  static final Set<String> KNOWN = Set.copyOf(LevelsLook.MISSING);

  private static final Pattern DATE =
      Pattern.compile(
          "\\d{4}[-/]\\d{1,2}[-/]\\d{1,2}([T ].*)?|\\d{1,2}([./-])\\d{1,2}\\2(\\d{2}|\\d{4})( .*)?");

  private static final Pattern LEADING_ZEROS = Pattern.compile("0\\d+");
  private static final Pattern DECIMAL_COMMA = Pattern.compile("[+-]?\\d+,\\d+");

  /** With signs of currencies or percent, or commas between thousands. */
  private static final Pattern DECORATED =
      Pattern.compile(
          "[+-]?[$€£]?[+-]?\\d{1,3}(,\\d{3})*(\\.\\d*)?[%$€£]?|[$€£][+-]?\\d+(\\.\\d*)?|[+-]?\\d+(\\.\\d*)?[%$€£]");

  /** The number that a text writes; NaN if it writes none. */
  static double number(String text) {
    String bare = text.strip();
    if (bare.isEmpty() || !isNumeric(bare.charAt(0)) || bare.length() > 400) {
      return Double.NaN;
    }
    char last = bare.charAt(bare.length() - 1);
    if (last != '.' && (last < '0' || last > '9') || bare.indexOf('x') >= 0) {
      return Double.NaN;
    }
    try {
      return Double.parseDouble(bare);
    } catch (NumberFormatException e) {
      return Double.NaN;
    }
  }

  private static boolean isNumeric(char c) {
    return c >= '0' && c <= '9' || c == '+' || c == '-' || c == '.';
  }

  static boolean isDate(String text) {
    return text.length() >= 6 && DATE.matcher(text.strip()).matches();
  }

  static boolean hasLeadingZeros(String text) {
    return text.length() > 1 && LEADING_ZEROS.matcher(text.strip()).matches();
  }

  /** Whether a number stands in it that a reader of numbers does not see. */
  static boolean isDecorated(String text) {
    return DECORATED.matcher(text.strip()).matches();
  }

  static boolean hasDecimalComma(String text) {
    return DECIMAL_COMMA.matcher(text.strip()).matches();
  }
}
