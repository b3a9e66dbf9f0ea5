package org.sparkcurvature.job.page;

import java.util.List;
import java.util.Locale;
import org.sparkcurvature.job.chart.BarPlot;
import org.sparkcurvature.job.report.Digits;
import org.sparkcurvature.job.result.InfluenceSummary;

/** The page of {@code influence}. */
public final class InfluencePage {
  private InfluencePage() {}

  /**
   * The page of influences.
   *
   * @param rows what influences are like
   * @param withRows whether rows may be named
   */
  public static PageContent of(InfluenceSummary summary, RowPictures rows, boolean withRows) {
    PageContent content =
        content("of leaving a row out, on " + summary.on(), summary.largest(), withRows);
    content.asked("influence on", summary.on());
    summary.linearPredictor().ifPresent(predictor -> content.asked("linear predictor", predictor));
    summary
        .dispersion()
        .ifPresent(value -> content.asked("dispersion", Digits.brief(value) + ", estimated"));
    rows.beside(
        content, rows.has("residual_pearson") ? "residual_pearson" : "cooks_distance", "leverage");
    rows.add(content);
    return content;
  }

  /**
   * The page of influences on the parameters of groups.
   *
   * @param by the keys
   */
  public static PageContent ofGroups(
      List<String> by, List<InfluenceSummary.Largest> largest, boolean withRows) {
    return content(
        "of leaving a row out on the parameters of its group (" + String.join(", ", by) + ")",
        largest,
        withRows);
  }

  private static PageContent content(
      String what, List<InfluenceSummary.Largest> largest, boolean withRows) {
    String most =
        largest.isEmpty()
            ? "No row has an influence."
            : String.format(Locale.ROOT, "The largest is %.4g.", largest.get(0).value());
    PageContent content = new PageContent("Influence " + what, PageContent.Status.NEUTRAL, most);
    if (!withRows || largest.isEmpty()) {
      content.result("The influence of each row is in the table influence.");
      return content;
    }
    PageTable table = new PageTable("Rows that matter most", "row", "influence");
    largest.forEach(row -> table.row(PageTable.Cell.of(row.row()), PageTable.Cell.of(row.value())));
    content.result(table);
    content.picture(
        BarPlot.of(
            "influence",
            "The rows of the largest influence, by magnitude",
            largest.stream()
                .map(
                    row ->
                        new BarPlot.Bar(
                            row.row(),
                            Math.abs(row.value()),
                            String.format(Locale.ROOT, "%.4g", row.value())))
                .toList(),
            "magnitude"));
    return content;
  }
}
