package org.sparkcurvature.job.sink;

import java.util.LinkedHashMap;
import java.util.Map;
import org.sparkcurvature.job.groups.GroupsSummary;
import org.sparkcurvature.job.groups.Status;

/** The JSON file of fits by groups. */
final class GroupsJson {
  private GroupsJson() {}

  /** {@code summary.json}. */
  static Object summary(GroupsSummary summary) {
    Map<String, Object> object = new LinkedHashMap<>();
    object.put("command", summary.command());
    object.put("by", summary.by());
    object.put("groups", summary.groups());
    Map<String, Object> counts = new LinkedHashMap<>();
    for (Status status : Status.values()) {
      counts.put(status.toString(), summary.counts().getOrDefault(status, 0L));
    }
    object.put("statuses", counts);
    object.put("value", summary.value());
    summary
        .prior()
        .ifPresent(
            prior -> {
              Map<String, Object> elements = new LinkedHashMap<>();
              for (int i = 0; i < prior.mean().length; i++) {
                Map<String, Object> element = new LinkedHashMap<>();
                double deviation = prior.deviation()[i];
                element.put("mean", prior.mean()[i]);
                element.put("deviation", Double.isInfinite(deviation) ? null : deviation);
                elements.put(summary.names().get(i), element);
              }
              object.put("prior", elements);
            });
    summary
        .heldOut()
        .ifPresent(
            loss -> {
              Map<String, Object> held = new LinkedHashMap<>();
              held.put("groups", loss.groups());
              held.put("rows", loss.rows());
              held.put("mean_loss_own", loss.own());
              held.put("mean_loss_shrunken", loss.shrunken());
              object.put("held_out", held);
            });
    summary
        .equality()
        .ifPresent(
            test -> {
              Map<String, Object> equality = new LinkedHashMap<>();
              equality.put("likelihood_ratio", test.likelihoodRatio());
              equality.put("df", test.degreesOfFreedom());
              equality.put("p", test.p());
              object.put("equal_coefficients", equality);
            });
    object.put("parameters", summary.layout().length());
    object.put("covariance", summary.settings().covariance().toString());
    object.put("rows_read", summary.rows().read());
    object.put("rows_used", summary.rows().used());
    object.put("rows_rejected", summary.rows().rejected());
    object.put("rejected_by_reason", summary.rows().rejectedBy());
    object.put("rows_of_zero_weight", summary.rows().zeroWeight());
    object.put("warnings", summary.warnings());
    Map<String, Object> timings = new LinkedHashMap<>();
    summary.seconds().forEach((stage, time) -> timings.put(stage, Json.rounded(time)));
    timings.put("total", Json.rounded(summary.totalSeconds()));
    object.put("timings_seconds", timings);
    return object;
  }
}
