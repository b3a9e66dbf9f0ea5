package org.sparkcurvature.job.report;

import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.sparkcurvature.job.config.EffectsConfig;
import org.sparkcurvature.job.infer.Estimate;
import org.sparkcurvature.job.predict.Effect;

/** What a person reads of effects: one line each. */
public final class EffectsReport {
  private static final int MOST = 100;

  private final String of;
  private final EffectsConfig settings;
  private final List<Effect> effects;
  private final double level;
  private final String output;
  private final Style style;

  /**
   * @param of what is averaged
   * @param level of the intervals
   * @param output where the result was written
   */
  public EffectsReport(
      String of,
      EffectsConfig settings,
      List<Effect> effects,
      double level,
      String output,
      Style style) {
    this.of = of;
    this.settings = settings;
    this.effects = List.copyOf(effects);
    this.level = level;
    this.output = output;
    this.style = style;
  }

  /** The whole report, each line ended. */
  public String text(Map<String, Double> seconds, double total) {
    Page page = new Page(style);
    page.heading(
        "effects on "
            + of
            + ", averaged over rows"
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
    page.footer(output, seconds, total);
    return page.text();
  }

  private void part(Page page, String kind, String heading) {
    List<Estimate> lines =
        effects.stream()
            .filter(effect -> effect.kind().equals(kind))
            .map(EffectsReport::named)
            .toList();
    if (!lines.isEmpty()) {
      page.heading(heading);
      page.lines(
          EstimateLines.of(lines.stream().limit(MOST).toList(), NumberFormat.brief(100 * level)));
      if (lines.size() > MOST) {
        page.line(Page.say("  and %,d more in effects.json", lines.size() - MOST));
      }
    }
  }

  /** An effect as a line of a table: its name says what it is by, and in which group. */
  public static Estimate named(Effect effect) {
    Estimate e = effect.estimate();
    String name =
        switch (effect.kind()) {
              case "mean" -> "mean";
              case "contrast" ->
                  "%s: %s, %s".formatted(effect.column(), effect.from(), effect.to());
              default -> effect.column();
            }
            + (effect.group().isEmpty() ? "" : " | " + String.join(", ", effect.group()));
    return new Estimate(
        name,
        e.parameter(),
        e.index(),
        e.estimate(),
        e.stdError(),
        e.z(),
        e.p(),
        e.ciLow(),
        e.ciHigh());
  }
}
