package org.sparkcurvature.job.page;

import java.util.List;
import java.util.Locale;
import org.sparkcurvature.job.report.Digits;
import org.sparkcurvature.job.result.CurvatureVerdict;
import org.sparkcurvature.job.result.ElementNames;
import org.sparkcurvature.job.result.FitSummary;
import org.sparkcurvature.job.result.PathStep;

/** The page of {@code fit}, and of an {@code estimate} whose fit did not converge. */
public final class FitPage {
  private FitPage() {}

  /** The page of a fit. */
  public static PageContent of(FitSummary summary, ElementNames elements) {
    boolean converged = summary.result().termination().converged();
    PageContent content =
        new PageContent(
            converged ? "Fit" : "Fit that did not converge",
            converged ? PageContent.Status.GOOD : PageContent.Status.BAD,
            converged
                ? "Converged: "
                    + summary.result().termination()
                    + summary.verdict().map(v -> " (" + v.kind() + ").").orElse(".")
                : "Not converged: "
                    + summary.result().termination()
                    + ". The numbers below are of the last point, and no estimates.");
    summary
        .verdict()
        .map(CurvatureVerdict::flat)
        .ifPresent(
            flat ->
                flat.forEach(d -> content.remark("The data does not tell where along " + d + ".")));
    summary
        .falling()
        .ifPresent(
            falling -> content.remark("The value falls for ever along " + falling.along() + "."));
    content.number("value", Digits.significant(summary.result().value()));
    content.number("iterations", String.valueOf(summary.result().state().iteration()));
    content.number(
        "relative gradient",
        String.format(
            Locale.ROOT,
            "%.1e (wanted %.0e)",
            summary.result().relativeGradient(),
            summary.settings().tolerance()));
    content.asked(
        "method", summary.settings().method().name().toLowerCase(Locale.ROOT).replace('_', '-'));
    parameters(content, summary, elements, converged);
    path(content, summary.path());
    FitPictures.steps(content, summary.result());
    return content;
  }

  private static void parameters(
      PageContent content, FitSummary summary, ElementNames elements, boolean converged) {
    double[] values = summary.estimates();
    List<String> names = elements.names(summary.run().layout());
    int[] shown = PageTable.shown(values);
    String called = converged ? "Parameters" : "Last point, not estimates";
    PageTable table =
        new PageTable(
            shown.length < values.length
                ? String.format(
                    Locale.ROOT,
                    "%s: the %d largest of %,d; all are in parameters.json",
                    called,
                    shown.length,
                    values.length)
                : called,
            "name",
            converged ? "estimate" : "value");
    for (int k : shown) {
      table.row(PageTable.Cell.of(names.get(k)), PageTable.Cell.of(values[k]));
    }
    content.result(table);
  }

  private static void path(PageContent content, List<PathStep> path) {
    PageTable table =
        new PageTable("Path over l1", "l1", "value", "nonzeros", "iterations", "converged");
    for (PathStep step : path) {
      table.row(
          PageTable.Cell.of(step.l1()),
          PageTable.Cell.of(step.result().value()),
          PageTable.Cell.of((long) step.nonzeros()),
          PageTable.Cell.of((long) step.result().state().iteration()),
          PageTable.Cell.of(step.result().termination().converged() ? "yes" : "no"));
    }
    content.result(table);
  }
}
