package org.sparkcurvature.job.sink;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import org.sparkcurvature.job.config.HypothesisConfig;
import org.sparkcurvature.job.config.Reduction;
import org.sparkcurvature.job.infer.Estimate;
import org.sparkcurvature.job.infer.EstimateSummary;
import org.sparkcurvature.job.infer.HypothesisTest;
import org.sparkcurvature.job.infer.InferSummary;
import org.sparkcurvature.job.result.ModelStatistics;

/** The JSON files of an inference. What is not a number is null. */
final class InferJson {
  private InferJson() {}

  /** {@code estimates.json}. */
  static Object estimates(InferSummary summary) {
    Map<String, Object> object = new LinkedHashMap<>();
    object.put("covariance", summary.settings().covariance().toString());
    object.put("factor", summary.factor());
    object.put("reference", summary.degreesOfFreedom().isPresent() ? "t" : "normal");
    summary.degreesOfFreedom().ifPresent(df -> object.put("degrees_of_freedom", df));
    object.put("rows", summary.run().rows().used());
    object.put("n", summary.count());
    if (!summary.groups().isEmpty()) {
      object.put("groups", summary.groups());
    }
    if (summary.negative() > 0) {
      object.put("negative_eigenvalues_set_to_0", summary.negative());
    }
    if (!summary.profiled().isEmpty()) {
      object.put("profiled_out", summary.profiled());
    }
    object.put("value", summary.value());
    summary
        .likelihood()
        .ifPresent(
            likelihood -> {
              object.put("log_likelihood", likelihood.logLikelihood());
              object.put("aic", likelihood.aic());
              object.put("bic", likelihood.bic());
            });
    object.put("level", summary.settings().level());
    object.put(
        "estimates",
        summary.estimates().stream()
            .map(estimate -> estimate(estimate, summary.hasExp(estimate)))
            .toList());
    object.put("tests", summary.tests().stream().map(InferJson::test).toList());
    return object;
  }

  private static Object estimate(Estimate estimate, boolean withExp) {
    Map<String, Object> object = new LinkedHashMap<>();
    object.put("name", estimate.name());
    object.put("parameter", estimate.parameter());
    object.put("index", estimate.index());
    object.put("estimate", estimate.estimate());
    object.put("std_error", finite(estimate.stdError()));
    object.put("z", finite(estimate.z()));
    object.put("p", finite(estimate.p()));
    object.put("ci_low", finite(estimate.ciLow()));
    object.put("ci_high", finite(estimate.ciHigh()));
    if (withExp) {
      object.put("exp", finite(Math.exp(estimate.estimate())));
      object.put("exp_ci_low", finite(Math.exp(estimate.ciLow())));
      object.put("exp_ci_high", finite(Math.exp(estimate.ciHigh())));
    }
    return object;
  }

  private static Object test(HypothesisTest test) {
    Map<String, Object> object = new LinkedHashMap<>();
    object.put("name", test.name());
    object.put("hypothesis", test.hypothesis());
    object.put("df", test.degreesOfFreedom());
    test.residual().ifPresent(df -> object.put("df_residual", df));
    test.wald().ifPresent(value -> object.put("wald", value));
    for (HypothesisTest.Statistic statistic : test.statistics()) {
      boolean wald = statistic.kind() == HypothesisConfig.Kind.WALD;
      object.put(wald && test.residual().isPresent() ? "f" : statistic.key(), statistic.value());
      object.put(wald ? "p" : statistic.key() + "_p", statistic.p());
    }
    return object;
  }

  private static Object finite(double value) {
    return Double.isFinite(value) ? value : null;
  }

  /** {@code summary.json} of an estimation: that of its fit, with what is said of the model. */
  @SuppressWarnings("unchecked")
  static Object summary(
      EstimateSummary summary, Optional<String> family, Optional<String> response) {
    Map<String, Object> object = (Map<String, Object>) FitJson.summary(summary.fit());
    object.put("command", "estimate");
    ModelStatistics s = summary.statistics();
    family.ifPresent(name -> object.put("family", name));
    response.ifPresent(name -> object.put("response", name));
    object.put("covariance", summary.infer().settings().covariance().toString());
    object.put("factor", summary.infer().factor());
    object.put("observations", s.observations());
    object.put("parameters", s.parameters());
    object.put("residual_df", s.residualDegreesOfFreedom());
    number(object, "log_likelihood", s.logLikelihood());
    number(object, "null_log_likelihood", s.nullLogLikelihood());
    number(object, "likelihood_ratio", s.likelihoodRatio());
    object.put("likelihood_ratio_df", s.degreesOfFreedom());
    number(object, "likelihood_ratio_p", s.likelihoodRatioP());
    number(object, "pseudo_r2", s.pseudoR2());
    number(object, "deviance_r2", s.explainedDeviance());
    number(object, "deviance", s.deviance());
    number(object, "null_deviance", s.nullDeviance());
    number(object, "pearson_chi2", s.pearson());
    object.put("dispersion", s.dispersion());
    number(object, "aic", s.aic());
    number(object, "bic", s.bic());
    return object;
  }

  private static void number(Map<String, Object> object, String key, OptionalDouble value) {
    value.ifPresent(number -> object.put(key, finite(number)));
  }

  /** {@code summary.json}. */
  static Object summary(InferSummary summary) {
    Map<String, Object> object = new LinkedHashMap<>();
    object.put("command", "infer");
    object.put("covariance", summary.settings().covariance().toString());
    object.put("factor", summary.factor());
    object.put("weights", summary.settings().weights().name().toLowerCase(Locale.ROOT));
    Json.rows(object, summary.run(), Optional.of(Reduction.SUM));
    object.put("value", summary.value());
    Json.machinery(object, summary.run());
    return object;
  }
}
