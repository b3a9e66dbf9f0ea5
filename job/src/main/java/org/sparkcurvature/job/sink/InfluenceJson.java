package org.sparkcurvature.job.sink;

import java.util.LinkedHashMap;
import java.util.Map;
import org.sparkcurvature.job.result.InfluenceSummary;
import org.sparkcurvature.objective.Layout;

/** The JSON file of influences. */
final class InfluenceJson {
  private InfluenceJson() {}

  /** {@code summary.json}. */
  static Object summary(InfluenceSummary summary) {
    Map<String, Object> object = new LinkedHashMap<>();
    object.put("command", "influence");
    object.put("on", summary.on());
    summary.linearPredictor().ifPresent(name -> object.put("linear_predictor", name));
    Map<String, Object> largest = new LinkedHashMap<>();
    summary.largest().forEach(row -> largest.put(row.row(), row.value()));
    object.put("largest", largest);
    object.put("rows_read", summary.rows().read());
    object.put("rows_used", summary.rows().used());
    object.put("rows_rejected", summary.rows().rejected());
    object.put("sum_of_weights", summary.weight());
    object.put("wrt", summary.layout().entries().stream().map(Layout.Entry::name).toList());
    object.put("P", summary.layout().length());
    Json.machinery(
        object, summary.seconds(), summary.totalSeconds(), summary.machinery(), summary.warnings());
    return object;
  }
}
