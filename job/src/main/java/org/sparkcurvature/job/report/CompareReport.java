package org.sparkcurvature.job.report;

import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import org.sparkcurvature.job.result.ComparedModel;

/** What a person reads of models beside one another. */
public final class CompareReport implements Report {
  private final List<ComparedModel> models;

  public CompareReport(List<ComparedModel> models) {
    this.models = List.copyOf(models);
  }

  @Override
  public String text(View view) {
    Page page = new Page(view);
    page.title(
        "compare",
        Page.say("%d models of %s", models.size(), Page.rows((long) models.get(0).observations())));
    page.field("best", best("AIC", ComparedModel::aic) + "; " + best("BIC", ComparedModel::bic));
    page.lines(
        new Rows(view, models.stream().map(ComparedModel::folder).toList())
            .column("k", models.stream().map(m -> Page.say("%,d", m.parameters())).toList())
            .column("log-lik.", numbers(ComparedModel::logLikelihood))
            .column("AIC", numbers(ComparedModel::aic))
            .column("BIC", numbers(ComparedModel::bic))
            .words("", models.stream().map(m -> m.family().orElse("")).toList())
            .lines());
    List<ComparedModel.Nested> nested = ComparedModel.nested(models);
    page.heading("likelihood-ratio tests of models within others");
    if (nested.isEmpty()) {
      page.line("  none is within another");
      return page.text();
    }
    page.lines(
        new Rows(
                view,
                nested.stream()
                    .map(n -> n.smaller().folder() + " in " + n.larger().folder())
                    .toList())
            .column(
                "",
                nested.stream()
                    .map(
                        n ->
                            Page.say(
                                "chi2(%d) %s", n.degreesOfFreedom(), Digits.significant(n.ratio())))
                    .toList())
            .column(
                "",
                nested.stream()
                    .map(
                        n ->
                            n.probability().isPresent()
                                ? "p " + Digits.probability(n.probability().getAsDouble())
                                : "p -")
                    .toList())
            .lines());
    if (nested.stream().anyMatch(n -> n.probability().isEmpty())) {
      page.line("  p -: the larger model is no better; was it fitted to its minimum?");
    }
    return page.text();
  }

  @SuppressWarnings("ReferenceEquality") // the others, though one has the same numbers
  private String best(String criterion, ToDoubleFunction<ComparedModel> of) {
    ComparedModel best = models.stream().min(Comparator.comparingDouble(of)).orElseThrow();
    double next =
        models.stream().filter(model -> model != best).mapToDouble(of).min().orElse(Double.NaN);
    return Page.say(
        "by %s %s, by %s",
        criterion, best.folder(), Digits.significant(next - of.applyAsDouble(best), 4));
  }

  private List<String> numbers(ToDoubleFunction<ComparedModel> of) {
    return models.stream().map(model -> Digits.logarithm(of.applyAsDouble(model))).toList();
  }

  @Override
  public Map<String, Object> numbers() {
    Map<String, Object> numbers = new LinkedHashMap<>();
    numbers.put("models", models.stream().map(CompareReport::json).toList());
    numbers.put("tests", ComparedModel.nested(models).stream().map(CompareReport::json).toList());
    return numbers;
  }

  private static Object json(ComparedModel model) {
    Map<String, Object> object = new LinkedHashMap<>();
    object.put("folder", model.folder());
    object.put("family", model.family().orElse(null));
    object.put("observations", model.observations());
    object.put("parameters", model.parameters());
    object.put("log_likelihood", model.logLikelihood());
    object.put("aic", model.aic());
    object.put("bic", model.bic());
    return object;
  }

  private static Object json(ComparedModel.Nested nested) {
    Map<String, Object> object = new LinkedHashMap<>();
    object.put("smaller", nested.smaller().folder());
    object.put("larger", nested.larger().folder());
    object.put("df", nested.degreesOfFreedom());
    object.put("likelihood_ratio", nested.ratio());
    object.put("p", nested.probability().isPresent() ? nested.probability().getAsDouble() : null);
    return object;
  }
}
