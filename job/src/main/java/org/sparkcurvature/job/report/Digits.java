package org.sparkcurvature.job.report;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.List;
import java.util.Locale;

/**
 * Numbers as they are shown. Digits follow the standard error: two of it, and as many decimals of
 * what it is the error of; six digits where there is none. A dot is a dot in every locale, a sign
 * is never lost, and a probability is never 0.
 */
public final class Digits {
  private static final int SHOWN = 6;
  private static final MathContext OF_ERROR = new MathContext(2, RoundingMode.HALF_EVEN);

  /** The longest number that is written without an exponent. */
  private static final int LONGEST = 11;

  /** An error of 20,000 is shown to its thousands; above that zeros that say nothing add up. */
  private static final int LEAST_PLACE = -4;

  /** So many decimals begin with zeros. */
  private static final int MOST_PLACE = 8;

  /** An error below this share of a number is rounding, of which no digits follow. */
  private static final double ROUNDING = 1e-14;

  private Digits() {}

  /** An error: two digits. */
  public static String error(double error) {
    return withError(error, error);
  }

  /** A number with as many decimals as show two digits of its error. */
  public static String withError(double value, double error) {
    if (!Double.isFinite(value)) {
      return notFinite(value);
    }
    if (!(error > ROUNDING * Math.abs(value)) || Double.isInfinite(error)) {
      return significant(value);
    }
    BigDecimal two = BigDecimal.valueOf(error).round(OF_ERROR);
    int place = 2 - (two.precision() - two.scale());
    // Digits that the error leaves open are zeros.
    BigDecimal rounded = BigDecimal.valueOf(value).setScale(place, RoundingMode.HALF_EVEN);
    String text = rounded.toPlainString();
    if (text.length() <= LONGEST && place > LEAST_PLACE && place < MOST_PLACE) {
      return value < 0 && rounded.signum() == 0 ? "-" + text : text;
    }
    if (rounded.signum() == 0) {
      return "0";
    }
    return say("%." + Math.max(0, rounded.precision() - 1) + "e", rounded);
  }

  /** Six digits; a whole number is whole. */
  public static String significant(double value) {
    return significant(value, SHOWN);
  }

  static String significant(double value, int digits) {
    if (!Double.isFinite(value)) {
      return notFinite(value);
    }
    if (value == Math.rint(value) && Math.abs(value) < 1e9) {
      return say("%.0f", value + 0.0); // no -0
    }
    BigDecimal rounded = BigDecimal.valueOf(value).round(new MathContext(digits));
    int exponent = rounded.precision() - rounded.scale() - 1;
    return exponent < -4 || exponent >= SHOWN
        ? say("%." + (digits - 1) + "e", value)
        : say("%." + Math.max(0, digits - 1 - exponent) + "f", value);
  }

  /** A number within a sentence: six digits, of which it needs not all. */
  public static String brief(double value) {
    String text = significant(value);
    boolean decimals = text.contains(".") && !text.contains("e");
    return decimals ? text.replaceAll("0+$", "").replaceAll("\\.$", "") : text;
  }

  /** Likelihoods and what is made of them: two decimals, as their differences count. */
  public static String logarithm(double value) {
    return Double.isFinite(value) && Math.abs(value) >= 1000 && Math.abs(value) < 1e12
        ? say("%.2f", value)
        : significant(value);
  }

  /** A statistic: three digits, never without its sign. */
  public static String statistic(double value) {
    if (!Double.isFinite(value)) {
      return notFinite(value);
    }
    double magnitude = Math.abs(value);
    if (value == 0) {
      return "0";
    }
    return magnitude < 1e-3 || magnitude >= 1e5 ? say("%.1e", value) : significant(value, 3);
  }

  /** A probability, which is never 0. */
  public static String probability(double p) {
    if (Double.isNaN(p)) {
      return "-";
    }
    if (p < 1e-300) {
      return "<1e-300";
    }
    return p < 1e-3 ? say("%.1e", p) : significant(p, 2);
  }

  private static String notFinite(double value) {
    return Double.isNaN(value) ? "-" : value > 0 ? "inf" : "-inf";
  }

  /** Decimal points one below the other, where that makes no column much wider. */
  static List<String> aligned(List<String> texts) {
    int whole = texts.stream().mapToInt(Digits::point).max().orElse(0);
    int rest = texts.stream().mapToInt(text -> text.length() - point(text)).max().orElse(0);
    if (whole + rest > LONGEST) {
      return texts;
    }
    return texts.stream()
        .map(text -> text + " ".repeat(rest - (text.length() - point(text))))
        .toList();
  }

  private static int point(String text) {
    int point = text.indexOf('.');
    return point < 0 ? text.length() : point;
  }

  private static String say(String format, Object... arguments) {
    return String.format(Locale.ROOT, format, arguments);
  }
}
