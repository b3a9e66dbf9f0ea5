package org.sparkcurvature.job.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.sparkcurvature.job.config.ModelConfig;
import org.sparkcurvature.job.result.RunSummary;

/** The lines of a report, and the parts that reports of estimates have in common. */
final class Page {
  /** The longest line, where a word is not longer. */
  static final int WIDTH = 100;

  /** How many definitions are shown: a screen has room for the result as well. */
  private static final int MOST_DEFINITIONS = 12;

  /** Seconds below which a stage is left out. */
  private static final double SHORTEST_STAGE = 0.05;

  private final Style style;
  private final List<String> lines = new ArrayList<>();

  Page(Style style) {
    this.style = style;
  }

  void line(String text) {
    lines.add(text);
  }

  void lines(List<String> texts) {
    lines.addAll(texts);
  }

  void heading(String text) {
    if (!lines.isEmpty()) {
      lines.add("");
    }
    lines.add(style.heading(text));
  }

  void field(String name, String text) {
    lines.add(say("  %-9s  %s", name, text));
  }

  void model(ModelConfig model) {
    field("loss", model.loss());
    model.definitions().entrySet().stream()
        .limit(MOST_DEFINITIONS)
        .forEach(definition -> field("", definition.getKey() + " = " + definition.getValue()));
    int more = model.definitions().size() - MOST_DEFINITIONS;
    if (more > 0) {
      field("", say("and %,d more definitions, in config.conf", more));
    }
    model.penalty().ifPresent(penalty -> field("penalty", penalty));
  }

  void rows(RunSummary.Rows rows, double weight) {
    field(
        "rows",
        say(
            "%,d read, %,d used%s%s",
            rows.read(),
            rows.used(),
            rows.rejected() == 0 ? "" : say(", %,d rejected", rows.rejected()),
            weight == rows.used() ? "" : "; weights add up to " + NumberFormat.brief(weight)));
  }

  void footer(String output, Map<String, Double> seconds, double total) {
    if (output.isEmpty()) {
      return; // a program has the result in memory
    }
    lines.add("");
    lines.add("written to " + output);
    List<String> stages =
        seconds.entrySet().stream()
            .filter(stage -> stage.getValue() >= SHORTEST_STAGE)
            .map(stage -> say("%s %.1f s", stage.getKey().replace('_', ' '), stage.getValue()))
            .toList();
    String line = say("%.1f s:", total);
    for (int k = 0; k < stages.size(); k++) {
      String stage = stages.get(k) + (k < stages.size() - 1 ? "," : "");
      if (line.length() + 1 + stage.length() > WIDTH) {
        lines.add(line);
        line = " ";
      }
      line += " " + stage;
    }
    lines.add(line);
  }

  /** Each line ended. */
  String text() {
    return String.join("\n", lines) + "\n";
  }

  /** Numbers look the same wherever the program runs. */
  static String say(String format, Object... arguments) {
    return String.format(Locale.ROOT, format, arguments);
  }
}
