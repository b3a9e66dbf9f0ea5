package org.sparkcurvature.job.report;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import org.sparkcurvature.job.infer.Estimate;

/** Estimates, one line each. */
final class EstimateLines {
  /** Lines of a table that is shown whole. */
  static final int WHOLE = 40;

  /** Lines of a longer one. */
  private static final int SHOWN = 20;

  private EstimateLines() {}

  /**
   * The lines of a table; of many estimates those of the largest |z|, in their order.
   *
   * @param level of the confidence intervals
   * @param statistic what the estimate over its error is called: z or t
   */
  static List<String> of(View view, List<Estimate> estimates, double level, String statistic) {
    List<Estimate> shown = shown(view, estimates);
    Rows rows = new Rows(view, shown.stream().map(Estimate::name).toList());
    rows.column("estimate", numbers(shown, Estimate::estimate));
    rows.column(
        "std.err.", Digits.aligned(shown.stream().map(e -> Digits.error(e.stdError())).toList()));
    rows.column(Digits.brief(100 * level) + "% interval", intervals(shown));
    // Without room the statistic goes first: it is the quotient of the first two columns.
    rows.optional(statistic, shown.stream().map(e -> Digits.statistic(e.z())).toList());
    rows.optional("p", shown.stream().map(e -> Digits.probability(e.p())).toList());
    return withRest(
        rows.lines(), estimates.size() - shown.size(), " of smaller abs(" + statistic + ")");
  }

  /** Values without errors; of many the first ones. */
  static List<String> of(View view, List<String> names, double[] values, String heading) {
    int shown = isCut(view, values.length) ? SHOWN : values.length;
    List<String> lines =
        new Rows(view, names.subList(0, shown))
            .column(
                heading,
                Digits.aligned(
                    Arrays.stream(values, 0, shown).mapToObj(Digits::significant).toList()))
            .lines();
    return withRest(lines, values.length - shown, "");
  }

  /** Whether a table of so many lines is cut. */
  static boolean isCut(View view, int lines) {
    return lines > WHOLE && !view.shows(Part.ALL);
  }

  /** The estimates of a table that are shown: of many those of the largest |z|, in their order. */
  static List<Estimate> shown(View view, List<Estimate> estimates) {
    if (!isCut(view, estimates.size())) {
      return estimates;
    }
    double[] statistics = estimates.stream().mapToDouble(Estimate::z).toArray();
    return Arrays.stream(Largest.positions(statistics, SHOWN)).mapToObj(estimates::get).toList();
  }

  /** The lines, and one that says how many there are beside them. */
  static List<String> withRest(List<String> lines, long more, String which) {
    if (more <= 0) {
      return lines;
    }
    List<String> all = new ArrayList<>(lines);
    all.add(Page.say("  ... %,d more%s: --show all", more, which));
    return all;
  }

  private static List<String> numbers(List<Estimate> estimates, ToDoubleFunction<Estimate> of) {
    return Digits.aligned(
        estimates.stream().map(e -> Digits.withError(of.applyAsDouble(e), e.stdError())).toList());
  }

  private static List<String> intervals(List<Estimate> estimates) {
    return intervals(ends(estimates, Estimate::ciLow), ends(estimates, Estimate::ciHigh));
  }

  /** Each in brackets, ends one below the other. */
  static List<String> intervals(List<String> low, List<String> high) {
    int left = low.stream().mapToInt(String::length).max().orElse(0);
    int right = high.stream().mapToInt(String::length).max().orElse(0);
    return IntStream.range(0, low.size())
        .mapToObj(
            k ->
                low.get(k).equals("-")
                    ? "-"
                    : ("[%" + left + "s, %" + right + "s]").formatted(low.get(k), high.get(k)))
        .toList();
  }

  private static List<String> ends(List<Estimate> estimates, ToDoubleFunction<Estimate> end) {
    return estimates.stream()
        .map(e -> Digits.withError(end.applyAsDouble(e), e.stdError()))
        .toList();
  }
}
