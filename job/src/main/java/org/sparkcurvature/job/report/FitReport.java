package org.sparkcurvature.job.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import org.sparkcurvature.job.config.ModelConfig;
import org.sparkcurvature.job.fit.FitResult;
import org.sparkcurvature.job.fit.Iteration;
import org.sparkcurvature.job.result.CurvatureVerdict;
import org.sparkcurvature.job.result.ElementNames;
import org.sparkcurvature.job.result.FitSummary;

/** What a person reads of a fit, while it goes on and at its end. */
public final class FitReport {
  private static final int LARGEST_WHOLE = 60;

  private final FitSummary summary;
  private final ModelConfig model;
  private final ElementNames elements;
  private final String output;
  private final Style style;

  /**
   * @param model the loss as the user wrote it
   * @param elements what elements are called
   * @param output where the result was written
   */
  public FitReport(
      FitSummary summary, ModelConfig model, ElementNames elements, String output, Style style) {
    this.summary = summary;
    this.model = model;
    this.elements = elements;
    this.output = output;
    this.style = style;
  }

  /** One iteration in a line. */
  public static String progress(Iteration iteration) {
    return Page.say(
        "iteration %d: value %s%s, %.2f s",
        iteration.iteration(),
        NumberFormat.of(iteration.value()).format(iteration.value()),
        iteration.outcome() == Iteration.Outcome.ACCEPTED
            ? Page.say(", relative gradient norm %.2e", iteration.relativeGradient())
            : " (not taken)",
        iteration.seconds());
  }

  /** What a user should know of the Hessian at the point, in sentences. */
  public static List<String> remarks(CurvatureVerdict verdict) {
    List<String> remarks = new ArrayList<>();
    if (!verdict.flat().isEmpty()) {
      remarks.add(
          "The Hessian is singular: the data does not say where along "
              + String.join("; ", verdict.flat())
              + " the minimum is. Drop one of these, or add a penalty.");
    }
    if (!verdict.negative().isEmpty()) {
      remarks.add(
          "The point is no minimum: the value falls along "
              + String.join("; ", verdict.negative())
              + ".");
    }
    return remarks;
  }

  /** The whole report, each line ended. */
  public String text() {
    Page page = new Page(style);
    page.heading("fit");
    page.model(model);
    page.rows(summary.run().rows(), summary.run().weight());
    FitResult result = summary.result();
    page.field(
        "method", summary.settings().method().name().toLowerCase(Locale.ROOT).replace('_', '-'));
    page.field(
        result.ending().converged() ? "converged" : "ended",
        Page.say(
            "%s (%.2e; %d iterations, %d passes)",
            result.ending(),
            result.relativeGradient(),
            result.state().iteration(),
            summary.passes()));
    summary.verdict().ifPresent(verdict -> page.field("hessian", "at the end: " + verdict.kind()));
    page.heading(
        "value, sum over rows" + (model.penalty().isPresent() ? ", plus the penalty" : ""));
    page.line("  " + NumberFormat.of(result.value()).format(result.value()));
    page.heading(result.ending().converged() ? "parameters" : "parameters (not converged)");
    List<String> names = elements.names(summary.run().layout());
    double[] values = summary.estimates();
    int shown = Math.min(values.length, LARGEST_WHOLE);
    List<String> texts = NumberFormat.of(values).format(values);
    int width = names.stream().limit(shown).mapToInt(String::length).max().orElse(1);
    int digits = texts.stream().limit(shown).mapToInt(String::length).max().orElse(1);
    IntStream.range(0, shown)
        .forEach(
            k ->
                page.line(
                    ("  %-" + width + "s  %" + digits + "s")
                        .formatted(names.get(k), texts.get(k))));
    if (shown < values.length) {
      page.line(Page.say("  and %,d more in parameters.json", values.length - shown));
    }
    page.footer(output, summary.run().seconds(), summary.run().totalSeconds());
    return page.text();
  }
}
