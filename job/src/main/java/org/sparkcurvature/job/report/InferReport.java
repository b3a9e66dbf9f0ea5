package org.sparkcurvature.job.report;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.sparkcurvature.job.config.HypothesisConfig;
import org.sparkcurvature.job.config.ModelConfig;
import org.sparkcurvature.job.infer.Estimate;
import org.sparkcurvature.job.infer.HypothesisTest;
import org.sparkcurvature.job.infer.InferSummary;

/** What a person reads of an inference: one line for each estimate. */
public final class InferReport implements Report {
  /** A function is shown with its expression up to so many characters. */
  private static final int LONGEST_FUNCTION = 32;

  private static final Pattern ELEMENT = Pattern.compile("\\w+\\[\\d+]");
  private static final Pattern ZERO = Pattern.compile("(.+?)\\s*={1,2}\\s*0(?:\\.0*)?");

  private final InferSummary summary;
  private final ModelConfig model;

  /**
   * @param model the loss as the user wrote it
   */
  public InferReport(InferSummary summary, ModelConfig model) {
    this.summary = summary;
    this.model = model;
  }

  @Override
  public String text(View view) {
    Page page = new Page(view);
    page.title(
        "infer",
        Page.say(
            "%s; %s, %s",
            model.called(),
            Page.rows(summary.run().rows().used()),
            Page.counted(summary.run().layout().length(), "estimate")));
    summary
        .likelihood()
        .ifPresent(
            likelihood ->
                page.field(
                    "log-lik.",
                    Page.say(
                        "%s   AIC %s   BIC %s   (n %,.0f)",
                        Digits.logarithm(likelihood.logLikelihood()),
                        Digits.logarithm(likelihood.aic()),
                        Digits.logarithm(likelihood.bic()),
                        summary.count())));
    if (summary.likelihood().isEmpty()) {
      page.field(
          "value",
          Digits.significant(summary.value())
              + ", the sum over rows"
              + (model.penalty().isPresent() ? ", plus the penalty" : ""));
    }
    page.rows(summary.run().rows(), summary.run().weight());
    errors(page, summary);
    estimates(page, summary);
    tests(page, summary);
    return page.text();
  }

  /** What the standard errors are. */
  static void errors(Page page, InferSummary summary) {
    page.field(
        "std.err.",
        summary.settings().covariance()
            + (summary.groups().isEmpty() ? "" : " by " + Page.groups(summary.groups()))
            + (summary.factor().equals("none") ? "" : ", times " + summary.factor()));
    summary
        .degreesOfFreedom()
        .ifPresent(
            df -> page.field("compared", Page.say("with t of %,.0f degrees of freedom", df)));
    if (!summary.profiled().isEmpty()) {
      page.field("profiled", "out, and estimated too: " + String.join(", ", summary.profiled()));
    }
    if (!summary.settings().profile().isEmpty()) {
      page.field(
          "intervals", "by profile likelihood: " + String.join(", ", summary.settings().profile()));
    }
  }

  /** The parameters, and then their functions. */
  static void estimates(Page page, InferSummary summary) {
    Map<String, String> functions = summary.settings().functions();
    String statistic = summary.degreesOfFreedom().isPresent() ? "t" : "z";
    double level = summary.settings().level();
    List<Estimate> parameters =
        summary.estimates().stream().filter(e -> !functions.containsKey(e.parameter())).toList();
    page.lines(EstimateLines.of(page.view(), parameters, level, statistic));
    List<Estimate> others =
        summary.estimates().stream()
            .filter(e -> functions.containsKey(e.parameter()))
            .map(e -> e.called(withExpression(e.name(), functions.get(e.parameter()))))
            .toList();
    if (!others.isEmpty()) {
      page.heading("functions (delta method)");
      page.lines(EstimateLines.of(page.view(), others, level, statistic));
    }
  }

  private static String withExpression(String name, String expression) {
    String whole = name + " = " + expression;
    return whole.length() <= LONGEST_FUNCTION ? whole : name;
  }

  /** The tests of a result, where there are any. */
  static void tests(Page page, InferSummary summary) {
    List<HypothesisTest> tests = summary.tests();
    if (tests.isEmpty()) {
      return;
    }
    List<String> names = new ArrayList<>();
    List<String> statistics = new ArrayList<>();
    List<String> chances = new ArrayList<>();
    for (HypothesisTest test : tests) {
      String hypothesis = test.name() + ": " + equations(test, summary.estimates());
      boolean one = test.statistics().size() == 1;
      if (!one) {
        names.add(hypothesis);
        statistics.add("");
        chances.add("");
      }
      test.statistics()
          .forEach(
              statistic -> {
                names.add(one ? hypothesis : "  " + statistic.name());
                statistics.add(
                    statistic.distribution() + " " + Digits.statistic(statistic.value()));
                chances.add("p " + Digits.probability(statistic.p()));
              });
    }
    boolean onlyWald =
        tests.stream()
            .flatMap(test -> test.statistics().stream())
            .allMatch(statistic -> statistic.kind() == HypothesisConfig.Kind.WALD);
    page.heading(onlyWald ? "Wald tests" : "tests");
    page.lines(new Rows(page.view(), names).column("", statistics).column("", chances).lines());
  }

  /** With the names of elements in place of their positions; what is all 0 in one equation. */
  private static String equations(HypothesisTest test, List<Estimate> estimates) {
    List<String> named =
        test.hypothesis().stream().map(equation -> named(equation, estimates)).toList();
    List<Matcher> zeros = named.stream().map(ZERO::matcher).toList();
    return zeros.stream().allMatch(Matcher::matches)
        ? zeros.stream().map(zero -> zero.group(1)).collect(Collectors.joining(" = ")) + " = 0"
        : String.join(", ", named);
  }

  private static String named(String equation, List<Estimate> estimates) {
    Map<String, String> names = new LinkedHashMap<>();
    estimates.forEach(e -> names.put(e.parameter() + "[" + e.index() + "]", e.name()));
    return named(equation, names);
  }

  /**
   * An expression with the names of elements in place of their positions.
   *
   * @param names by {@code beta[0]}
   */
  static String named(String expression, Map<String, String> names) {
    return ELEMENT
        .matcher(expression)
        .replaceAll(
            element ->
                Matcher.quoteReplacement(names.getOrDefault(element.group(), element.group())));
  }
}
