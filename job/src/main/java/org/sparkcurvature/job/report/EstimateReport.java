package org.sparkcurvature.job.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import org.sparkcurvature.job.config.ModelConfig;
import org.sparkcurvature.job.config.TensorConfig;
import org.sparkcurvature.job.infer.Estimate;
import org.sparkcurvature.job.infer.EstimateSummary;
import org.sparkcurvature.job.infer.InferSummary;
import org.sparkcurvature.job.result.FitSummary;
import org.sparkcurvature.job.result.ModelStatistics;

/** What a person reads of an estimation: the table of coefficients, and what it rests on. */
public final class EstimateReport implements Report {
  private static final int MOST_REFERENCES = 12;

  private final EstimateSummary summary;
  private final ModelConfig model;
  private final Map<String, TensorConfig> tensors;

  /**
   * @param model the model as it was written out
   * @param tensors of the input: those that are categorical tell references
   */
  public EstimateReport(
      EstimateSummary summary, ModelConfig model, Map<String, TensorConfig> tensors) {
    this.summary = summary;
    this.model = model;
    this.tensors = tensors;
  }

  @Override
  public String text(View view) {
    Page page = new Page(view);
    FitSummary fit = summary.fit();
    ModelStatistics s = summary.statistics();
    page.title("estimate", FitReport.title(fit.result(), model, fit, s.parameters()));
    page.field(FitReport.status(fit.result()), FitReport.outcome(fit));
    likelihood(page, s, fit.result().value());
    nullModel(page, s);
    deviance(page, s);
    page.rows(fit.run().rows(), fit.run().weight());
    InferReport.errors(page, summary.infer());
    InferReport.estimates(page, summary.infer());
    response(page);
    References.of(summary.infer().estimates().stream().map(Estimate::name).toList(), tensors)
        .entrySet()
        .stream()
        .limit(MOST_REFERENCES)
        .forEach(e -> page.field("reference", "of " + e.getKey() + " is " + e.getValue()));
    exponentials(page);
    InferReport.tests(page, summary.infer());
    return page.text();
  }

  /** Of a response of texts, which one the others are compared with. */
  private void response(Page page) {
    boolean ordered = model.statistics().family().orElse("").startsWith("ordered");
    if (!ordered && tensors.get("y") instanceof TensorConfig.Encoded y && y.levels().size() > 1) {
      String second =
          y.levels().size() == 2 ? "; the probability is that of " + y.levels().get(1) : "";
      page.field("reference", "of " + y.column() + " is " + y.levels().get(0) + second);
    }
  }

  private static void likelihood(Page page, ModelStatistics s, double value) {
    String size = Page.say("(n %,.0f, k %,d)", s.observations(), s.parameters());
    if (s.logLikelihood().isEmpty()) {
      page.field("value", Digits.significant(value) + "   " + size);
      return;
    }
    page.field(
        "log-lik.",
        Page.say(
            "%s   AIC %s   BIC %s   %s",
            Digits.logarithm(s.logLikelihood().getAsDouble()),
            Digits.logarithm(s.aic().orElseThrow()),
            Digits.logarithm(s.bic().orElseThrow()),
            size));
  }

  /** What the predictors explain. */
  private static void nullModel(Page page, ModelStatistics s) {
    List<String> facts = new ArrayList<>();
    s.nullLogLikelihood().ifPresent(value -> facts.add(Digits.logarithm(value)));
    s.likelihoodRatio()
        .ifPresent(
            ratio -> {
              facts.add(
                  Page.say("LR chi2(%d) %s", s.degreesOfFreedom(), Digits.significant(ratio)));
              facts.add("p " + Digits.probability(s.likelihoodRatioP().orElseThrow()));
            });
    if (s.isScaled()) {
      s.explainedDeviance()
          .ifPresent(value -> facts.add("R2 (deviance) " + Digits.significant(value, 4)));
    } else {
      s.pseudoR2().ifPresent(value -> facts.add("pseudo R2 " + Digits.significant(value, 4)));
    }
    if (!facts.isEmpty()) {
      page.field("null model", String.join("   ", facts));
    }
  }

  private static void deviance(Page page, ModelStatistics s) {
    List<String> facts = new ArrayList<>();
    s.nullDeviance().ifPresent(value -> facts.add("(null " + Digits.significant(value) + ")"));
    s.pearson()
        .ifPresent(
            value ->
                facts.add(
                    Page.say(
                        "Pearson X2 %s on %,.0f d.f.",
                        Digits.significant(value), s.residualDegreesOfFreedom())));
    if (s.isScaled()) {
      facts.add("dispersion " + Digits.significant(s.dispersion()));
    }
    String others = String.join("   ", facts);
    if (s.deviance().isPresent()) {
      page.field(
          "deviance",
          (Digits.significant(s.deviance().getAsDouble()) + "   " + others).stripTrailing());
    } else if (!others.isEmpty()) {
      page.field("residuals", others);
    }
  }

  private void exponentials(Page page) {
    InferSummary infer = summary.infer();
    List<Estimate> estimates = infer.estimates().stream().filter(infer::hasExp).toList();
    if (estimates.isEmpty()) {
      return;
    }
    page.heading("exp of coefficients");
    List<Estimate> shown = EstimateLines.shown(page.view(), estimates);
    String interval = Digits.brief(100 * infer.settings().level()) + "% interval";
    List<String> lines =
        new Rows(page.view(), shown.stream().map(Estimate::name).toList())
            .column("exp", Digits.aligned(exp(shown, Estimate::estimate)))
            .column(
                interval,
                EstimateLines.intervals(exp(shown, Estimate::ciLow), exp(shown, Estimate::ciHigh)))
            .lines();
    page.lines(EstimateLines.withRest(lines, estimates.size() - shown.size(), ""));
  }

  /** With the digits that the error of exp has, to first order. */
  private static List<String> exp(List<Estimate> estimates, ToDoubleFunction<Estimate> of) {
    return estimates.stream()
        .map(
            e ->
                Digits.withError(
                    Math.exp(of.applyAsDouble(e)), Math.exp(e.estimate()) * e.stdError()))
        .toList();
  }
}
