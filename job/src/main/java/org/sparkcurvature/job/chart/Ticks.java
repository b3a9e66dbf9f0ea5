package org.sparkcurvature.job.chart;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Round numbers along an axis, with their texts: 1, 2 or 5 times a power of ten apart, or powers of
 * ten.
 *
 * @param values ascending, all within the axis
 * @param texts as many, no two alike
 */
record Ticks(List<Double> values, List<String> texts) {
  private static final double[] STEPS = {1, 2, 5, 10};

  Ticks {
    values = List.copyOf(values);
    texts = List.copyOf(texts);
  }

  /**
   * At most {@code most} of them from {@code low} to {@code high}, both finite, {@code low < high};
   * at least two where {@code most} is at least 3.
   */
  static Ticks linear(double low, double high, int most) {
    // A span beyond the largest double is halved first.
    double step = step(high / most - low / most);
    List<Double> values = new ArrayList<>();
    double from = Math.ceil(low / step - 1e-9);
    for (double k = from; k * step <= high + 1e-9 * step && values.size() < 2 * most; k++) {
      values.add(k * step + 0.0); // no -0
    }
    return new Ticks(values, texts(values, step));
  }

  private static double step(double least) {
    double power = Math.pow(10, Math.floor(Math.log10(least)));
    for (double step : STEPS) {
      if (step * power >= least * (1 - 1e-12)) {
        return step * power;
      }
    }
    throw new IllegalStateException("no step for " + least);
  }

  private static List<String> texts(List<Double> values, double step) {
    double largest = values.stream().mapToDouble(Math::abs).max().orElse(0);
    int decimals = Math.max(0, -exponent(step));
    boolean plain = largest < 1e6 && decimals <= 6;
    return values.stream()
        .map(
            value ->
                plain
                    ? String.format(Locale.ROOT, "%." + decimals + "f", value)
                    : value == 0 ? "0" : scientific(value, exponent(value) - exponent(step)))
        .toList();
  }

  private static int exponent(double value) {
    return (int) Math.floor(Math.log10(Math.abs(value)) + 1e-9);
  }

  /** With so many digits behind the point, less the zeros at the end. */
  private static String scientific(double value, int digits) {
    String text = String.format(Locale.ROOT, "%." + Math.max(0, Math.min(15, digits)) + "e", value);
    int e = text.indexOf('e');
    String mantissa = text.substring(0, e);
    return (mantissa.contains(".") ? mantissa.replaceAll("\\.?0+$", "") : mantissa)
        + "e"
        + Integer.parseInt(text.substring(e + 1));
  }

  /**
   * Powers of ten from {@code low} to {@code high}, both above 0; those between where few are
   * there.
   */
  static Ticks logarithmic(double low, double high, int most) {
    int from = (int) Math.ceil(Math.log10(low) - 1e-9);
    int to = (int) Math.floor(Math.log10(high) + 1e-9);
    if (to - from < 1) {
      return high / low < 20 && high > low ? linear(low, high, most) : single(from, to);
    }
    int every = Math.max(1, (to - from + most) / most);
    List<Double> values = new ArrayList<>();
    List<String> texts = new ArrayList<>();
    for (int k = Math.floorDiv(from + every - 1, every) * every; k <= to; k += every) {
      values.add(Math.pow(10, k));
      texts.add(k >= -3 && k <= 4 ? plain(k) : "1e" + k);
    }
    return new Ticks(values, texts);
  }

  private static Ticks single(int from, int to) {
    return from == to
        ? new Ticks(List.of(Math.pow(10, from)), List.of("1e" + from))
        : new Ticks(List.of(), List.of());
  }

  private static String plain(int power) {
    return String.format(Locale.ROOT, "%." + Math.max(0, -power) + "f", Math.pow(10, power));
  }
}
