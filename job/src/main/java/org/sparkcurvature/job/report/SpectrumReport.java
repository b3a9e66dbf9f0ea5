package org.sparkcurvature.job.report;

import java.util.Arrays;
import org.sparkcurvature.job.config.ModelConfig;
import org.sparkcurvature.job.result.CurvatureVerdict;
import org.sparkcurvature.job.result.SpectrumSummary;

/** What a person reads of a Hessian's eigenvalues. */
public final class SpectrumReport {
  private final SpectrumSummary summary;
  private final ModelConfig model;
  private final String output;
  private final Style style;

  /**
   * @param model the loss as the user wrote it
   * @param output where the result was written
   */
  public SpectrumReport(SpectrumSummary summary, ModelConfig model, String output, Style style) {
    this.summary = summary;
    this.model = model;
    this.output = output;
    this.style = style;
  }

  /** The whole report, each line ended. */
  public String text() {
    Page page = new Page(style);
    page.heading("spectrum");
    page.model(model);
    page.rows(summary.run().rows(), summary.run().weight());
    page.field(
        "method",
        summary.method()
            + (summary.products() == 0
                ? ""
                : Page.say(", %,d products with vectors", summary.products())));
    page.field("verdict", summary.stationary() ? summary.verdictInWords() + inertia() : distance());
    if (!summary.stationary()) {
      page.field("hessian", summary.verdict().kind().hessian() + inertia());
    }
    page.field(
        "condition",
        Double.isFinite(summary.conditionNumber())
            ? NumberFormat.brief(summary.conditionNumber())
            : "infinite");
    summary.verdict().flat().forEach(direction -> page.field("flat", "along " + direction));
    summary.verdict().negative().forEach(direction -> page.field("negative", "along " + direction));
    page.heading("extreme eigenvalues");
    page.line("    eigenvalue  residual  along");
    for (SpectrumSummary.Pair pair : summary.extreme()) {
      page.line(
          Page.say(
              "  %12s  %8.1e  %s%s",
              number(pair.value()),
              pair.residual(),
              pair.direction(),
              isRounding(pair.value()) ? "  (0 but for rounding)" : ""));
    }
    page.footer(output, summary.run().seconds(), summary.run().totalSeconds());
    return page.text();
  }

  /** Where all are positive they are right, however small; otherwise small ones are rounding. */
  private boolean isRounding(double value) {
    double largest = Arrays.stream(summary.eigenvalues()).map(Math::abs).max().orElse(0);
    return summary.verdict().kind() != CurvatureVerdict.Kind.MINIMUM
        && Math.abs(value) <= 10 * summary.run().layout().length() * Math.ulp(1.0) * largest;
  }

  private static String number(double value) {
    return Page.say("%.5e", value);
  }

  private String distance() {
    return Page.say(
        "%s: a Newton step would be %s long",
        summary.verdictInWords(),
        Double.isFinite(summary.newtonStep())
            ? Page.say("%.2g standard errors", summary.newtonStep())
            : "infinitely");
  }

  private String inertia() {
    return summary.negative().isPresent()
        ? Page.say(
            ": %d positive, %d zero, %d negative eigenvalues",
            summary.run().layout().length()
                - summary.negative().getAsInt()
                - summary.zero().orElse(0),
            summary.zero().orElse(0),
            summary.negative().getAsInt())
        : ", as far as the extreme eigenvalues tell";
  }
}
