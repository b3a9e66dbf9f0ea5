package org.sparkcurvature.job.sink;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.sparkcurvature.job.result.SpectrumSummary;

/** The JSON files of a spectrum. */
final class SpectrumJson {
  private SpectrumJson() {}

  /** {@code summary.json}. */
  static Object summary(SpectrumSummary summary) {
    Map<String, Object> object = new LinkedHashMap<>();
    object.put("command", "spectrum");
    object.put("method", summary.method());
    object.put("verdict", summary.verdictInWords());
    object.put("hessian", summary.verdict().kind().hessian());
    object.put("stationary", summary.stationary());
    // JSON has no infinity.
    double step = summary.newtonStep();
    object.put("decrement", Double.isFinite(step) ? step : null);
    object.put("flat_directions", summary.verdict().flat());
    object.put("negative_directions", summary.verdict().negative());
    summary.negative().ifPresent(count -> object.put("negative_eigenvalues", count));
    summary.zero().ifPresent(count -> object.put("zero_eigenvalues", count));
    double condition = summary.conditionNumber();
    object.put("condition_number", Double.isFinite(condition) ? condition : null);
    object.put("gradient_norm", summary.gradientNorm());
    object.put("extreme", summary.extreme().stream().map(SpectrumJson::pair).toList());
    object.put("products", summary.products());
    Json.rows(object, summary.run(), Optional.of(summary.reduction()));
    Json.machinery(object, summary.run());
    return object;
  }

  private static Object pair(SpectrumSummary.Pair pair) {
    Map<String, Object> object = new LinkedHashMap<>();
    object.put("eigenvalue", pair.value());
    object.put("residual_norm", pair.residual());
    object.put("direction", pair.direction());
    return object;
  }
}
