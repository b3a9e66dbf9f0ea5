package org.sparkcurvature.job.page;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import org.sparkcurvature.job.chart.IntervalPlot;
import org.sparkcurvature.job.infer.Estimate;
import org.sparkcurvature.job.report.Digits;
import org.sparkcurvature.job.report.Largest;

/** The table of estimates and their intervals as a picture. */
final class EstimatePictures {
  private static final int WHOLE = 60;
  private static final int OF_MORE = 40;

  /** Errors of one picture on their own scale; where they differ by more, in standard errors. */
  private static final double ONE_SCALE = 50;

  private EstimatePictures() {}

  private static double[] statistics(List<Estimate> estimates) {
    return estimates.stream().mapToDouble(Estimate::z).toArray();
  }

  /** The estimates that a picture shows: of many those of the largest abs(z), in their order. */
  private static List<Estimate> drawn(List<Estimate> estimates) {
    int count = estimates.size() <= WHOLE ? estimates.size() : OF_MORE;
    return Arrays.stream(Largest.positions(statistics(estimates), count))
        .mapToObj(estimates::get)
        .toList();
  }

  /**
   * Adds the table.
   *
   * @param level of the intervals
   * @param statistic z or t
   * @param file that has all of them
   */
  static void table(
      PageContent content,
      String caption,
      List<Estimate> estimates,
      double level,
      String statistic,
      String file) {
    int[] shown = PageTable.shown(statistics(estimates));
    String percent = Digits.brief(100 * level);
    PageTable table =
        new PageTable(
            shown.length < estimates.size()
                ? String.format(
                    Locale.ROOT,
                    "%s: %d of %,d, those of the largest abs(%s); all are in %s",
                    caption,
                    shown.length,
                    estimates.size(),
                    statistic,
                    file)
                : caption,
            "name",
            "estimate",
            "std. err.",
            statistic,
            "p",
            percent + "% from",
            "to");
    for (int k : shown) {
      Estimate e = estimates.get(k);
      table.row(
          PageTable.Cell.of(e.name()),
          PageTable.Cell.of(e.estimate(), e.stdError()),
          PageTable.Cell.of(e.stdError(), e.stdError()),
          new PageTable.Cell(Digits.statistic(e.z()), e.z()),
          new PageTable.Cell(Digits.probability(e.p()), e.p()),
          PageTable.Cell.of(e.ciLow(), e.stdError()),
          PageTable.Cell.of(e.ciHigh(), e.stdError()));
    }
    content.result(table);
  }

  /** Adds the picture, where there is an interval. */
  static void intervals(PageContent content, String id, List<Estimate> estimates, double level) {
    List<Estimate> known = estimates.stream().filter(e -> e.stdError() > 0).toList();
    List<Estimate> drawn = drawn(known);
    if (drawn.isEmpty()) {
      return;
    }
    double smallest = drawn.stream().mapToDouble(Estimate::stdError).min().orElse(1);
    double largest = drawn.stream().mapToDouble(Estimate::stdError).max().orElse(1);
    boolean inErrors = largest > ONE_SCALE * smallest;
    String finding = finding("", "0", known, drawn, level);
    content.picture(
        IntervalPlot.of(
            id,
            finding,
            drawn.stream().map(e -> line(e, inErrors ? e.stdError() : 1)).toList(),
            inErrors ? "estimate in standard errors" : "estimate",
            OptionalDouble.of(0),
            false));
  }

  /** Adds the picture of exp of estimates, beside 1. */
  static void ratios(PageContent content, List<Estimate> estimates, double level) {
    List<Estimate> known = estimates.stream().filter(e -> e.stdError() > 0).toList();
    List<Estimate> drawn = drawn(known);
    if (drawn.isEmpty()) {
      return;
    }
    content.picture(
        IntervalPlot.of(
            "ratios",
            finding("exp of the estimates: ", "1", known, drawn, level),
            drawn.stream()
                .map(
                    e ->
                        new IntervalPlot.Line(
                            e.name(),
                            Math.exp(e.estimate()),
                            Math.exp(e.ciLow()),
                            Math.exp(e.ciHigh())))
                .toList(),
            "exp of the estimate",
            OptionalDouble.of(1),
            true));
  }

  private static String finding(
      String before, String neutral, List<Estimate> known, List<Estimate> drawn, double level) {
    long around = known.stream().filter(e -> e.ciLow() <= 0 && e.ciHigh() >= 0).count();
    return String.format(
        Locale.ROOT,
        "%s%,d of %,d intervals include %s (%s%%)%s",
        before,
        around,
        known.size(),
        neutral,
        Digits.brief(100 * level),
        drawn.size() < known.size()
            ? String.format(
                Locale.ROOT,
                "; shown are %d of %,d, those furthest from it",
                drawn.size(),
                known.size())
            : "");
  }

  private static IntervalPlot.Line line(Estimate e, double unit) {
    return new IntervalPlot.Line(
        e.name(), e.estimate() / unit, e.ciLow() / unit, e.ciHigh() / unit);
  }
}
