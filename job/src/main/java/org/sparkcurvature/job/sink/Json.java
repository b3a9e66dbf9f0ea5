package org.sparkcurvature.job.sink;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.sparkcurvature.engine.Layout;
import org.sparkcurvature.graph.Shape;
import org.sparkcurvature.job.config.Reduction;
import org.sparkcurvature.job.config.TensorConfig;
import org.sparkcurvature.job.errors.PublicText;
import org.sparkcurvature.job.result.ElementNames;
import org.sparkcurvature.job.result.Objective;
import org.sparkcurvature.job.result.RunFacts;
import org.sparkcurvature.job.result.RunSummary;
import org.sparkcurvature.job.result.StageMetrics;
import org.sparkcurvature.job.solve.HessianFacts;

/** The JSON files of a result. Keys are the contract's, in its order; a missing fact is no key. */
final class Json {
  private Json() {}

  private static final ObjectMapper MAPPER =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

  /** Writes a value of maps, lists, numbers and text; the stream stays open. */
  static void write(OutputStream out, Object value) throws IOException {
    String json = PublicText.escaped(MAPPER.writeValueAsString(value));
    out.write(json.getBytes(StandardCharsets.UTF_8));
    out.write('\n');
  }

  /**
   * {@code {"beta": {"shape": [3], "values": [...], "labels": [...]}, ...}}, with {@code
   * "estimated": false} where no fit found the values, and {@code "held": [2]} where it left
   * elements out; and the levels of categorical columns, {@code "encodings": {"site": {"column":
   * "site", "levels": [...]}}}.
   */
  static Object parameters(
      Map<String, double[]> values,
      Map<String, Shape> shapes,
      ElementNames names,
      Set<String> notEstimated,
      Map<String, List<Integer>> held,
      Map<String, TensorConfig> tensors) {
    Map<String, Object> parameters = new LinkedHashMap<>();
    values.forEach(
        (name, elements) -> {
          Map<String, Object> parameter = new LinkedHashMap<>();
          parameter.put("shape", shapes.get(name).extents());
          parameter.put("values", elements);
          if (!names.labels(name).isEmpty()) {
            parameter.put("labels", names.labels(name));
          }
          if (names.isNamed(name)) {
            parameter.put("named", true);
          }
          if (notEstimated.contains(name)) {
            parameter.put("estimated", false);
          }
          if (held.containsKey(name)) {
            parameter.put("held", held.get(name));
          }
          parameters.put(name, parameter);
        });
    Map<String, Object> encodings = new LinkedHashMap<>();
    tensors.forEach(
        (name, tensor) -> {
          if (tensor instanceof TensorConfig.Encoded encoded) {
            Map<String, Object> encoding = new LinkedHashMap<>();
            encoding.put("column", encoded.column());
            encoding.put("levels", encoded.levels());
            encodings.put(name, encoding);
          }
        });
    if (!encodings.isEmpty()) {
      parameters.put("encodings", encodings);
    }
    return parameters;
  }

  /**
   * {@code [{"name": "beta", "offset": 1, "shape": [3], "labels": [...], "names": [...]}, ...]}.
   */
  static Object layout(Layout layout, ElementNames names) {
    List<Object> entries = new ArrayList<>();
    for (Layout.Entry entry : layout.entries()) {
      Map<String, Object> object = new LinkedHashMap<>();
      object.put("name", entry.name());
      object.put("offset", entry.offset());
      object.put("shape", entry.shape().extents());
      if (!names.labels(entry.name()).isEmpty()) {
        object.put("labels", names.labels(entry.name()));
      }
      object.put("names", names.names(entry.name(), entry.shape()));
      entries.add(object);
    }
    return entries;
  }

  static Object summary(RunSummary summary) {
    Objective objective = summary.objective();
    Map<String, Object> object = new LinkedHashMap<>();
    object.put("command", summary.command());
    rows(
        object,
        summary.rows(),
        summary.weight(),
        Optional.of(summary.reduction()),
        summary.layout());
    objective.value().ifPresent(value -> object.put("value", value));
    objective.gradientNorm().ifPresent(norm -> object.put("gradient_norm", norm));
    Map<String, Object> readings = new LinkedHashMap<>();
    summary.reading().facts().forEach((name, facts) -> readings.put(name, facts(facts)));
    summary
        .reading()
        .withheld()
        .forEach((name, reason) -> readings.put(name, Map.of("not_computed", reason)));
    object.putAll(readings);
    machinery(
        object, summary.seconds(), summary.totalSeconds(), summary.machinery(), summary.warnings());
    object.put("rows_per_second", Math.rint(summary.rowsPerSecond()));
    return object;
  }

  /** How many rows of which weight were reduced how, and by what they were differentiated. */
  static void rows(Map<String, Object> object, RunFacts run, Optional<Reduction> reduction) {
    rows(object, run.rows(), run.weight(), reduction, run.layout());
  }

  /** How many rows there are, and why some were left out. */
  static void counts(Map<String, Object> object, RunSummary.Rows rows) {
    object.put("rows_read", rows.read());
    object.put("rows_used", rows.used());
    object.put("rows_rejected", rows.rejected());
    if (rows.rejected() > 0) {
      object.put("rejected_by_reason", rows.rejectedBy());
    }
  }

  private static void rows(
      Map<String, Object> object,
      RunSummary.Rows rows,
      double weight,
      Optional<Reduction> reduction,
      Layout layout) {
    counts(object, rows);
    object.put("sum_of_weights", weight);
    reduction.ifPresent(by -> object.put("reduction", by.name().toLowerCase(Locale.ROOT)));
    object.put("wrt", layout.entries().stream().map(Layout.Entry::name).toList());
    object.put("P", layout.length());
  }

  /** What computed a result, and how long it took. */
  static void machinery(Map<String, Object> object, RunFacts run) {
    machinery(object, run.seconds(), run.totalSeconds(), run.machinery(), run.warnings());
  }

  private static void machinery(
      Map<String, Object> object,
      Map<String, Double> seconds,
      double totalSeconds,
      RunSummary.Machinery machinery,
      List<String> warnings) {
    Map<String, Object> timings = new LinkedHashMap<>();
    seconds.forEach((stage, time) -> timings.put(stage, rounded(time)));
    timings.put("total", rounded(totalSeconds));
    object.put("timings_seconds", timings);
    Map<String, Object> stages = new LinkedHashMap<>();
    machinery
        .traffic()
        .forEach((stage, traffic) -> stages.put(stage, traffic(traffic, seconds.get(stage))));
    object.put("stages", stages);
    object.put("versions", machinery.versions());
    object.put("backend", machinery.backend());
    object.put("device", machinery.device());
    object.put("precision", machinery.precision().name().toLowerCase(Locale.ROOT));
    object.put("block_rows", machinery.blockRows());
    object.put("warnings", warnings.stream().map(PublicText::of).toList());
  }

  private static Object traffic(StageMetrics traffic, Double seconds) {
    Map<String, Object> object = new LinkedHashMap<>();
    if (seconds != null) {
      object.put("seconds", rounded(seconds));
    }
    object.put("tasks", traffic.tasks());
    object.put("rows", traffic.rows());
    object.put("bytes_read", traffic.bytesRead());
    object.put("bytes_written", traffic.bytesWritten());
    object.put("task_seconds", rounded(traffic.taskSeconds()));
    // Little of the time of a task with few rows, and not none.
    object.put("engine_share", Math.rint(traffic.engineShare() * 1e9) / 1e9);
    return object;
  }

  private static Object facts(HessianFacts facts) {
    Map<String, Object> object = new LinkedHashMap<>();
    object.put("order", facts.order());
    object.put("definiteness", facts.definiteness().toString());
    object.put(
        "positive_definite", facts.definiteness() == HessianFacts.Definiteness.POSITIVE_DEFINITE);
    object.put("smallest_eigenvalue", facts.smallest());
    object.put("largest_eigenvalue", facts.largest());
    // JSON has no infinity.
    object.put(
        "condition_number",
        Double.isFinite(facts.conditionNumber()) ? facts.conditionNumber() : null);
    object.put("negative_eigenvalues", facts.negative());
    object.put("zero_eigenvalues", facts.zero());
    object.put("zero_tolerance", facts.tolerance());
    return object;
  }

  static double rounded(double seconds) {
    return Math.rint(seconds * 1000) / 1000;
  }
}
