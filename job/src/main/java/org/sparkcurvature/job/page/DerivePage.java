package org.sparkcurvature.job.page;

import java.util.List;
import java.util.Locale;
import java.util.OptionalInt;
import org.sparkcurvature.engine.Layout;
import org.sparkcurvature.job.config.Reduction;
import org.sparkcurvature.job.report.Digits;
import org.sparkcurvature.job.result.ElementNames;
import org.sparkcurvature.job.result.Objective;
import org.sparkcurvature.job.result.RunSummary;
import org.sparkcurvature.job.solve.HessianFacts;

/** The page of {@code derive}. */
public final class DerivePage {
  private DerivePage() {}

  /**
   * The page of derivatives at given parameters.
   *
   * @param rows what per-sample results are like
   */
  public static PageContent of(RunSummary summary, ElementNames elements, RowPictures rows) {
    Objective objective = summary.objective();
    List<String> names = elements.names(summary.layout());
    String over =
        (summary.reduction() == Reduction.MEAN ? "mean" : "sum")
            + String.format(Locale.ROOT, " over %,d rows", summary.rows().used());
    PageContent content =
        new PageContent(
            "Derivatives of a " + over, PageContent.Status.NEUTRAL, verdict(summary, over));
    objective.value().ifPresent(value -> content.number("value", Digits.significant(value)));
    objective
        .gradientNorm()
        .ifPresent(norm -> content.number("norm of the gradient", Digits.significant(norm)));
    content.number(
        "derivatives by", String.format(Locale.ROOT, "%,d numbers", summary.layout().length()));
    elements(content, objective, names);
    objective
        .hessianMatrices()
        .forEach(
            (name, matrix) ->
                MatrixPictures.add(
                    content,
                    name,
                    "elements of the " + called(name) + " on unit diagonal",
                    ofMatrix(summary.layout(), name, names),
                    matrix));
    rows.add(content);
    summary
        .reading()
        .facts()
        .forEach(
            (name, facts) -> {
              facts(content, called(name), facts);
              if (name.equals("hessian")) {
                MatrixPictures.eigenvalues(
                    content, facts.eigenvalues(), true, OptionalInt.of(facts.negative()));
              }
            });
    summary
        .reading()
        .withheld()
        .forEach(
            (name, reason) -> content.diagnostics("Of the " + called(name) + ": " + reason + "."));
    return content;
  }

  private static String called(String name) {
    return name.equals("hessian")
        ? "Hessian"
        : "block of " + name.substring("hessian_".length()) + " of the Hessian";
  }

  private static String verdict(RunSummary summary, String over) {
    Objective objective = summary.objective();
    String value =
        objective.value().isPresent()
            ? "The " + over + " is " + Digits.significant(objective.value().getAsDouble())
            : "Derivatives of the " + over;
    HessianFacts facts = summary.reading().facts().get("hessian");
    return value + (facts == null ? "." : "; its Hessian is " + facts.definiteness() + ".");
  }

  private static List<String> ofMatrix(Layout layout, String name, List<String> names) {
    return layout.entries().stream()
        .filter(entry -> name.equals("hessian_" + entry.name()))
        .findFirst()
        .map(entry -> names.subList(entry.offset(), entry.offset() + entry.shape().size()))
        .orElse(names);
  }

  /**
   * Gradient, curvature, and the first over the root of the second, which has no units of its own.
   */
  private static void elements(PageContent content, Objective objective, List<String> names) {
    if (objective.gradient().isEmpty()) {
      return;
    }
    double[] gradient = objective.gradient().get();
    double[] diagonal = objective.hessianDiagonal().orElse(new double[0]);
    double[] scaled = gradient.clone();
    for (int k = 0; k < diagonal.length; k++) {
      scaled[k] /= diagonal[k] > 0 ? Math.sqrt(diagonal[k]) : 1;
    }
    int[] shown = PageTable.shown(scaled);
    PageTable table =
        new PageTable(
            shown.length < gradient.length
                ? String.format(
                    Locale.ROOT,
                    "The %d largest of %,d elements; all are in gradient.npy",
                    shown.length,
                    gradient.length)
                : "By element",
            "name",
            "gradient",
            "curvature",
            "gradient / root of curvature");
    for (int k : shown) {
      double curvature = diagonal.length == 0 ? Double.NaN : diagonal[k];
      table.row(
          PageTable.Cell.of(names.get(k)),
          PageTable.Cell.of(gradient[k]),
          PageTable.Cell.of(curvature),
          PageTable.Cell.of(curvature > 0 ? scaled[k] : Double.NaN));
    }
    content.result(table);
  }

  private static void facts(PageContent content, String name, HessianFacts facts) {
    PageTable table = new PageTable("The " + name, "what", "value");
    table.row(PageTable.Cell.of("it is"), PageTable.Cell.of(facts.definiteness().toString()));
    table.row(PageTable.Cell.of("smallest eigenvalue"), PageTable.Cell.of(facts.smallest()));
    table.row(PageTable.Cell.of("largest eigenvalue"), PageTable.Cell.of(facts.largest()));
    table.row(
        PageTable.Cell.of("negative eigenvalues"), PageTable.Cell.of((long) facts.negative()));
    table.row(
        PageTable.Cell.of("eigenvalues that cannot be told from 0"),
        PageTable.Cell.of((long) facts.zero()));
    table.row(PageTable.Cell.of("condition number"), PageTable.Cell.of(facts.conditionNumber()));
    content.diagnostics(table);
  }
}
