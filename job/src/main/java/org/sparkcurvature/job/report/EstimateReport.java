package org.sparkcurvature.job.report;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.stream.Collectors;
import org.sparkcurvature.job.config.InferConfig;
import org.sparkcurvature.job.config.ModelConfig;
import org.sparkcurvature.job.infer.Estimate;
import org.sparkcurvature.job.infer.EstimateSummary;
import org.sparkcurvature.job.infer.InferSummary;
import org.sparkcurvature.job.result.ModelStatistics;

/** What a person reads of an estimation: the table of coefficients, and what it rests on. */
public final class EstimateReport {
  private static final int MOST = 100;
  private static final int LEFT = 38;

  private final EstimateSummary summary;
  private final ModelConfig model;
  private final String output;
  private final Style style;

  /**
   * @param model the model as it was written out
   * @param output where the result was written
   */
  public EstimateReport(EstimateSummary summary, ModelConfig model, String output, Style style) {
    this.summary = summary;
    this.model = model;
    this.output = output;
    this.style = style;
  }

  /** The whole report, each line ended. */
  public String text() {
    Page page = new Page(style);
    page.heading(title());
    facts().forEach(page::line);
    page.heading("coefficients");
    page.lines(table(summary.infer().estimates()));
    if (summary.infer().settings().transform() == InferConfig.TableTransform.EXP) {
      page.heading("exp of coefficients");
      page.lines(exponentials());
    }
    InferReport.tests(page, summary.infer().tests());
    page.footer(output, summary.fit().run().seconds(), summary.infer().run().totalSeconds());
    return page.text();
  }

  private String title() {
    return "estimate"
        + model.statistics().response().map(response -> ": " + response).orElse("")
        + model.statistics().family().map(family -> ", " + family).orElse("");
  }

  private List<String> facts() {
    ModelStatistics s = summary.statistics();
    InferSummary infer = summary.infer();
    List<String> left = new ArrayList<>();
    List<String> right = new ArrayList<>();
    fact(left, "observations", Page.say("%,.0f", s.observations()));
    fact(left, "parameters", Page.say("%,d", s.parameters()));
    fact(left, "residual d.f.", Page.say("%,.0f", s.residualDegreesOfFreedom()));
    number(left, "deviance", s.deviance());
    number(left, "null deviance", s.nullDeviance());
    number(left, "Pearson X2", s.pearson());
    if (s.isScaled()) {
      number(left, "dispersion", OptionalDouble.of(s.dispersion()));
    }
    fact(left, "iterations", Page.say("%d", summary.fit().result().state().iteration()));
    if (s.logLikelihood().isEmpty()) {
      number(right, "value", OptionalDouble.of(summary.fit().result().value()));
    }
    number(right, "log-likelihood", s.logLikelihood());
    number(right, "null log-lik.", s.nullLogLikelihood());
    s.likelihoodRatio()
        .ifPresent(
            ratio -> {
              fact(
                  right,
                  Page.say("LR chi2(%d)", s.degreesOfFreedom()),
                  EstimateLines.significant(ratio));
              fact(right, "p of LR", EstimateLines.probability(s.likelihoodRatioP().getAsDouble()));
            });
    if (s.isScaled()) {
      number(right, "R2 (deviance)", s.explainedDeviance());
    } else {
      number(right, "pseudo R2", s.pseudoR2());
    }
    number(right, "AIC", s.aic());
    number(right, "BIC", s.bic());
    fact(right, "covariance", infer.settings().covariance().toString());
    List<String> lines = new ArrayList<>();
    for (int k = 0; k < Math.max(left.size(), right.size()); k++) {
      lines.add(
          Page.say(
                  "  %-" + LEFT + "s  %s",
                  k < left.size() ? left.get(k) : "",
                  k < right.size() ? right.get(k) : "")
              .stripTrailing());
    }
    if (!infer.factor().equals("none")) {
      lines.add("  errors times " + infer.factor());
    }
    if (!infer.groups().isEmpty()) {
      lines.add(
          "  groups: "
              + infer.groups().entrySet().stream()
                  .map(groups -> Page.say("%s %,d", groups.getKey(), groups.getValue()))
                  .collect(Collectors.joining(", ")));
    }
    infer
        .degreesOfFreedom()
        .ifPresent(df -> lines.add(Page.say("  compared with t of %,.0f degrees of freedom", df)));
    InferReport.profiles(infer.settings()).ifPresent(line -> lines.add("  intervals " + line));
    long rejected = summary.fit().run().rows().rejected();
    if (rejected > 0) {
      lines.add(
          Page.say("  %,d of %,d rows left out", rejected, summary.fit().run().rows().read()));
    }
    return lines;
  }

  private static void fact(List<String> column, String name, String value) {
    column.add(Page.say("%-15s %20s", name, value));
  }

  private static void number(List<String> column, String name, OptionalDouble value) {
    value.ifPresent(number -> fact(column, name, EstimateLines.significant(number)));
  }

  private List<String> table(List<Estimate> estimates) {
    List<Estimate> shown = estimates.stream().limit(MOST).toList();
    String percent = NumberFormat.brief(100 * summary.infer().settings().level());
    List<String> lines =
        new ArrayList<>(
            EstimateLines.of(
                shown, percent, summary.infer().degreesOfFreedom().isPresent() ? "t" : "z"));
    if (shown.size() < estimates.size()) {
      lines.add(Page.say("  and %,d more in estimates.json", estimates.size() - shown.size()));
    }
    return lines;
  }

  private List<String> exponentials() {
    List<String> lines = new ArrayList<>();
    String percent = NumberFormat.brief(100 * summary.infer().settings().level());
    lines.add(Page.say("  %-36s %12s  %12s  %12s", "", "exp", percent + "% from", "to"));
    for (Estimate e :
        summary.infer().estimates().stream().filter(summary.infer()::hasExp).limit(MOST).toList()) {
      lines.add(
          Page.say(
              "  %-36s %12s  %12s  %12s",
              EstimateLines.shortened(List.of(e.name()), 36).get(0),
              Page.say("%.5g", Math.exp(e.estimate())),
              Page.say("%.5g", Math.exp(e.ciLow())),
              Page.say("%.5g", Math.exp(e.ciHigh()))));
    }
    return lines;
  }
}
