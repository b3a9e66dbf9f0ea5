package org.sparkcurvature.job.page;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.sparkcurvature.job.report.PredictReport;

/** The page of {@code predict}. */
public final class PredictPage {
  private PredictPage() {}

  /**
   * The page of predictions.
   *
   * @param named expressions by the names of their columns
   */
  public static PageContent of(
      long rows,
      Map<String, String> named,
      List<PredictReport.Column> columns,
      RowPictures distributions) {
    PageContent content =
        new PageContent(
            "Predictions of " + String.join(", ", named.keySet()),
            PageContent.Status.NEUTRAL,
            String.format(Locale.ROOT, "%,d rows have predictions.", rows));
    content.number("rows", String.format(Locale.ROOT, "%,d", rows));
    named.forEach((column, expression) -> content.asked(column, expression));
    PageTable table = new PageTable("Predictions", "column", "mean", "smallest", "largest");
    columns.forEach(
        column ->
            table.row(
                PageTable.Cell.of(column.name()),
                PageTable.Cell.of(column.mean()),
                PageTable.Cell.of(column.smallest()),
                PageTable.Cell.of(column.largest())));
    content.result(table);
    distributions.add(content);
    return content;
  }
}
