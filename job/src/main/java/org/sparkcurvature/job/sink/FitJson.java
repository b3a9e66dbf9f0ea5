package org.sparkcurvature.job.sink;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.sparkcurvature.job.config.FitMethod;
import org.sparkcurvature.job.config.Reduction;
import org.sparkcurvature.job.fit.FitResult;
import org.sparkcurvature.job.fit.Iteration;
import org.sparkcurvature.job.result.CurvatureVerdict;
import org.sparkcurvature.job.result.FitSummary;
import org.sparkcurvature.job.result.PathStep;

/** The JSON files of a fit. */
final class FitJson {
  private FitJson() {}

  /** {@code history.json}: one object an iteration; what is not finite is null. */
  static Object history(List<Iteration> history) {
    return history.stream().map(FitJson::iteration).toList();
  }

  private static Object iteration(Iteration iteration) {
    Map<String, Object> object = new LinkedHashMap<>();
    object.put("iteration", iteration.iteration());
    object.put("value", finite(iteration.value()));
    object.put("gradient_norm", finite(iteration.gradientNorm()));
    object.put("relative_gradient_norm", finite(iteration.relativeGradient()));
    object.put("step", iteration.step());
    object.put("radius", finite(iteration.radius()));
    object.put("accepted", iteration.outcome() == Iteration.Outcome.ACCEPTED);
    object.put("seconds", Json.rounded(iteration.seconds()));
    return object;
  }

  private static Object finite(double value) {
    return Double.isFinite(value) ? value : null;
  }

  /** {@code summary.json}. */
  static Object summary(FitSummary summary) {
    FitResult result = summary.result();
    Map<String, Object> object = new LinkedHashMap<>();
    object.put("command", "fit");
    object.put("converged", result.termination().converged());
    object.put("ended", result.termination().toString());
    object.put("method", spelling(summary.settings().method()));
    object.put("value", result.value());
    object.put("gradient_norm", norm(result.gradient()));
    object.put("relative_gradient_norm", result.relativeGradient());
    object.put("tolerance", summary.settings().tolerance());
    object.put("iterations", result.state().iteration());
    object.put("passes", summary.passes());
    Json.rows(object, summary.run(), Optional.of(Reduction.SUM));
    if (summary.result().termination() == FitResult.Termination.PIECEWISE_LINEAR) {
      summary.verdict().ifPresent(verdict -> object.put("optimum", optimum(verdict)));
    } else {
      summary.verdict().ifPresent(verdict -> object.put("hessian", verdict(verdict)));
    }
    summary
        .falling()
        .ifPresent(
            falling -> {
              object.put("falls_along", falling.along());
              object.put("parameters_go", falling.ends());
              object.put("value_far_along", finite(falling.value()));
            });
    Json.machinery(object, summary.run());
    return object;
  }

  /** {@code path.json}: one object for each factor of l1. */
  static Object path(List<PathStep> path) {
    return path.stream().map(FitJson::step).toList();
  }

  private static Object step(PathStep step) {
    Map<String, Object> object = new LinkedHashMap<>();
    object.put("l1", step.l1());
    object.put("converged", step.result().termination().converged());
    object.put("ended", step.result().termination().toString());
    object.put("value", step.result().value());
    object.put("nonzeros", step.nonzeros());
    object.put("iterations", step.result().state().iteration());
    object.put("parameters", step.values());
    return object;
  }

  /** Of a quantile loss, whose Hessian is 0. */
  private static Object optimum(CurvatureVerdict verdict) {
    Map<String, Object> object = new LinkedHashMap<>();
    object.put("unique", verdict.kind() == CurvatureVerdict.Kind.MINIMUM);
    object.put("flat_directions", verdict.flat());
    return object;
  }

  static Object verdict(CurvatureVerdict verdict) {
    Map<String, Object> object = new LinkedHashMap<>();
    object.put("verdict", verdict.kind().toString());
    object.put("flat_directions", verdict.flat());
    object.put("negative_directions", verdict.negative());
    return object;
  }

  private static double norm(double[] gradient) {
    double largest = 0;
    for (double element : gradient) {
      largest = Math.max(largest, Math.abs(element));
    }
    double sum = 0;
    for (double element : gradient) {
      sum += largest == 0 ? 0 : element / largest * (element / largest);
    }
    return largest * Math.sqrt(sum);
  }

  static String spelling(FitMethod method) {
    return method.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
