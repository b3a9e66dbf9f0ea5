package org.sparkcurvature.job.report;

import java.util.List;
import java.util.stream.Collectors;
import org.sparkcurvature.job.config.EffectsConfig;
import org.sparkcurvature.job.infer.Estimate;
import org.sparkcurvature.job.predict.Effect;

/** What a person reads of effects: one line each. */
public final class EffectsReport implements Report {
  private final String of;
  private final EffectsConfig settings;
  private final List<Effect> effects;
  private final double level;
  private final boolean weighted;

  /**
   * @param of what is averaged
   * @param level of the intervals
   * @param weighted whether rows have weights
   */
  public EffectsReport(
      String of, EffectsConfig settings, List<Effect> effects, double level, boolean weighted) {
    this.of = of;
    this.settings = settings;
    this.effects = List.copyOf(effects);
    this.level = level;
    this.weighted = weighted;
  }

  @Override
  public String text(View view) {
    Page page = new Page(view);
    page.title(
        "effects",
        "on "
            + of
            + ", averaged "
            + over(weighted)
            + (settings.at().isEmpty()
                ? ""
                : ", at "
                    + settings.at().entrySet().stream()
                        .map(at -> at.getKey() + " = " + at.getValue())
                        .collect(Collectors.joining(", "))));
    part(page, "mean", "means");
    part(page, "slope", "slopes: derivatives by a column");
    part(page, "elasticity", "elasticities: relative derivatives by a column");
    part(page, "contrast", "contrasts: at the second value less at the first");
    return page.text();
  }

  /** What averages are over. */
  public static String over(boolean weighted) {
    return weighted ? "over rows by their weights" : "over rows";
  }

  private void part(Page page, String kind, String heading) {
    List<Estimate> lines = ofKind(effects, kind);
    if (!lines.isEmpty()) {
      page.heading(heading);
      page.lines(EstimateLines.of(page.view(), lines, level, "z"));
    }
  }

  /** The effects of a kind as lines of a table. */
  public static List<Estimate> ofKind(List<Effect> effects, String kind) {
    return effects.stream()
        .filter(effect -> effect.kind().equals(kind))
        .map(EffectsReport::named)
        .toList();
  }

  /** The name says what an effect is by, and in which group. */
  private static Estimate named(Effect effect) {
    Estimate e = effect.estimate();
    String name =
        switch (effect.kind()) {
              case "mean" -> "mean";
              case "contrast" ->
                  "%s: %s, %s".formatted(effect.column(), effect.from(), effect.to());
              default -> effect.column();
            }
            + (effect.group().isEmpty() ? "" : " | " + String.join(", ", effect.group()));
    return e.called(name);
  }
}
