package org.sparkcurvature.job.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.sparkcurvature.job.config.InferConfig;
import org.sparkcurvature.job.config.ModelConfig;
import org.sparkcurvature.job.infer.Estimate;
import org.sparkcurvature.job.infer.HypothesisTest;
import org.sparkcurvature.job.infer.InferSummary;

/** What a person reads of an inference: one line for each estimate. */
public final class InferReport {
  private static final int MOST = 60;

  private final InferSummary summary;
  private final ModelConfig model;
  private final String output;
  private final Style style;

  /**
   * @param model the loss as the user wrote it
   * @param output where the result was written
   */
  public InferReport(InferSummary summary, ModelConfig model, String output, Style style) {
    this.summary = summary;
    this.model = model;
    this.output = output;
    this.style = style;
  }

  /** The whole report, each line ended. */
  public String text() {
    Page page = new Page(style);
    page.heading("infer");
    page.model(model);
    page.rows(summary.run().rows(), summary.run().weight());
    page.field(
        "errors",
        summary.settings().covariance()
            + (summary.factor().equals("none") ? "" : ", times " + summary.factor()));
    if (!summary.profiled().isEmpty()) {
      page.field("estimated", "too, and profiled out: " + String.join(", ", summary.profiled()));
    }
    if (!summary.groups().isEmpty()) {
      page.field(
          "groups",
          summary.groups().entrySet().stream()
              .map(groups -> Page.say("%s: %,d", groups.getKey(), groups.getValue()))
              .collect(Collectors.joining(", ")));
    }
    summary
        .likelihood()
        .ifPresent(
            likelihood ->
                page.field(
                    "log-lik.",
                    Page.say(
                        "%.4f, AIC %.4f, BIC %.4f",
                        likelihood.logLikelihood(), likelihood.aic(), likelihood.bic())));
    profiles(summary.settings()).ifPresent(line -> page.field("intervals", line));
    page.heading("estimates");
    page.lines(estimates());
    tests(page, summary.tests());
    page.footer(output, summary.run().seconds(), summary.run().totalSeconds());
    return page.text();
  }

  private List<String> estimates() {
    List<Estimate> shown = summary.estimates().stream().limit(MOST).toList();
    String percent = NumberFormat.brief(100 * summary.settings().level());
    List<String> lines = new ArrayList<>(EstimateLines.of(shown, percent));
    if (shown.size() < summary.estimates().size()) {
      lines.add(
          Page.say("  and %,d more in estimates.json", summary.estimates().size() - shown.size()));
    }
    return lines;
  }

  /** The tests of a result, where there are any. */
  static void tests(Page page, List<HypothesisTest> tests) {
    if (tests.isEmpty()) {
      return;
    }
    boolean onlyWald = tests.stream().allMatch(test -> test.statistics().size() == 1);
    page.heading(onlyWald ? "Wald tests" : "tests");
    tests.forEach(
        test -> {
          String hypothesis =
              Page.say("  %s: %s", test.name(), String.join(", ", test.hypothesis()));
          List<String> found =
              test.statistics().entrySet().stream()
                  .map(
                      statistic ->
                          Page.say(
                              "chi-squared(%d) = %s, p = %s",
                              test.degreesOfFreedom(),
                              EstimateLines.significant(statistic.getValue()),
                              EstimateLines.probability(test.p(statistic.getValue()))))
                  .toList();
          if (onlyWald) {
            page.line(hypothesis + "; " + found.get(0));
            return;
          }
          page.line(hypothesis);
          List<String> kinds = List.copyOf(test.statistics().keySet());
          for (int k = 0; k < kinds.size(); k++) {
            page.line(Page.say("    %-16s  %s", kinds.get(k), found.get(k)));
          }
        });
  }

  /** Whose intervals are by profile likelihood, in a line. */
  static Optional<String> profiles(InferConfig settings) {
    return settings.profile().isEmpty()
        ? Optional.empty()
        : Optional.of("by profile likelihood: " + String.join(", ", settings.profile()));
  }
}
