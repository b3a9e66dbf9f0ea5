package org.sparkcurvature.job.report;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.sparkcurvature.job.config.ModelConfig;
import org.sparkcurvature.job.fit.FitResult;
import org.sparkcurvature.job.fit.Iteration;
import org.sparkcurvature.job.result.CurvatureVerdict;
import org.sparkcurvature.job.result.ElementNames;
import org.sparkcurvature.job.result.FallingDirection;
import org.sparkcurvature.job.result.FitSummary;
import org.sparkcurvature.job.result.PathStep;

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

  /** What a user should know of the point where a fit ended, in sentences. */
  public static List<String> remarks(
      FitResult result, Optional<CurvatureVerdict> verdict, Optional<FallingDirection> falling) {
    List<String> remarks = new ArrayList<>();
    if (result.ending() == FitResult.Ending.BOUND) {
      remarks.add(
          "The minimum is at the bound of a range: "
              + String.join(", ", falling.orElseThrow().ends())
              + ". The other parameters are at the minimum there. Parameters at a bound have no"
              + " standard errors: for those of the others, give them that value with fixed = true"
              + " and without transform.");
    }
    boolean flat =
        verdict.isPresent() && result.ending().converged() && !verdict.get().flat().isEmpty();
    if (flat && result.ending() == FitResult.Ending.PIECEWISE_LINEAR) {
      remarks.add(
          "The optimum is not unique: from this point the value stays the same for some way along "
              + String.join("; ", verdict.get().flat())
              + ". Any such point is a quantile: add rows, drop columns that repeat one another, or"
              + " choose one by a small fit.l2.");
    } else if (flat) {
      remarks.add(
          "The Hessian is singular: the data does not say where along "
              + String.join("; ", verdict.get().flat())
              + " the minimum is, as where columns are constant, repeat one another, or are more"
              + " than the rows. Drop one of these, or add a penalty.");
    }
    if (verdict.isPresent() && !verdict.get().negative().isEmpty()) {
      remarks.add(
          "The point is no minimum: the value falls along "
              + String.join("; ", verdict.get().negative())
              + ".");
    }
    return remarks;
  }

  /** The whole report, each line ended. */
  public String text() {
    Page page = new Page(style);
    FitResult result = summary.result();
    boolean converged = result.ending().converged();
    page.heading(converged ? "fit" : "fit: no minimum was found");
    page.model(model);
    page.rows(summary.run().rows(), summary.run().weight());
    page.field(
        "method", summary.settings().method().name().toLowerCase(Locale.ROOT).replace('_', '-'));
    page.field(
        converged ? "converged" : "ended",
        Page.say(
            "%s (%.2e; %d iterations, %d passes)",
            result.ending(),
            result.relativeGradient(),
            result.state().iteration(),
            summary.passes()));
    summary
        .verdict()
        .ifPresent(
            verdict ->
                page.field(
                    result.ending() == FitResult.Ending.PIECEWISE_LINEAR ? "optimum" : "hessian",
                    atTheEnd(verdict.kind(), result.ending())));
    page.heading("value, sum over rows" + (penalised() ? ", plus the penalty" : ""));
    page.line("  " + NumberFormat.of(result.value()).format(result.value()));
    page.heading(converged ? "parameters" : "parameters (not converged)");
    List<String> names = elements.names(summary.run().layout());
    double[] values = summary.estimates();
    int shown = Math.min(values.length, LARGEST_WHOLE);
    page.lines(EstimateLines.of(names.subList(0, shown), Arrays.copyOf(values, shown)));
    if (shown < values.length) {
      page.line(Page.say("  and %,d more in parameters.json", values.length - shown));
    }
    path(page);
    page.footer(output, summary.run().seconds(), summary.run().totalSeconds());
    return page.text();
  }

  /** Of a point that is no minimum the Hessian's signs are said, and nothing is claimed. */
  private static String atTheEnd(CurvatureVerdict.Kind kind, FitResult.Ending ending) {
    if (ending == FitResult.Ending.PIECEWISE_LINEAR) {
      return kind == CurvatureVerdict.Kind.MINIMUM ? "unique" : "not unique";
    }
    return "at the end: " + (ending.converged() ? kind : kind.hessian());
  }

  private boolean penalised() {
    return model.penalty().isPresent()
        || summary.settings().l1().any()
        || summary.settings().l2().any();
  }

  private void path(Page page) {
    if (summary.path().isEmpty()) {
      return;
    }
    page.heading("path over l1");
    int width =
        Math.max(2, summary.path().stream().mapToInt(step -> step.l1().length()).max().orElse(2));
    page.line(
        Page.say("  %-" + width + "s  %16s  %9s  %10s", "l1", "value", "nonzeros", "iterations"));
    for (PathStep step : summary.path()) {
      double value = step.result().value();
      page.line(
          Page.say(
              "  %-" + width + "s  %16s  %9d  %10d%s",
              step.l1(),
              NumberFormat.of(value).format(value),
              step.nonzeros(),
              step.result().state().iteration(),
              step.result().ending().converged() ? "" : "  not converged"));
    }
  }
}
