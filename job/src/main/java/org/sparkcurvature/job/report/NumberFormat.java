package org.sparkcurvature.job.report;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * One way to write all numbers of a table, so that they line up and compare at a glance: whole
 * numbers, a fixed number of decimals, or an exponent.
 *
 * @param pattern of {@link String#format}
 */
public record NumberFormat(String pattern) {
  private static final NumberFormat WHOLE = new NumberFormat("%.0f");
  private static final NumberFormat EXPONENT = new NumberFormat("%.8e");
  private static final int DIGITS = 12;

  /** Eight decimals where they show every number to at least three digits; otherwise exponents. */
  static NumberFormat of(double... values) {
    double largest = Arrays.stream(values).map(Math::abs).max().orElse(0);
    // Smaller ones are the rounding of larger ones.
    double smallest =
        Arrays.stream(values).map(Math::abs).filter(v -> v > 1e-12 * largest).min().orElse(0);
    if (Arrays.stream(values).allMatch(v -> v == Math.rint(v)) && largest < 1e9) {
      return WHOLE;
    }
    int before = largest < 10 ? 1 : (int) Math.floor(Math.log10(largest)) + 1;
    int decimals = Math.min(8, DIGITS - before);
    return decimals >= 4 && smallest >= 100 * Math.pow(10, -decimals)
        ? shortest(new NumberFormat("%." + decimals + "f"), values)
        : EXPONENT;
  }

  /** Without the zeros that all numbers end with, if that says exactly what they are. */
  private static NumberFormat shortest(NumberFormat decimal, double[] values) {
    if (Arrays.stream(values).anyMatch(v -> Double.parseDouble(decimal.format(v)) != v)) {
      return decimal;
    }
    int used =
        decimal.format(values).stream()
            .map(text -> text.replaceAll("0+$", ""))
            .mapToInt(text -> text.contains(".") ? text.length() - text.indexOf('.') - 1 : 0)
            .max()
            .orElse(0);
    return new NumberFormat("%." + used + "f");
  }

  /** As {@link #of(double...)}, for the rows of a table. */
  static NumberFormat of(List<double[]> rows) {
    return of(rows.stream().flatMapToDouble(Arrays::stream).toArray());
  }

  /** One number within a sentence: six digits. */
  public static String brief(double value) {
    if (value == Math.rint(value) && Math.abs(value) < 1e9) {
      return WHOLE.format(value);
    }
    double magnitude = Math.abs(value);
    if (magnitude < 1e-4 || magnitude >= 1e7) {
      return String.format(Locale.ROOT, "%.3e", value);
    }
    int before = Math.max(1, (int) Math.floor(Math.log10(magnitude)) + 1);
    return String.format(
        Locale.ROOT, "%." + Math.max(0, magnitude < 1 ? 6 : 6 - before) + "f", value);
  }

  /** The number; 0 itself is 0 in every format. */
  String format(double value) {
    if (value == 0) {
      return "0";
    }
    String text = String.format(Locale.ROOT, pattern, value);
    // -0.000 says something about rounding and nothing about the number.
    return text.startsWith("-") && text.chars().noneMatch(c -> c >= '1' && c <= '9')
        ? text.substring(1)
        : text;
  }

  List<String> format(double[] values) {
    return Arrays.stream(values).mapToObj(this::format).toList();
  }
}
