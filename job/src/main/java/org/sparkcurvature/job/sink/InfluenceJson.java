package org.sparkcurvature.job.sink;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.sparkcurvature.job.result.InfluenceSummary;

/** The JSON file of influences. */
final class InfluenceJson {
  private InfluenceJson() {}

  /** {@code summary.json}. */
  static Object summary(InfluenceSummary summary) {
    Map<String, Object> object = new LinkedHashMap<>();
    object.put("command", "influence");
    object.put("on", summary.on());
    summary.linearPredictor().ifPresent(name -> object.put("linear_predictor", name));
    summary.dispersion().ifPresent(value -> object.put("dispersion", value));
    Map<String, Object> largest = new LinkedHashMap<>();
    summary.largest().forEach(row -> largest.put(row.row(), row.value()));
    object.put("largest", largest);
    Json.rows(object, summary.run(), Optional.empty());
    Json.machinery(object, summary.run());
    return object;
  }
}
