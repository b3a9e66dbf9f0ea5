package org.sparkcurvature.job.page;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.sparkcurvature.job.chart.BarPlot;
import org.sparkcurvature.job.groups.GroupsSummary;
import org.sparkcurvature.job.groups.Status;
import org.sparkcurvature.job.report.Digits;

/** The page of {@code fit} and {@code estimate} by groups. */
public final class GroupsPage {
  private static final int COEFFICIENTS = 8;

  private GroupsPage() {}

  /**
   * The page of fits by groups.
   *
   * @param withRows whether groups may be named
   */
  public static PageContent of(GroupsSummary summary, boolean withRows) {
    boolean all = summary.converged() == summary.groups();
    PageContent content =
        new PageContent(
            "One model for each " + String.join(", ", summary.by()),
            all ? PageContent.Status.GOOD : PageContent.Status.NEUTRAL,
            String.format(
                Locale.ROOT,
                "%,d of %,d groups have estimates.",
                summary.converged(),
                summary.groups()));
    content.number("groups", String.format(Locale.ROOT, "%,d", summary.groups()));
    content.number("rows used", String.format(Locale.ROOT, "%,d", summary.rows().used()));
    content.number("parameters each", String.valueOf(summary.names().size()));
    content.asked("covariance", summary.settings().covariance().toString());
    summary
        .equality()
        .ifPresent(
            test ->
                content.result(
                    String.format(
                        Locale.ROOT,
                        "The same coefficients in all groups: likelihood ratio %s, chi2(%,d), p %s.",
                        Digits.significant(test.likelihoodRatio()),
                        test.degreesOfFreedom(),
                        Digits.probability(test.p()))));
    summary
        .heldOut()
        .ifPresent(
            loss ->
                content.result(
                    String.format(
                        Locale.ROOT,
                        "Mean loss of %,d rows held out: %s by own estimates, %s by shrunken ones.",
                        loss.rows(),
                        Digits.significant(loss.own()),
                        Digits.significant(loss.shrunken()))));
    statuses(content, summary);
    if (withRows) {
      examples(content, summary);
    }
    return content;
  }

  private static void statuses(PageContent content, GroupsSummary summary) {
    PageTable table = new PageTable("Groups by status", "status", "groups", "%");
    List<BarPlot.Bar> bars = new ArrayList<>();
    summary
        .counts()
        .forEach(
            (status, count) -> {
              double percent = 100.0 * count / summary.groups();
              table.row(
                  PageTable.Cell.of(status.toString()),
                  PageTable.Cell.of(count),
                  new PageTable.Cell(String.format(Locale.ROOT, "%.1f", percent), percent));
              bars.add(
                  new BarPlot.Bar(
                      status.toString(), count, String.format(Locale.ROOT, "%,d", count)));
            });
    content.result(table);
    if (bars.size() > 1) {
      content.picture(
          BarPlot.of(
              "statuses",
              String.format(
                  Locale.ROOT,
                  "%,d of %,d groups converged",
                  summary.converged(),
                  summary.groups()),
              bars,
              "groups"));
    }
  }

  private static void examples(PageContent content, GroupsSummary summary) {
    List<String> names = summary.names().subList(0, Math.min(COEFFICIENTS, summary.names().size()));
    List<String> columns = new ArrayList<>(List.of("group", "rows"));
    columns.addAll(names);
    PageTable fitted = new PageTable("The first groups", columns.toArray(String[]::new));
    for (GroupsSummary.Example example :
        summary.examples().getOrDefault(Status.CONVERGED, List.of())) {
      List<PageTable.Cell> cells = new ArrayList<>();
      cells.add(PageTable.Cell.of(example.key()));
      cells.add(PageTable.Cell.of(example.rows()));
      for (int k = 0; k < names.size(); k++) {
        double error = example.errors().length == 0 ? Double.NaN : example.errors()[k];
        cells.add(PageTable.Cell.of(example.estimates()[k], error));
      }
      fitted.row(cells.toArray(PageTable.Cell[]::new));
    }
    content.result(fitted);
    PageTable failed = new PageTable("Groups without estimates", "group", "rows", "status", "why");
    summary
        .examples()
        .forEach(
            (status, examples) -> {
              if (status != Status.CONVERGED) {
                examples.forEach(
                    example ->
                        failed.row(
                            PageTable.Cell.of(example.key()),
                            PageTable.Cell.of(example.rows()),
                            PageTable.Cell.of(status.toString()),
                            PageTable.Cell.of(example.message())));
              }
            });
    content.result(failed);
  }
}
