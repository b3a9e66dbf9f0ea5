package org.sparkcurvature.job.firstlook;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Locale;

/** Numbers within sentences. */
final class Numbers {
  private static final double LARGEST_PLAIN = 1e15;

  private Numbers() {}

  static String count(long count) {
    return String.format(Locale.ROOT, "%,d", count);
  }

  /** So many of something: "1 row", "2 rows". */
  static String count(long count, String one) {
    return count(count) + " " + one + (count == 1 ? "" : "s");
  }

  /** A whole number as it is, another to four digits. */
  static String brief(double value) {
    if (!Double.isFinite(value)) {
      return Double.toString(value);
    }
    if (value == Math.rint(value) && Math.abs(value) < LARGEST_PLAIN) {
      return count((long) value);
    }
    BigDecimal rounded = new BigDecimal(value).round(new MathContext(4)).stripTrailingZeros();
    double size = Math.abs(value);
    return size >= 1e-4 && size < 1e7 ? rounded.toPlainString() : rounded.toString();
  }

  /** A share in percent, which is 0 or 100 only where it is exactly so. */
  static String percent(long part, long whole) {
    double percent = 100.0 * part / whole;
    if (part > 0 && percent < 0.1) {
      return "under 0.1%";
    } else if (part < whole && percent > 99.9) {
      return "over 99.9%";
    }
    return String.format(Locale.ROOT, percent < 10 ? "%.1f%%" : "%.0f%%", percent)
        .replace(".0%", "%");
  }
}
