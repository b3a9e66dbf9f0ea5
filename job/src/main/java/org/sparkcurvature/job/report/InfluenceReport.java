package org.sparkcurvature.job.report;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;
import org.sparkcurvature.engine.Layout;
import org.sparkcurvature.job.result.ElementNames;
import org.sparkcurvature.job.result.InfluenceSummary;

/** What a person reads of influences: the rows that matter most, and how much that is. */
public final class InfluenceReport implements Report {
  private final InfluenceSummary summary;
  private final ElementNames elements;

  /**
   * @param elements what elements are called
   */
  public InfluenceReport(InfluenceSummary summary, ElementNames elements) {
    this.summary = summary;
    this.elements = elements;
  }

  /**
   * The report of influences on the parameters of groups.
   *
   * @param by the keys
   */
  public static Report ofGroups(List<String> by, List<InfluenceSummary.Largest> largest) {
    return view -> {
      Page page = new Page(view);
      page.title(
          "influence", "by " + String.join(", ", by) + ": of leaving a row out, on its own group");
      page.heading("rows of the largest self-influence, in their groups");
      page.lines(rows(view, largest, "self-influence", OptionalDouble.empty()));
      return page.text();
    };
  }

  @Override
  public String text(View view) {
    Page page = new Page(view);
    boolean whole = summary.on().equals("parameters");
    page.title("influence", "of leaving a row out, on " + target());
    OptionalDouble error = summary.stdError();
    if (!summary.largest().isEmpty() && !whole) {
      InfluenceSummary.Largest first = summary.largest().get(0);
      page.field(
          "largest",
          first.row()
              + ": "
              + change(first.value())
              + (error.isPresent()
                  ? Page.say(
                      ", %s nonrobust standard errors",
                      Digits.significant(Math.abs(first.value()) / error.getAsDouble(), 2))
                  : "")
              + usual(error));
    }
    page.field("of", Page.rows(summary.run().rows().used()) + ", to first order");
    page.rows(summary.run().rows(), summary.run().weight());
    summary
        .dispersion()
        .ifPresent(value -> page.field("dispersion", Digits.brief(value) + ", estimated"));
    if (whole) {
      page.heading("rows of the largest self-influence");
    }
    page.lines(rows(view, summary.largest(), whole ? "self-influence" : "change", error));
    if (!whole) {
      together(page, error);
    }
    return page.text();
  }

  /** How far the largest is from others: in standard errors, where there are any. */
  private String usual(OptionalDouble error) {
    if (summary.usual().isEmpty()) {
      return "";
    }
    double usual = summary.usual().getAsDouble() / error.orElse(1);
    return Page.say("; 99%% of rows under %s", Digits.significant(usual, 2));
  }

  private String target() {
    if (summary.on().equals("validation")) {
      return "the mean loss of the validation rows";
    }
    Map<String, String> names = new LinkedHashMap<>();
    for (Layout.Entry entry : summary.run().layout().entries()) {
      List<String> of = elements.names(entry.name(), entry.shape());
      for (int k = 0; k < of.size(); k++) {
        names.put(entry.name() + "[" + k + "]", of.get(k));
      }
    }
    return InferReport.named(summary.on(), names)
        + (summary.estimate().isEmpty()
            ? ""
            : summary.stdError().isEmpty()
                ? " = " + Digits.significant(summary.estimate().getAsDouble())
                : Page.say(
                    " = %s (std.err. %s)",
                    Digits.withError(
                        summary.estimate().getAsDouble(), summary.stdError().getAsDouble()),
                    Digits.error(summary.stdError().getAsDouble())));
  }

  /** Several rows at once, as far as influences add up. */
  private void together(Page page, OptionalDouble error) {
    if (summary.largest().size() < 2) {
      return;
    }
    double sum = summary.largest().stream().mapToDouble(InfluenceSummary.Largest::value).sum();
    String sign = "";
    if (summary.estimate().isPresent()) {
      double estimate = summary.estimate().getAsDouble();
      double before = Math.signum(estimate);
      double after = Math.signum(estimate + sum);
      sign =
          before * after > 0
              ? "; the sign of the estimate stays"
              : before * after < 0 ? "; the sign of the estimate CHANGES" : "";
    }
    page.field(
        "together",
        Page.say("the %d rows: %s", summary.largest().size(), change(sum))
            + (error.isPresent()
                ? Page.say(" (%s s.e.)", Digits.significant(sum / error.getAsDouble(), 2))
                : "")
            + sign);
  }

  private static String change(double value) {
    return Digits.significant(value, 2);
  }

  private static List<String> rows(
      View view, List<InfluenceSummary.Largest> largest, String heading, OptionalDouble error) {
    Rows rows = new Rows(view, largest.stream().map(InfluenceSummary.Largest::row).toList());
    rows.column(heading, largest.stream().map(row -> Digits.significant(row.value(), 3)).toList());
    if (error.isPresent()) {
      rows.column(
          "in s.e.",
          largest.stream()
              .map(row -> Digits.significant(row.value() / error.getAsDouble(), 2))
              .toList());
    }
    Set<String> others = new LinkedHashSet<>();
    largest.forEach(row -> others.addAll(row.beside().keySet()));
    for (String column : new ArrayList<>(others)) {
      rows.optional(
          column,
          largest.stream()
              .map(row -> Digits.significant(row.beside().getOrDefault(column, Double.NaN), 4))
              .toList());
    }
    return rows.lines();
  }
}
