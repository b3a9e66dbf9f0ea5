package org.sparkcurvature.job.report;

import java.util.List;
import java.util.Map;
import org.sparkcurvature.job.config.ModelConfig;
import org.sparkcurvature.job.result.InfluenceSummary;

/** What a person reads of influences: the rows that matter most. */
public final class InfluenceReport {
  private final InfluenceSummary summary;
  private final ModelConfig model;
  private final String output;
  private final Style style;

  /**
   * @param model the loss as the user wrote it
   * @param output where the result was written
   */
  public InfluenceReport(InfluenceSummary summary, ModelConfig model, String output, Style style) {
    this.summary = summary;
    this.model = model;
    this.output = output;
    this.style = style;
  }

  /** The report of influences on the parameters of groups, each line ended. */
  public static String ofGroups(
      List<String> by,
      List<InfluenceSummary.Largest> largest,
      String output,
      Style style,
      Map<String, Double> seconds,
      double total) {
    Page page = new Page(style);
    page.heading("influence by " + String.join(", ", by));
    page.heading("rows of the largest self-influence, in their groups");
    page.lines(rows(largest));
    page.line("  and for each row in influence");
    page.footer(output, seconds, total);
    return page.text();
  }

  private static List<String> rows(List<InfluenceSummary.Largest> largest) {
    List<Table.Row> rows =
        largest.stream()
            .map(row -> new Table.Row(row.row(), List.of(Page.say("%.6g", row.value()))))
            .toList();
    return new Table(List.of("influence"), rows).lines(100);
  }

  /** The whole report, each line ended. */
  public String text() {
    Page page = new Page(style);
    page.heading("influence");
    page.model(model);
    page.rows(summary.run().rows(), summary.run().weight());
    page.field("on", summary.on());
    summary
        .dispersion()
        .ifPresent(value -> page.field("dispersion", NumberFormat.brief(value) + ", estimated"));
    page.heading(
        summary.on().equals("parameters")
            ? "rows of the largest self-influence"
            : "rows that matter most (what leaving one out adds, to first order)");
    page.lines(rows(summary.largest()));
    page.line("  and for each row in influence");
    page.footer(output, summary.run().seconds(), summary.run().totalSeconds());
    return page.text();
  }
}
