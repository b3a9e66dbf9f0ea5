package org.sparkcurvature.job.report;

import java.util.List;
import java.util.stream.Collectors;
import org.sparkcurvature.job.config.ModelConfig;
import org.sparkcurvature.job.groups.GroupsSummary;
import org.sparkcurvature.job.groups.Status;

/** What a person reads of fits by groups: how many have an answer, some of them, and the others. */
public final class GroupsReport implements Report {
  private static final int MOST_COEFFICIENTS = 4;

  private final GroupsSummary summary;
  private final ModelConfig model;

  public GroupsReport(GroupsSummary summary, ModelConfig model) {
    this.summary = summary;
    this.model = model;
  }

  @Override
  public String text(View view) {
    Page page = new Page(view);
    boolean none = summary.converged() == 0;
    page.title(
        summary.command(),
        Page.say(
            "%sby %s: %s; %s",
            none ? "NOT CONVERGED " : "",
            String.join(", ", summary.by()),
            model.called(),
            Page.rows(summary.rows().used())));
    page.field(
        none ? "NO ESTIMATES" : "CONVERGED",
        Page.say(
            "%,d of %,d groups%s",
            summary.converged(), summary.groups(), failures().isEmpty() ? "" : "; " + failures()));
    if (summary.rows().used() != summary.rows().read()) {
      page.field("rows", Page.say("%,d used of %,d", summary.rows().used(), summary.rows().read()));
    }
    page.field("std.err.", summary.settings().covariance().toString());
    summary
        .heldOut()
        .ifPresent(
            loss ->
                page.field(
                    "held out",
                    Page.say(
                        "mean loss of %,d rows: own %s, shrunken %s",
                        loss.rows(),
                        Digits.significant(loss.own()),
                        Digits.significant(loss.shrunken()))));
    summary
        .equality()
        .ifPresent(
            test ->
                page.field(
                    "equality",
                    Page.say(
                        "the same coefficients in all groups: LR chi2(%,d) %s, p %s",
                        test.degreesOfFreedom(),
                        Digits.significant(test.likelihoodRatio()),
                        Digits.probability(test.p()))));
    fitted(page);
    summary.counts().forEach((status, count) -> failures(page, status, count));
    return page.text();
  }

  /** {@code 436 collinear, 3 separable}. */
  private String failures() {
    return summary.counts().entrySet().stream()
        .filter(entry -> entry.getKey() != Status.CONVERGED)
        .map(entry -> Page.say("%,d %s", entry.getValue(), entry.getKey()))
        .collect(Collectors.joining(", "));
  }

  /** The first groups, a line each: estimates with their errors behind them. */
  private void fitted(Page page) {
    List<GroupsSummary.Example> examples =
        summary.examples().getOrDefault(Status.CONVERGED, List.of());
    if (examples.isEmpty()) {
      return;
    }
    int p = summary.names().size();
    page.heading(
        "the first groups"
            + (p > MOST_COEFFICIENTS
                ? Page.say(", %d of %,d coefficients", MOST_COEFFICIENTS, p)
                : ""));
    Rows rows = new Rows(page.view(), examples.stream().map(GroupsSummary.Example::key).toList());
    ShownNames names =
        ShownNames.of(
            summary.names().subList(0, Math.min(p, MOST_COEFFICIENTS)),
            Math.max(8, (page.view().width() - 12) / MOST_COEFFICIENTS - 2),
            page.view().ellipsis());
    for (int i = 0; i < names.shown().size(); i++) {
      int element = i;
      List<String> cells =
          examples.stream()
              .map(
                  example ->
                      estimate(
                          example.estimates()[element],
                          example.errors().length == 0 ? Double.NaN : example.errors()[element]))
              .toList();
      if (i == 0) {
        rows.column(names.shown().get(i), cells);
      } else {
        rows.optional(names.shown().get(i), cells);
      }
    }
    page.lines(rows.lines());
    page.lines(names.legend(page.view().width()));
  }

  private static String estimate(double value, double error) {
    return Digits.withError(value, error)
        + (Double.isFinite(error) ? " (" + Digits.error(error) + ")" : "");
  }

  private void failures(Page page, Status status, long count) {
    if (status == Status.CONVERGED) {
      return;
    }
    page.heading(Page.say("%,d %s", count, status));
    List<GroupsSummary.Example> examples = summary.examples().getOrDefault(status, List.of());
    ShownNames keys =
        ShownNames.of(
            examples.stream().map(GroupsSummary.Example::key).toList(),
            page.view().width() / 3,
            page.view().ellipsis());
    for (int k = 0; k < examples.size(); k++) {
      String key = keys.shown().get(k);
      page.field(key + " ".repeat(keys.width() - key.length()), examples.get(k).message());
    }
    if (count > examples.size()) {
      page.line(Page.say("  ... %,d more in the table", count - examples.size()));
    }
  }
}
