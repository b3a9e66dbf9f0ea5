package org.sparkcurvature.job.page;

import java.util.List;
import java.util.Locale;
import org.apache.commons.math3.distribution.NormalDistribution;
import org.sparkcurvature.job.chart.Calibration;
import org.sparkcurvature.job.report.Digits;
import org.sparkcurvature.job.watch.Distribution;
import org.sparkcurvature.job.watch.FittedValues;

/** What a model expects of rows beside what was observed. */
final class FittedPictures {
  private static final int RANGES = 20;
  private static final double[] SHARES = {0.001, 0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99, 0.999};
  private static final NormalDistribution NORMAL = new NormalDistribution(null, 0, 1);

  private FittedPictures() {}

  /**
   * Adds calibration and residuals.
   *
   * @param dispersion that variances are multiplied by
   * @param level of the intervals
   */
  static void add(PageContent content, FittedValues fitted, double dispersion, double level) {
    List<FittedValues.Range> ranges = fitted.ranges(RANGES);
    if (ranges.isEmpty()) {
      return;
    }
    double quantile = NORMAL.inverseCumulativeProbability((1 + level) / 2);
    double root = Math.sqrt(dispersion);
    PageTable table =
        new PageTable(
            "Rows by their expected value", "expected", "observed", "std. err. of it", "rows");
    int within = 0;
    for (FittedValues.Range range : ranges) {
      double error = root * range.error();
      within += Math.abs(range.observed() - range.mean()) <= quantile * error ? 1 : 0;
      table.row(
          PageTable.Cell.of(range.mean()),
          PageTable.Cell.of(range.observed(), error),
          PageTable.Cell.of(error, error),
          PageTable.Cell.of(range.rows()));
    }
    content.picture(
        Calibration.of(
            "calibration",
            String.format(
                Locale.ROOT,
                "Calibration: in %d of %d ranges of the expected value what was observed agrees with"
                    + " it (%s%%)",
                within,
                ranges.size(),
                Digits.brief(100 * level)),
            ranges.stream()
                .map(
                    range ->
                        new Calibration.Point(
                            range.mean(), range.observed(), quantile * root * range.error()))
                .toList(),
            "expected, mean of a range",
            "observed, mean of a range"),
        table);
    residuals(content, fitted.residuals(), root);
  }

  /**
   * Adds the losses of rows.
   *
   * @param called what they are
   */
  static void losses(PageContent content, Distribution losses, String called) {
    if (losses.count() == 0) {
      return;
    }
    PageTable table = new PageTable("Quantiles", "share below, %", called);
    for (double share : SHARES) {
      table.row(PageTable.Cell.of(100 * share), PageTable.Cell.of(losses.quantile(share)));
    }
    String finding =
        String.format(
            Locale.ROOT,
            "%s: median %.3g, from %.4g to %.4g",
            Captions.sentence(called),
            losses.quantile(0.5),
            losses.smallest(),
            losses.largest());
    DistributionPicture.of("losses", finding, losses, 1, called)
        .ifPresent(figure -> content.picture(figure, table));
  }

  private static void residuals(PageContent content, Distribution residuals, double root) {
    PageTable table = new PageTable("Quantiles", "share below, %", "residual", "of a normal one");
    for (double share : SHARES) {
      table.row(
          PageTable.Cell.of(100 * share),
          PageTable.Cell.of(residuals.quantile(share) / root),
          PageTable.Cell.of(NORMAL.inverseCumulativeProbability(share)));
    }
    String finding =
        String.format(
            Locale.ROOT,
            "Residuals over their standard deviations: median %.3g, from %.4g to %.4g",
            residuals.quantile(0.5) / root,
            residuals.smallest() / root,
            residuals.largest() / root);
    DistributionPicture.of("residuals", finding, residuals, root, "Pearson residual")
        .ifPresent(figure -> content.picture(figure, table));
  }
}
