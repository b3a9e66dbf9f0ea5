package org.sparkcurvature.job.report;

import java.util.ArrayList;
import java.util.List;
import org.sparkcurvature.job.config.ModelConfig;
import org.sparkcurvature.job.groups.GroupsSummary;
import org.sparkcurvature.job.groups.Status;

/** What a person reads of fits by groups: how many have an answer, some of them, and the others. */
public final class GroupsReport {
  private static final int WIDTH = 80;
  private static final int LONGEST_KEY = 24;
  private static final int MOST_COEFFICIENTS = 4;

  private final GroupsSummary summary;
  private final ModelConfig model;
  private final String output;
  private final Style style;

  /**
   * @param output where the result was written; empty for a program
   */
  public GroupsReport(GroupsSummary summary, ModelConfig model, String output, Style style) {
    this.summary = summary;
    this.model = model;
    this.output = output;
    this.style = style;
  }

  /** The whole report, each line ended. */
  public String text() {
    Page page = new Page(style);
    page.heading(
        "%s by %s%s"
            .formatted(
                summary.command(),
                String.join(", ", summary.by()),
                model.statistics().family().map(family -> ": " + family).orElse("")));
    page.line(
        Page.say(
            "  %,d of %,d groups converged; %,d rows used of %,d",
            summary.converged(), summary.groups(), summary.rows().used(), summary.rows().read()));
    page.line("  errors: " + summary.settings().covariance());
    summary
        .heldOut()
        .ifPresent(
            loss ->
                page.line(
                    Page.say(
                        "  mean loss of %,d rows held out: own %s, shrunken %s",
                        loss.rows(),
                        NumberFormat.brief(loss.own()),
                        NumberFormat.brief(loss.shrunken()))));
    summary
        .equality()
        .ifPresent(
            test ->
                page.line(
                    Page.say(
                        "  the same coefficients in all groups: LR chi2(%,d) %s, p %s",
                        test.degreesOfFreedom(),
                        EstimateLines.significant(test.likelihoodRatio()),
                        EstimateLines.probability(test.p()))));
    List<GroupsSummary.Example> fitted =
        summary.examples().getOrDefault(Status.CONVERGED, List.of());
    if (!fitted.isEmpty()) {
      page.heading("the first groups, estimates (errors)");
      fitted.forEach(example -> estimates(page, example));
    }
    summary.counts().forEach((status, count) -> failures(page, status, count));
    page.footer(output, summary.seconds(), summary.totalSeconds());
    return page.text();
  }

  private void estimates(Page page, GroupsSummary.Example example) {
    List<String> parts = new ArrayList<>();
    int p = summary.names().size();
    for (int i = 0; i < Math.min(p, MOST_COEFFICIENTS); i++) {
      double value = example.estimates()[i];
      double error = example.errors().length == 0 ? Double.NaN : example.errors()[i];
      parts.add(
          "%s %s%s"
              .formatted(
                  summary.names().get(i),
                  EstimateLines.withError(value, error),
                  Double.isFinite(error) ? " (%.3g)".formatted(error) : ""));
    }
    if (p > MOST_COEFFICIENTS) {
      parts.add("and %d more".formatted(p - MOST_COEFFICIENTS));
    }
    wrapped(page, key(example) + ":", parts, "");
  }

  private void failures(Page page, Status status, long count) {
    if (status == Status.CONVERGED) {
      return;
    }
    page.heading(Page.say("%,d %s", count, status));
    for (GroupsSummary.Example example : summary.examples().getOrDefault(status, List.of())) {
      wrapped(page, key(example) + ":", List.of(example.message().split(" ")), " ");
    }
    if (count > summary.examples().getOrDefault(status, List.of()).size()) {
      page.line("  ...");
    }
  }

  private static String key(GroupsSummary.Example example) {
    String key = example.key();
    return key.length() <= LONGEST_KEY
        ? key
        : key.substring(0, LONGEST_KEY / 2 - 1) + "..." + key.substring(key.length() - 10);
  }

  /** Parts behind a key, on lines of 80 columns. */
  private static void wrapped(Page page, String key, List<String> parts, String between) {
    StringBuilder line = new StringBuilder("  ").append(key);
    boolean fresh = true;
    for (int k = 0; k < parts.size(); k++) {
      boolean last = k == parts.size() - 1;
      String part = parts.get(k) + (last || !between.isEmpty() ? "" : ",");
      if (!fresh && line.length() + 1 + part.length() > WIDTH) {
        page.line(line.toString());
        line = new StringBuilder("   ");
      }
      line.append(' ').append(part);
      fresh = false;
    }
    page.line(line.toString());
  }
}
