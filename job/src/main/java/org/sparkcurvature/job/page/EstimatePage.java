package org.sparkcurvature.job.page;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.Collectors;
import org.sparkcurvature.job.config.InferConfig;
import org.sparkcurvature.job.config.ModelConfig;
import org.sparkcurvature.job.config.TensorConfig;
import org.sparkcurvature.job.formula.Cells;
import org.sparkcurvature.job.infer.Estimate;
import org.sparkcurvature.job.infer.EstimateSummary;
import org.sparkcurvature.job.infer.HypothesisTest;
import org.sparkcurvature.job.infer.InferSummary;
import org.sparkcurvature.job.report.Digits;
import org.sparkcurvature.job.result.ModelStatistics;
import org.sparkcurvature.job.watch.Distribution;
import org.sparkcurvature.job.watch.FittedValues;

/** The page of {@code estimate} and of {@code infer}. */
public final class EstimatePage {
  private static final double[] SHARES = {0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99};

  /** Levels of a column that are listed. */
  private static final int MOST_LEVELS = 30;

  private EstimatePage() {}

  /**
   * The page of an estimation.
   *
   * @param categories tensors of the model that are numbers of levels, by name
   */
  public static PageContent of(
      EstimateSummary summary, ModelConfig model, Map<String, TensorConfig.Encoded> categories) {
    String family = model.statistics().family().orElse("a loss of its own");
    PageContent content =
        new PageContent(
            "Estimates"
                + model.statistics().response().map(y -> " of " + y).orElse("")
                + ": "
                + family,
            PageContent.Status.GOOD,
            String.format(
                Locale.ROOT,
                "Converged after %d iterations (relative gradient %.1e): %s",
                summary.fit().result().state().iteration(),
                summary.fit().result().relativeGradient(),
                summary
                    .fit()
                    .verdict()
                    .map(verdict -> "a " + verdict.kind() + ".")
                    .orElse("a stationary point.")));
    ModelStatistics statistics = summary.statistics();
    content.number("observations", String.format(Locale.ROOT, "%,.0f", statistics.observations()));
    content.number("parameters", String.format(Locale.ROOT, "%,d", statistics.parameters()));
    if (statistics.logLikelihood().isPresent()) {
      number(content, "log-likelihood", statistics.logLikelihood());
      number(content, "AIC", statistics.aic());
    } else {
      number(content, "value", OptionalDouble.of(summary.fit().result().value()));
    }
    number(
        content,
        statistics.isScaled() ? "R2 (deviance)" : "pseudo R2",
        statistics.isScaled() ? statistics.explainedDeviance() : statistics.pseudoR2());
    estimates(content, summary.infer());
    summary
        .fitted()
        .ifPresentOrElse(
            fitted ->
                FittedPictures.add(
                    content, fitted, statistics.dispersion(), summary.infer().settings().level()),
            () -> losses(content, summary.infer()));
    FitPictures.steps(content, summary.fit().result());
    summary
        .fitted()
        .ifPresent(
            fitted -> response(content, fitted, model.statistics().response().orElse("response")));
    levels(content, categories, summary.infer().rows());
    statistics(content, statistics);
    return content;
  }

  /**
   * The page of an inference at given parameters.
   *
   * @param categories tensors of the model that are numbers of levels, by name
   */
  public static PageContent of(InferSummary summary, Map<String, TensorConfig.Encoded> categories) {
    PageContent content =
        new PageContent(
            "Standard errors",
            PageContent.Status.NEUTRAL,
            "Errors by " + covariance(summary) + " at the parameters that were given.");
    content.number("rows used", String.format(Locale.ROOT, "%,d", summary.run().rows().used()));
    content.number("parameters", String.format(Locale.ROOT, "%,d", summary.covariance().order()));
    summary
        .likelihood()
        .ifPresent(
            likelihood -> {
              number(content, "log-likelihood", OptionalDouble.of(likelihood.logLikelihood()));
              number(content, "AIC", OptionalDouble.of(likelihood.aic()));
            });
    estimates(content, summary);
    losses(content, summary);
    levels(content, categories, summary.rows());
    return content;
  }

  private static void losses(PageContent content, InferSummary summary) {
    summary
        .rows()
        .ifPresent(
            rows ->
                FittedPictures.losses(
                    content,
                    rows.losses(),
                    summary.likelihood().isPresent()
                        ? "negative log-likelihood of a row"
                        : "loss of a row"));
  }

  private static String covariance(InferSummary summary) {
    return summary.settings().covariance()
        + (summary.factor().equals("none") ? "" : ", times " + summary.factor());
  }

  private static void estimates(PageContent content, InferSummary summary) {
    content.asked("covariance", covariance(summary));
    if (!summary.groups().isEmpty()) {
      content.asked(
          "clusters",
          summary.groups().entrySet().stream()
              .map(
                  groups ->
                      String.format(Locale.ROOT, "%s: %,d", groups.getKey(), groups.getValue()))
              .collect(Collectors.joining(", ")));
    }
    summary
        .degreesOfFreedom()
        .ifPresent(df -> content.asked("compared with", "t of " + Digits.brief(df) + " d.f."));
    double level = summary.settings().level();
    String statistic = summary.degreesOfFreedom().isPresent() ? "t" : "z";
    EstimatePictures.table(
        content, "Estimates", summary.estimates(), level, statistic, "estimates.csv");
    tests(content, summary.tests());
    int order = summary.covariance().order();
    List<Estimate> own =
        summary.estimates().subList(0, Math.min(order, summary.estimates().size()));
    EstimatePictures.intervals(content, "intervals", summary.estimates(), level);
    if (summary.settings().transform() == InferConfig.TableTransform.EXP) {
      EstimatePictures.ratios(
          content, summary.estimates().stream().filter(summary::hasExp).toList(), level);
    }
    if (own.size() == order) {
      MatrixPictures.add(
          content,
          "correlations",
          "correlations of the estimates",
          own.stream().map(Estimate::name).toList(),
          summary.covariance());
    }
  }

  private static void tests(PageContent content, List<HypothesisTest> tests) {
    PageTable table =
        new PageTable("Tests", "name", "hypothesis", "test", "distribution", "statistic", "p");
    for (HypothesisTest test : tests) {
      test.statistics()
          .forEach(
              statistic ->
                  table.row(
                      PageTable.Cell.of(test.name()),
                      PageTable.Cell.of(String.join(", ", test.hypothesis())),
                      PageTable.Cell.of(statistic.name()),
                      PageTable.Cell.of(statistic.distribution()),
                      PageTable.Cell.of(statistic.value()),
                      new PageTable.Cell(Digits.probability(statistic.p()), statistic.p())));
    }
    content.result(table);
  }

  private static void response(PageContent content, FittedValues fitted, String called) {
    Distribution responses = fitted.responses();
    String finding =
        String.format(
            Locale.ROOT,
            "The response: median %s, from %s to %s in %,d rows",
            Digits.brief(responses.quantile(0.5)),
            Digits.brief(responses.smallest()),
            Digits.brief(responses.largest()),
            responses.count());
    PageTable table = new PageTable("Quantiles", "share below, %", called);
    for (double share : SHARES) {
      table.row(PageTable.Cell.of(100 * share), PageTable.Cell.of(responses.quantile(share)));
    }
    DistributionPicture.of("response", finding, responses, 1, called)
        .ifPresent(figure -> content.data(figure, table));
  }

  private static void levels(
      PageContent content,
      Map<String, TensorConfig.Encoded> categories,
      Optional<FittedValues> fitted) {
    categories.forEach(
        (name, encoded) -> {
          Optional<FittedValues> counted = fitted.filter(seen -> seen.hasLevels(name));
          int levels = encoded.levels().size();
          PageTable table =
              new PageTable(
                  String.format(
                      Locale.ROOT,
                      "Levels of %s%s",
                      Cells.columns(encoded.column()),
                      levels > MOST_LEVELS ? ": " + MOST_LEVELS + " of " + levels : ""),
                  "level",
                  "rows",
                  "part in the model");
          for (int k = 0; k < Math.min(levels, MOST_LEVELS); k++) {
            int level = k;
            table.row(
                PageTable.Cell.of(Cells.label(encoded.levels().get(k))),
                counted
                    .map(seen -> PageTable.Cell.of(seen.rows(name, level)))
                    .orElse(PageTable.Cell.of("")),
                PageTable.Cell.of(k == 0 ? "reference" : ""));
          }
          content.data(table);
        });
  }

  private static void statistics(PageContent content, ModelStatistics s) {
    PageTable table = new PageTable("How well the model fits", "statistic", "value");
    line(table, "log-likelihood", s.logLikelihood());
    line(table, "log-likelihood of the model without predictors", s.nullLogLikelihood());
    s.likelihoodRatio()
        .ifPresent(
            ratio -> {
              line(
                  table,
                  "likelihood ratio, chi2(" + s.degreesOfFreedom() + ")",
                  OptionalDouble.of(ratio));
              double p = s.likelihoodRatioP().orElse(Double.NaN);
              table.row(PageTable.Cell.of("its p"), new PageTable.Cell(Digits.probability(p), p));
            });
    line(table, "deviance", s.deviance());
    line(table, "deviance of the model without predictors", s.nullDeviance());
    line(table, "Pearson's X2", s.pearson());
    if (s.isScaled()) {
      line(table, "dispersion", OptionalDouble.of(s.dispersion()));
    }
    line(table, "AIC", s.aic());
    line(table, "BIC", s.bic());
    line(table, "residual degrees of freedom", OptionalDouble.of(s.residualDegreesOfFreedom()));
    content.diagnostics(table);
  }

  private static void line(PageTable table, String name, OptionalDouble value) {
    value.ifPresent(v -> table.row(PageTable.Cell.of(name), PageTable.Cell.of(v)));
  }

  private static void number(PageContent content, String name, OptionalDouble value) {
    Optional.of(value)
        .filter(OptionalDouble::isPresent)
        .ifPresent(v -> content.number(name, Digits.significant(v.getAsDouble())));
  }
}
