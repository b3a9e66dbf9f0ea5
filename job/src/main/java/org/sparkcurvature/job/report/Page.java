package org.sparkcurvature.job.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.sparkcurvature.job.config.Reduction;
import org.sparkcurvature.job.result.RunSummary;

/** The lines of a report, and the parts that reports have in common. */
final class Page {
  private final View view;
  private final List<String> lines = new ArrayList<>();

  Page(View view) {
    this.view = view;
  }

  /** The first line: the command, and what it found. */
  void title(String command, String text) {
    List<String> wrapped = Paragraph.wrapped(text, view.width() - 2 - command.length());
    lines.add(view.style().heading(command + "  " + wrapped.get(0)));
    wrapped.stream().skip(1).forEach(more -> lines.add("  " + more));
  }

  void line(String text) {
    lines.add(text);
  }

  void lines(List<String> texts) {
    lines.addAll(texts);
  }

  /** A heading within the report. */
  void heading(String text) {
    Paragraph.wrapped(text, view.width() - 2)
        .forEach(line -> lines.add("  " + view.style().heading(line)));
  }

  /** A name and what there is to say of it, in as many lines as that takes. */
  void field(String name, String text) {
    lines.addAll(Paragraph.field(name, text, view.width()));
  }

  /** Rows that were left out, and weights that are not 1. */
  void rows(RunSummary.Rows rows, double weight) {
    if (rows.rejected() > 0) {
      field(
          "rows",
          say(
              "%,d read, %,d used, %,d invalid and left out",
              rows.read(), rows.used(), rows.rejected()));
    } else if (rows.read() != rows.used()) {
      field("rows", say("%,d read, %,d used", rows.read(), rows.used()));
    }
    if (weight != rows.used()) {
      field("weights", "add up to " + Digits.brief(weight));
    }
  }

  /** {@code 20,190 rows in 4,038 groups of id}. */
  static String rows(long used) {
    return counted(used, "row");
  }

  /** {@code a mean over 2,000 rows}. */
  static String over(Reduction reduction, long used) {
    return (reduction == Reduction.MEAN ? "a mean over " : "a sum over ") + rows(used);
  }

  /** {@code 1 estimate}, {@code 2 estimates}. */
  static String counted(long number, String what) {
    return say("%,d %s%s", number, what, number == 1 ? "" : "s");
  }

  static String groups(Map<String, Long> groups) {
    return String.join(
        ", ",
        groups.entrySet().stream()
            .map(entry -> counted(entry.getValue(), "group") + " of " + entry.getKey())
            .toList());
  }

  View view() {
    return view;
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
