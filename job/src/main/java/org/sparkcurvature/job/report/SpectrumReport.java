package org.sparkcurvature.job.report;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.sparkcurvature.job.result.CurvatureVerdict;
import org.sparkcurvature.job.result.SpectrumSummary;

/** What a person reads of a Hessian's eigenvalues. */
public final class SpectrumReport implements Report {
  /** Directions on either side that are shown without being asked for. */
  private static final int SHOWN = 3;

  /** A direction is told by one element whose share of its square is at least this. */
  private static final double ALONE = 0.95;

  /** Cells of the line on which eigenvalues are marked. */
  private static final int LINE = 24;

  private final SpectrumSummary summary;
  private final List<String> names;

  /**
   * @param names of the elements, length P
   */
  public SpectrumReport(SpectrumSummary summary, List<String> names) {
    this.summary = summary;
    this.names = List.copyOf(names);
  }

  @Override
  public String text(View view) {
    Page page = new Page(view);
    int p = summary.run().layout().length();
    page.title(
        "spectrum",
        (summary.stationary()
                ? summary.verdictInWords().toUpperCase(Locale.ROOT)
                : "NOT STATIONARY; the Hessian is " + summary.verdict().kind().hessian())
            + inertia()
            + "; condition "
            + condition());
    if (!summary.stationary()) {
      page.field("distance", distance());
    }
    page.field("of", Page.over(summary.reduction(), summary.run().rows().used()));
    page.rows(summary.run().rows(), summary.run().weight());
    summary.verdict().flat().forEach(direction -> page.field("flat", "along " + direction));
    summary.verdict().negative().forEach(direction -> page.field("negative", "along " + direction));
    directions(page);
    page.field(
        summary.method(),
        (summary.eigenvalues().length == p
                ? Page.say("all %,d in eigenvalues.npy", p)
                : Page.say(
                    "%,d of %,d in eigenvalues.npy, by %,d products with vectors",
                    summary.eigenvalues().length, p, summary.products()))
            + spread());
    return page.text();
  }

  /** The least and the most curved directions, read out. */
  private void directions(Page page) {
    List<SpectrumSummary.Pair> pairs = summary.extreme();
    int all = pairs.size();
    int low = (all + 1) / 2;
    int shown = page.view().shows(Part.ALL) ? all : SHOWN;
    List<String> lines = new ArrayList<>();
    for (int k = 0; k < Math.min(low, shown); k++) {
      lines.add(line(k == 0 ? "least curved" : "", pairs.get(k), page.view()));
    }
    for (int k = Math.max(low, all - shown); k < all; k++) {
      boolean first = k == Math.max(low, all - shown);
      lines.add(line(first ? "most curved" : "", pairs.get(k), page.view()));
    }
    page.lines(lines);
    int rest = all - lines.size();
    if (rest > 0) {
      page.line(Page.say("  ... %,d more: --show all", rest));
    }
  }

  private String line(String name, SpectrumSummary.Pair pair, View view) {
    String before = Page.say("  %-14s%10s  ", name, Page.say("%.3e", pair.value()));
    String reading = reading(pair) + (isRounding(pair.value()) ? "  (0 but for rounding)" : "");
    List<String> wrapped = Paragraph.wrapped(reading, view.width() - before.length());
    return before + String.join("\n" + " ".repeat(before.length()), wrapped);
  }

  private String reading(SpectrumSummary.Pair pair) {
    double[] vector = pair.vector();
    double norm = Arrays.stream(vector).map(v -> v * v).sum();
    int largest = 0;
    for (int k = 1; k < vector.length; k++) {
      largest = Math.abs(vector[k]) > Math.abs(vector[largest]) ? k : largest;
    }
    double share = vector[largest] * vector[largest] / norm;
    return share >= ALONE
        ? Page.say("%s (%.0f%% of the direction)", names.get(largest), Math.floor(100 * share))
        : pair.direction();
  }

  /** Where all are positive they are right, however small; otherwise small ones are rounding. */
  private boolean isRounding(double value) {
    double largest = Arrays.stream(summary.eigenvalues()).map(Math::abs).max().orElse(0);
    return summary.verdict().kind() != CurvatureVerdict.Kind.MINIMUM
        && Math.abs(value) <= 10 * summary.run().layout().length() * Math.ulp(1.0) * largest;
  }

  private String condition() {
    double condition = summary.conditionNumber();
    return Double.isFinite(condition) ? Digits.significant(condition, 3) : "infinite";
  }

  private String distance() {
    return "a Newton step from here is "
        + (Double.isFinite(summary.newtonStep())
            ? Page.say("%.2g standard errors long", summary.newtonStep())
            : "infinitely long");
  }

  private String inertia() {
    if (summary.negative().isEmpty()) {
      return ", as far as the extreme eigenvalues tell";
    }
    int p = summary.run().layout().length();
    int negative = summary.negative().getAsInt();
    int zero = summary.zero().orElse(0);
    return Page.say(": %d of %d eigenvalues positive", p - negative - zero, p)
        + (zero == 0 ? "" : Page.say(", %d zero", zero))
        + (negative == 0 ? "" : Page.say(", %d negative", negative));
  }

  /** Where positive eigenvalues lie between the least and the largest, on a logarithmic line. */
  private String spread() {
    double[] values = summary.eigenvalues();
    double least = Arrays.stream(values).min().orElse(0);
    double most = Arrays.stream(values).max().orElse(0);
    if (values.length < 3 || !(least > 0) || !(most > least)) {
      return "";
    }
    char[] line = " ".repeat(LINE).toCharArray();
    for (double value : values) {
      double at = Math.log(value / least) / Math.log(most / least);
      line[(int) Math.round(at * (LINE - 1))] = '#';
    }
    return Page.say(
        "; log spread %s |%s| %s",
        Digits.significant(least, 2),
        new String(line).replace(' ', '.'),
        Digits.significant(most, 2));
  }
}
