package org.sparkcurvature.job.report;

import java.util.ArrayList;
import java.util.List;
import org.sparkcurvature.job.result.ComparedModel;

/** What a person reads of models beside one another. */
public final class CompareReport {
  private static final int NAME = 28;

  private final List<ComparedModel> models;
  private final Style style;

  public CompareReport(List<ComparedModel> models, Style style) {
    this.models = List.copyOf(models);
    this.style = style;
  }

  /** The whole report, each line ended. */
  public String text() {
    Page page = new Page(style);
    page.heading(
        Page.say("compare: %d models of %,.0f rows", models.size(), models.get(0).observations()));
    page.line(
        Page.say("  %-" + NAME + "s %4s %15s %12s %12s", "", "k", "log-likelihood", "AIC", "BIC"));
    List<String> names =
        EstimateLines.shortened(models.stream().map(ComparedModel::folder).toList(), NAME);
    for (int k = 0; k < models.size(); k++) {
      ComparedModel model = models.get(k);
      page.line(
          Page.say(
              "  %-" + NAME + "s %4d %15s %12s %12s",
              names.get(k),
              model.names().size(),
              Page.say("%.4f", model.logLikelihood()),
              Page.say("%.2f", model.aic()),
              Page.say("%.2f", model.bic())));
    }
    List<String> tests = tests(names);
    page.heading("likelihood-ratio tests of models within others");
    page.lines(tests.isEmpty() ? List.of("  none is within another") : tests);
    return page.text();
  }

  private List<String> tests(List<String> names) {
    List<String> tests = new ArrayList<>();
    for (int a = 0; a < models.size(); a++) {
      for (int b = 0; b < models.size(); b++) {
        ComparedModel smaller = models.get(a);
        ComparedModel larger = models.get(b);
        if (smaller.isWithin(larger)) {
          tests.add(
              Page.say(
                  "  %s in %s: chi2(%d) = %s, p = %s",
                  names.get(a),
                  names.get(b),
                  smaller.degreesOfFreedom(larger),
                  EstimateLines.significant(smaller.ratioTo(larger)),
                  smaller.probability(larger).stream()
                      .mapToObj(EstimateLines::probability)
                      .findFirst()
                      .orElse("- (the larger model is no better: was it fitted to its minimum?)")));
        }
      }
    }
    return tests;
  }
}
