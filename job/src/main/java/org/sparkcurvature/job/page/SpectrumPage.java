package org.sparkcurvature.job.page;

import java.util.Locale;
import org.sparkcurvature.job.report.Digits;
import org.sparkcurvature.job.result.SpectrumSummary;

/** The page of {@code spectrum}. */
public final class SpectrumPage {
  private SpectrumPage() {}

  /** The page of eigenvalues. */
  public static PageContent of(SpectrumSummary summary) {
    int p = summary.run().layout().length();
    boolean all = summary.eigenvalues().length == p;
    PageContent content =
        new PageContent(
            "Eigenvalues of the Hessian",
            summary.stationary() ? PageContent.Status.GOOD : PageContent.Status.NEUTRAL,
            summary.stationary()
                ? "The point is a " + summary.verdictInWords() + "."
                : String.format(
                    Locale.ROOT,
                    "The point is not stationary: a Newton step would be %.2g standard errors long;"
                        + " the Hessian there is %s.",
                    summary.newtonStep(),
                    summary.verdict().kind().hessian()));
    summary.verdict().flat().forEach(d -> content.remark("Flat along " + d + "."));
    summary.verdict().negative().forEach(d -> content.remark("Falling along " + d + "."));
    content.number("condition number", Digits.significant(summary.conditionNumber()));
    content.number("norm of the gradient", Digits.significant(summary.gradientNorm()));
    content.number(
        "eigenvalues", String.format(Locale.ROOT, "%,d of %,d", summary.eigenvalues().length, p));
    content.asked(
        "method",
        summary.method()
            + (summary.products() == 0
                ? ""
                : String.format(Locale.ROOT, ", %,d products with vectors", summary.products())));
    PageTable table = new PageTable("Extreme eigenvalues", "direction", "eigenvalue", "residual");
    summary
        .extreme()
        .forEach(
            pair ->
                table.row(
                    PageTable.Cell.of(pair.direction()),
                    PageTable.Cell.of(pair.value()),
                    new PageTable.Cell(
                        String.format(Locale.ROOT, "%.1e", pair.residual()), pair.residual())));
    content.result(table);
    MatrixPictures.eigenvalues(content, summary.eigenvalues(), all, summary.negative());
    return content;
  }
}
