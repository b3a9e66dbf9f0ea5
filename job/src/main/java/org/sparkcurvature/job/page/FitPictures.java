package org.sparkcurvature.job.page;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.sparkcurvature.job.chart.LinePlot;
import org.sparkcurvature.job.fit.FitResult;
import org.sparkcurvature.job.fit.Iteration;

/** How a fit went. */
final class FitPictures {
  private static final int MOST_STEPS = 100;

  private FitPictures() {}

  /** Adds the picture of the fit's steps, where there are at least two. */
  static void steps(PageContent content, FitResult result) {
    List<Iteration> history = result.state().history();
    if (history.size() < 2) {
      return;
    }
    double best = result.value();
    double[] at = history.stream().mapToDouble(Iteration::iteration).toArray();
    boolean[] rejected = new boolean[history.size()];
    for (int k = 0; k < rejected.length; k++) {
      rejected[k] = history.get(k).outcome() == Iteration.Outcome.REJECTED;
    }
    double[] gradients = history.stream().mapToDouble(Iteration::relativeGradient).toArray();
    double[] gaps = history.stream().mapToDouble(i -> i.value() - best).toArray();
    List<LinePlot.Series> series = new ArrayList<>();
    add(series, "relative gradient", at, gradients, rejected);
    add(series, "value above the last", at, gaps, rejected);
    PageTable table =
        new PageTable(
            history.size() > MOST_STEPS
                ? "The last " + MOST_STEPS + " of " + history.size() + " steps; all in history.json"
                : "",
            "iteration",
            "value",
            "relative gradient",
            "step",
            "taken");
    history
        .subList(Math.max(0, history.size() - MOST_STEPS), history.size())
        .forEach(
            step ->
                table.row(
                    PageTable.Cell.of((long) step.iteration()),
                    new PageTable.Cell(
                        Double.isFinite(step.value()) ? Double.toString(step.value()) : "-",
                        step.value()),
                    exponent(step.relativeGradient()),
                    exponent(step.step()),
                    PageTable.Cell.of(
                        step.outcome() == Iteration.Outcome.REJECTED ? "no" : "yes")));
    if (series.isEmpty()) {
      content.diagnostics(table);
      return;
    }
    content.picture(
        LinePlot.of(
            "convergence",
            String.format(
                Locale.ROOT,
                "%s: relative gradient %.1e after %d iterations",
                result.termination().converged() ? "Convergence" : "No convergence",
                result.relativeGradient(),
                result.state().iteration()),
            series,
            "iteration",
            "on a logarithmic axis"),
        table);
  }

  private static void add(
      List<LinePlot.Series> series, String name, double[] x, double[] y, boolean[] hollow) {
    for (double value : y) {
      if (value > 0 && Double.isFinite(value)) {
        series.add(new LinePlot.Series(name, x, y, hollow));
        return;
      }
    }
  }

  private static PageTable.Cell exponent(double value) {
    return new PageTable.Cell(
        Double.isFinite(value) ? String.format(Locale.ROOT, "%.2e", value) : "-", value);
  }
}
