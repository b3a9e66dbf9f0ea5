package org.sparkcurvature.job.report;

import java.util.ArrayList;
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
public final class FitReport implements Report {
  private final FitSummary summary;
  private final ModelConfig model;
  private final ElementNames elements;

  /**
   * @param model the loss as the user wrote it
   * @param elements what elements are called
   */
  public FitReport(FitSummary summary, ModelConfig model, ElementNames elements) {
    this.summary = summary;
    this.model = model;
    this.elements = elements;
  }

  /** One iteration in a line. */
  public static String progress(Iteration iteration) {
    return Page.say(
        "iteration %d: value %s, %s, %.2f s",
        iteration.iteration(),
        Digits.significant(iteration.value()),
        iteration.outcome() == Iteration.Outcome.ACCEPTED
            ? Page.say("relative gradient %.1e", iteration.relativeGradient())
            : "step not taken",
        iteration.seconds());
  }

  /** What a user should know of the point where a fit ended, in sentences. */
  public static List<String> remarks(
      FitResult result, Optional<CurvatureVerdict> verdict, Optional<FallingDirection> falling) {
    List<String> remarks = new ArrayList<>();
    if (result.termination() == FitResult.Termination.BOUND) {
      remarks.add(
          "The minimum is at the bound of a range: "
              + String.join(", ", falling.orElseThrow().ends())
              + ". The other parameters are at the minimum there, and errors are for them with these"
              + " at their bound, where a parameter has no error of its own.");
    }
    boolean flat =
        verdict.isPresent() && result.termination().converged() && !verdict.get().flat().isEmpty();
    if (flat && result.termination() == FitResult.Termination.PIECEWISE_LINEAR) {
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

  @Override
  public String text(View view) {
    Page page = new Page(view);
    FitResult result = summary.result();
    List<String> names = elements.names(summary.run().layout());
    page.title("fit", title(result, model, summary, names.size()));
    page.field(status(result), outcome(summary));
    double value = result.value();
    if (model.likelihood() && !penalised() && model.statistics().logLikelihood().isEmpty()) {
      page.field("log-lik.", Digits.logarithm(-value));
    } else {
      page.field(
          "value",
          Digits.significant(value)
              + ", the sum over rows"
              + (penalised() ? ", plus the penalty" : ""));
    }
    page.rows(summary.run().rows(), summary.run().weight());
    page.lines(table(view, result, names, summary.estimates()));
    path(page);
    return page.text();
  }

  /** The first line of a fit's report: a point that is no minimum is not taken for one. */
  static String title(FitResult result, ModelConfig model, FitSummary summary, int parameters) {
    return (result.termination().converged() ? "" : status(result) + ": ")
        + Page.say(
            "%s; %s, %,d parameter%s",
            model.called(),
            Page.rows(summary.run().rows().used()),
            parameters,
            parameters == 1 ? "" : "s");
  }

  static String status(FitResult result) {
    return switch (result.termination()) {
      case DIVERGED, TO_BOUND -> "NO MINIMUM";
      default -> result.termination().converged() ? "CONVERGED" : "NOT CONVERGED";
    };
  }

  /** How a fit ended: iterations, what the tolerance bounds, and what the point is. */
  static String outcome(FitSummary summary) {
    FitResult result = summary.result();
    boolean converged = result.termination().converged();
    int iterations = result.state().iteration();
    boolean quantile = result.termination() == FitResult.Termination.PIECEWISE_LINEAR;
    return (converged
            ? Page.say("%,d iteration%s", iterations, iterations == 1 ? "" : "s")
            : Page.say("%,d of %,d iterations", iterations, summary.settings().maxIterations()))
        + (quantile
            ? Page.say(", gap to the dual bound %.1e", result.relativeGradient())
            : Page.say(
                ", relative gradient %s (wanted %s)",
                small(result.relativeGradient()), small(summary.settings().tolerance())))
        + end(summary);
  }

  private static String end(FitSummary summary) {
    FitResult.Termination termination = summary.result().termination();
    Optional<CurvatureVerdict.Kind> kind = summary.verdict().map(CurvatureVerdict::kind);
    if (!termination.converged()) {
      return "; " + termination + kind.map(k -> "; Hessian " + k.hessian() + " there").orElse("");
    }
    return switch (termination) {
      case BOUND -> "; " + termination;
      case PIECEWISE_LINEAR ->
          "; the optimum of a piecewise linear loss"
              + kind.map(k -> k == CurvatureVerdict.Kind.MINIMUM ? ", unique" : ", not unique")
                  .orElse("");
      case PRECISION -> "; " + termination + kind.map(k -> "; " + k).orElse("");
      default -> kind.map(k -> "; " + k).orElse("");
    };
  }

  private static String small(double value) {
    return value == 0 ? "0" : String.format(Locale.ROOT, "%.1e", value).replace(".0e", "e");
  }

  /** The parameters where a fit ended. */
  static List<String> table(View view, FitResult result, List<String> names, double[] values) {
    return EstimateLines.of(
        view,
        names,
        values,
        result.termination().converged() ? "estimate" : "last point, not estimates");
  }

  private boolean penalised() {
    return model.penalty().isPresent() || summary.settings().isPenalised();
  }

  private void path(Page page) {
    List<PathStep> steps = summary.path();
    if (steps.isEmpty()) {
      return;
    }
    page.heading("path over l1");
    page.lines(
        new Rows(page.view(), steps.stream().map(PathStep::l1).toList())
            .column(
                "value", steps.stream().map(s -> Digits.significant(s.result().value())).toList())
            .column("nonzeros", steps.stream().map(s -> Page.say("%,d", s.nonzeros())).toList())
            .column(
                "iterations",
                steps.stream().map(s -> Page.say("%d", s.result().state().iteration())).toList())
            .words(
                "",
                steps.stream()
                    .map(s -> s.result().termination().converged() ? "" : "not converged")
                    .toList())
            .lines());
  }
}
