package org.sparkcurvature.job.report;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import org.sparkcurvature.job.infer.Estimate;

/**
 * Estimates, one line each, within 80 columns where numbers leave room for that. Digits follow the
 * standard error: three of it are shown (two where the line is too long), and as many decimals of
 * what it is the error of.
 */
public final class EstimateLines {
  private static final int WIDTH = 80;
  private static final int SHORTEST_NAME = 12;
  private static final int ERROR_DIGITS = 3;

  /** The longest number that is written without an exponent. */
  private static final int LONGEST = 11;

  private EstimateLines() {}

  /**
   * The lines of a table.
   *
   * @param percent of the confidence intervals
   */
  static List<String> of(List<Estimate> estimates, String percent) {
    return of(estimates, percent, "z");
  }

  /**
   * As the other one.
   *
   * @param statistic what the estimate over its error is called: z or t
   */
  static List<String> of(List<Estimate> estimates, String percent, String statistic) {
    List<String> headings =
        List.of("estimate", "std. err.", statistic, "p", percent + "% from", "to");
    List<List<String>> columns = columns(estimates, ERROR_DIGITS);
    if (width(headings, columns) > WIDTH - 2 - SHORTEST_NAME) {
      columns = columns(estimates, ERROR_DIGITS - 1);
    }
    return lines(estimates, headings, columns);
  }

  private static List<List<String>> columns(List<Estimate> estimates, int digits) {
    return List.of(
        numbers(estimates, Estimate::estimate, digits),
        numbers(estimates, Estimate::stdError, digits),
        estimates.stream().map(e -> statistic(e.z())).toList(),
        estimates.stream().map(e -> probability(e.p())).toList(),
        numbers(estimates, Estimate::ciLow, digits),
        numbers(estimates, Estimate::ciHigh, digits));
  }

  private static List<String> numbers(
      List<Estimate> estimates, ToDoubleFunction<Estimate> of, int digits) {
    return aligned(
        estimates.stream().map(e -> withError(of.applyAsDouble(e), e.stdError(), digits)).toList());
  }

  private static int width(List<String> headings, List<List<String>> columns) {
    return IntStream.range(0, headings.size())
        .map(
            c ->
                2
                    + Math.max(
                        headings.get(c).length(),
                        columns.get(c).stream().mapToInt(String::length).max().orElse(0)))
        .sum();
  }

  private static List<String> lines(
      List<Estimate> estimates, List<String> headings, List<List<String>> columns) {
    int numbers = width(headings, columns);
    List<String> names =
        shortened(
            estimates.stream().map(Estimate::name).toList(),
            Math.max(SHORTEST_NAME, WIDTH - 2 - numbers));
    List<Table.Row> rows = new ArrayList<>();
    for (int k = 0; k < names.size(); k++) {
      int row = k;
      rows.add(new Table.Row(names.get(k), columns.stream().map(c -> c.get(row)).toList()));
    }
    return new Table(headings, rows)
        .lines(Integer.MAX_VALUE).stream().map(String::stripTrailing).toList();
  }

  /** Values without errors, one line each: seven digits. */
  static List<String> of(List<String> names, double[] values) {
    List<String> texts =
        aligned(Arrays.stream(values).mapToObj(EstimateLines::significant).toList());
    int digits = texts.stream().mapToInt(String::length).max().orElse(1);
    List<String> shown = shortened(names, WIDTH - 2 - 2 - digits);
    int width = shown.stream().mapToInt(String::length).max().orElse(1);
    return IntStream.range(0, values.length)
        .mapToObj(
            k ->
                ("  %-" + width + "s  %" + digits + "s")
                    .formatted(shown.get(k), texts.get(k))
                    .stripTrailing())
        .toList();
  }

  /**
   * A number with as many decimals as show three digits of its error; with an exponent where that
   * takes too many characters.
   */
  public static String withError(double value, double error) {
    return withError(value, error, ERROR_DIGITS);
  }

  private static String withError(double value, double error, int shown) {
    if (!Double.isFinite(value)) {
      return Double.isNaN(value) ? "-" : value > 0 ? "inf" : "-inf";
    }
    if (!(error > 0) || Double.isInfinite(error)) {
      return significant(value);
    }
    int decimals = shown - 1 - (int) Math.floor(Math.log10(error));
    if (value == 0 && decimals > 6) {
      return "0";
    }
    String text = Page.say("%." + Math.max(0, decimals) + "f", value);
    // An error of 20,300 is shown to its ones; above a million digits that are not known add up.
    if (text.length() <= LONGEST && decimals > -4) {
      return unsigned(text);
    }
    int digits = decimals + (value == 0 ? 0 : (int) Math.floor(Math.log10(Math.abs(value))));
    return unsigned(Page.say("%." + Math.max(shown - 1, Math.min(15, digits)) + "e", value));
  }

  /** Seven digits. */
  public static String significant(double value) {
    if (value == Math.rint(value) && Math.abs(value) < 1e9) {
      return Page.say("%.0f", value + 0.0); // no -0
    }
    if (!Double.isFinite(value)) {
      return withError(value, Double.NaN);
    }
    int exponent = (int) Math.floor(Math.log10(Math.abs(value)));
    return exponent < -4 || exponent > 9
        ? Page.say("%.6e", value)
        : Page.say("%." + Math.max(0, 6 - exponent) + "f", value);
  }

  /** A statistic: three decimals, or as many as show what it is, never without its sign. */
  public static String statistic(double value) {
    if (!Double.isFinite(value)) {
      return withError(value, Double.NaN);
    }
    double magnitude = Math.abs(value);
    if (value == 0) {
      return "0";
    }
    boolean fixed = magnitude >= 1e-3 && magnitude < 1e5;
    return Page.say(!fixed ? "%.1e" : magnitude < 1000 ? "%.3f" : "%.1f", value);
  }

  /** A probability, which is never 0. */
  public static String probability(double p) {
    if (Double.isNaN(p)) {
      return "-";
    }
    return p < 1e-300 ? "<1e-300" : Page.say(p < 1e-3 ? "%.1e" : "%.3f", p);
  }

  /** -0.000 says something about rounding and nothing about the number. */
  private static String unsigned(String text) {
    return text.startsWith("-") && text.chars().noneMatch(c -> c >= '1' && c <= '9')
        ? text.substring(1)
        : text;
  }

  /** Decimal points one below the other, where that makes no column much wider. */
  private static List<String> aligned(List<String> texts) {
    int whole = texts.stream().mapToInt(text -> point(text)).max().orElse(0);
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

  /**
   * Names of at most so many characters: what is longer loses its middle. No two are alike that
   * were not: those that would be have their position in the middle.
   */
  static List<String> shortened(List<String> names, int width) {
    Map<String, Integer> counts = new LinkedHashMap<>();
    List<String> shortened = names.stream().map(name -> shortened(name, "..", width)).toList();
    shortened.forEach(name -> counts.merge(name, 1, Integer::sum));
    return IntStream.range(0, names.size())
        .mapToObj(
            k ->
                counts.get(shortened.get(k)) > 1 && names.get(k).length() > width
                    ? shortened(names.get(k), "..#" + (k + 1) + "..", width)
                    : shortened.get(k))
        .toList();
  }

  private static String shortened(String name, String middle, int width) {
    if (name.length() <= width) {
      return name;
    }
    int kept = Math.max(0, width - middle.length());
    int head = (kept + 1) / 2;
    return name.substring(0, head) + middle + name.substring(name.length() - (kept - head));
  }
}
