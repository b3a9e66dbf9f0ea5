package org.sparkcurvature.job.page;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.sparkcurvature.job.chart.CellPlot;
import org.sparkcurvature.job.report.Digits;
import org.sparkcurvature.job.watch.Distribution;
import org.sparkcurvature.job.watch.Extremes;
import org.sparkcurvature.job.watch.RowWatch;

/**
 * What rows are like: histograms, and the rows that stand out.
 *
 * @param seen by column
 * @param withRows whether rows may be named
 */
public record RowPictures(Map<String, RowWatch.Seen> seen, boolean withRows) {
  private static final int MARKED = 3;

  /** Columns whose pictures a page has room for. */
  private static final int MOST = 6;

  private static final Map<String, String> CALLED =
      Map.of(
          "value", "loss of a row",
          "gradient", "norm of a row's gradient",
          "self_influence", "self-influence",
          "influence", "influence",
          "leverage", "leverage",
          "residual_pearson", "size of the Pearson residual",
          "cooks_distance", "Cook's distance");

  /** Whether a column was seen. */
  boolean has(String column) {
    return seen.containsKey(column);
  }

  /** Adds the picture of magnitudes of a column beside the one that is watched before it. */
  void beside(PageContent content, String column, String before) {
    RowWatch.Seen found = seen.get(column);
    if (found == null || found.beside().cells().isEmpty()) {
      return;
    }
    String called = CALLED.getOrDefault(column, column);
    String other = CALLED.getOrDefault(before, before);
    content.picture(
        CellPlot.of(
            "rows-" + column + "-" + before,
            Captions.sentence(called)
                + " against "
                + other
                + (withRows ? ": the largest are marked" : ""),
            found.beside().cells().stream()
                .map(c -> new CellPlot.Cell(c.x(), c.toX(), c.y(), c.toY(), c.rows()))
                .toList(),
            found.extremes().descending().stream()
                .filter(row -> withRows && row.before() != 0 && row.value() != 0)
                .limit(MARKED)
                .map(
                    row ->
                        new CellPlot.Named(
                            name(row), Math.abs(row.before()), Math.abs(row.value())))
                .toList(),
            other,
            called));
  }

  /** Adds pictures and tables. */
  void add(PageContent content) {
    seen.values().stream()
        .filter(column -> column.distribution().count() > 0)
        .limit(MOST)
        .forEach(column -> add(content, column));
  }

  private void add(PageContent content, RowWatch.Seen column) {
    Distribution distribution = column.distribution();
    String called = CALLED.getOrDefault(column.column(), column.column());
    String finding =
        String.format(
            Locale.ROOT,
            "%s: median %.4g, from %.4g to %.4g in %,d rows%s",
            Captions.sentence(called),
            distribution.quantile(0.5),
            distribution.smallest(),
            distribution.largest(),
            distribution.count(),
            distribution.undefined() > 0
                ? String.format(Locale.ROOT, ", %,d without one", distribution.undefined())
                : "");
    PageTable extremes = new PageTable("Rows of the largest magnitudes", "row", called);
    if (withRows) {
      column
          .extremes()
          .descending()
          .forEach(
              row ->
                  extremes.row(
                      PageTable.Cell.of(name(row)),
                      new PageTable.Cell(Digits.significant(row.value()), row.value())));
    }
    DistributionPicture.of("rows-" + anchor(column.column()), finding, distribution, 1, called)
        .ifPresentOrElse(
            figure -> content.picture(figure, extremes),
            () -> {
              content.diagnostics(finding + ".");
              content.diagnostics(extremes);
            });
  }

  /** What is no identifier is told in the caption alone. */
  private String anchor(String column) {
    return column.matches("[A-Za-z_]\\w*")
        ? column
        : String.valueOf(List.copyOf(seen.keySet()).indexOf(column));
  }

  private static String name(Extremes.Extreme row) {
    return row.id().isEmpty() ? "row " + row.number() : "id " + row.id();
  }
}
