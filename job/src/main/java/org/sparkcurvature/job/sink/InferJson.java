package org.sparkcurvature.job.sink;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.sparkcurvature.job.config.Reduction;
import org.sparkcurvature.job.infer.Estimate;
import org.sparkcurvature.job.infer.InferSummary;
import org.sparkcurvature.job.infer.WaldTest;

/** The JSON files of an inference. What is not a number is null. */
final class InferJson {
  private InferJson() {}

  /** {@code estimates.json}. */
  static Object estimates(InferSummary summary) {
    Map<String, Object> object = new LinkedHashMap<>();
    object.put("covariance", summary.settings().covariance().toString());
    object.put("factor", summary.factor());
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
    object.put("estimates", summary.estimates().stream().map(InferJson::estimate).toList());
    object.put("tests", summary.tests().stream().map(InferJson::test).toList());
    return object;
  }

  private static Object estimate(Estimate estimate) {
    Map<String, Object> object = new LinkedHashMap<>();
    object.put("name", estimate.name());
    object.put("parameter", estimate.parameter());
    object.put("index", estimate.index());
    object.put("estimate", estimate.estimate());
    object.put("std_error", estimate.stdError());
    object.put("z", finite(estimate.z()));
    object.put("p", finite(estimate.p()));
    object.put("ci_low", estimate.ciLow());
    object.put("ci_high", estimate.ciHigh());
    return object;
  }

  private static Object test(WaldTest test) {
    Map<String, Object> object = new LinkedHashMap<>();
    object.put("name", test.name());
    object.put("hypothesis", test.hypothesis());
    object.put("wald", test.statistic());
    object.put("df", test.degreesOfFreedom());
    object.put("p", test.p());
    return object;
  }

  private static Object finite(double value) {
    return Double.isFinite(value) ? value : null;
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
