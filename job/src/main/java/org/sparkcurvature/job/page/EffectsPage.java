package org.sparkcurvature.job.page;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.sparkcurvature.job.infer.Estimate;
import org.sparkcurvature.job.predict.Effect;
import org.sparkcurvature.job.report.EffectsReport;

/** The page of {@code effects}. */
public final class EffectsPage {
  private static final Map<String, String> KINDS =
      Map.of(
          "mean",
          "means",
          "slope",
          "slopes",
          "elasticity",
          "elasticities",
          "contrast",
          "contrasts");

  private EffectsPage() {}

  /**
   * The page of effects.
   *
   * @param of what is averaged
   * @param level of the intervals
   * @param weighted whether rows have weights
   */
  public static PageContent of(String of, List<Effect> effects, double level, boolean weighted) {
    PageContent content =
        new PageContent(
            "Effects on " + of,
            PageContent.Status.NEUTRAL,
            String.format(
                Locale.ROOT,
                "%,d averages %s of %s.",
                effects.size(),
                EffectsReport.over(weighted),
                of));
    for (String kind : List.of("mean", "slope", "elasticity", "contrast")) {
      List<Estimate> lines = EffectsReport.ofKind(effects, kind);
      if (!lines.isEmpty()) {
        EstimatePictures.table(content, KINDS.get(kind), lines, level, "z", "effects.json");
        EstimatePictures.intervals(content, KINDS.get(kind), lines, level);
      }
    }
    return content;
  }
}
