package org.sparkcurvature.job.formula;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.apache.spark.sql.SparkSession;
import org.sparkcurvature.job.config.FormulaConfig;
import org.sparkcurvature.job.config.InputConfig;
import org.sparkcurvature.job.config.TensorConfig;
import org.sparkcurvature.job.errors.Errors;
import org.sparkcurvature.job.errors.Names;
import org.sparkcurvature.job.errors.PublicText;
import org.sparkcurvature.job.source.Expectation;

/**
 * A model by formula, parsed: what {@link #expand} writes out once the table can be looked at.
 *
 * @param config as it is configured
 * @param response what is modelled; empty where a loss of the user's own says that
 * @param predictors by name, the first one's first
 * @param family empty where the loss is the user's own
 */
public record FormulaExpansion(
    FormulaConfig config,
    Optional<Response> response,
    Map<String, Predictor> predictors,
    Optional<String> family) {
  private static final String FORMULA = "model.formula";

  /** So many levels are no wonder, however few rows there are. */
  private static final int FEW_LEVELS = 10;

  /**
   * Parses the formula and checks the family against it. Needs neither rows nor Spark.
   *
   * @throws org.sparkcurvature.job.language.LanguageException with the places of what is wrong
   * @throws org.sparkcurvature.job.errors.JobException with exit code 2 if there is no such family,
   *     or it has no such predictor
   */
  public static FormulaExpansion parse(FormulaConfig config) {
    Map<String, Predictor> predictors = new LinkedHashMap<>();
    Optional<Family> family = family(config);
    Optional<ModelFormula> formula =
        config.formula().map(text -> ModelFormula.parse(FORMULA, text));
    Optional<Response> response =
        formula
            .map(ModelFormula::response)
            .or(
                () ->
                    config
                        .response()
                        .map(text -> ModelFormula.parseResponse("model.response", text)));
    formula.ifPresent(
        parsed ->
            predictors.put(
                family.map(f -> f.predictors().get(0).name()).orElse("mu"), parsed.predictor()));
    config
        .predictors()
        .forEach(
            (name, text) -> {
              Predictor predictor = ModelFormula.parsePredictor("model.predictors." + name, text);
              if (predictors.putIfAbsent(name, predictor) != null) {
                throw Errors.configuration(
                    "the predictor " + name + " is that of the formula",
                    "curvature.model.predictors." + name,
                    "keep one");
              }
            });
    family.ifPresent(f -> check(f, response, predictors));
    response.ifPresent(r -> refuseResponseInPredictor(r, predictors));
    return new FormulaExpansion(config, response, predictors, family.map(Family::name));
  }

  private static Optional<Family> family(FormulaConfig config) {
    if (config.family().isEmpty()) {
      return Optional.empty();
    }
    Families families = Families.with(config.families());
    Family named = families.family(config.family().get());
    return Optional.of(
        config.predictors().keySet().stream()
            .flatMap(name -> Optional.ofNullable(named.with().get(name)).stream())
            .findFirst()
            .map(families::family)
            .orElse(named));
  }

  private static void check(
      Family family, Optional<Response> response, Map<String, Predictor> predictors) {
    List<String> names = family.predictors().stream().map(Family.PredictorRow::name).toList();
    for (String name : predictors.keySet()) {
      if (!names.contains(name)) {
        throw Errors.configuration(
            "the family %s has no predictor %s".formatted(family.name(), name),
            "curvature.model.predictors." + name,
            "its predictors are " + String.join(", ", names));
      }
    }
    if (!predictors.containsKey(names.get(0))) {
      throw Errors.configuration(
          "the predictor %s of the family %s is missing".formatted(names.get(0), family.name()),
          "curvature.model.predictors",
          "write it there, or a formula");
    }
    boolean isDuration = family.response() == Family.Kind.DURATION;
    Response left = response.orElseThrow();
    boolean isCensored =
        left instanceof Response.RightCensored || left instanceof Response.IntervalCensored;
    if (isCensored && !isDuration
        || left instanceof Response.Counts && family.response() != Family.Kind.COUNTS) {
      throw Errors.configuration(
          "the family %s takes one column left of ~".formatted(family.name()),
          "curvature.model.formula",
          isCensored
              ? "surv(...) is for exponential, weibull, lognormal and loglogistic"
              : "cbind(...) is for binomial and quasi-binomial");
    }
  }

  private static void refuseResponseInPredictor(
      Response response, Map<String, Predictor> predictors) {
    for (Predictor predictor : predictors.values()) {
      for (Predictor.Term term : predictor.terms()) {
        for (Factor factor : term.factors()) {
          if (response.expressions().contains(factor.expression())) {
            throw Errors.configuration(
                "the response %s is among its own predictors".formatted(factor.expression()),
                "curvature.model.formula",
                "leave it out right of ~");
          }
        }
      }
    }
  }

  /** Where fits begin. */
  public enum Begin {
    /** Where the rows of the table as a whole say. */
    TABLE,
    /** Where the family says, whatever the table. */
    FAMILY
  }

  /** When it is looked whether each row's response suits the family. */
  public enum Suiting {
    /** Before the model is written out. */
    NOW,
    /** When rows are read, where nothing else has to be looked at. */
    WITH_ROWS
  }

  /**
   * A model that was written out.
   *
   * @param text HOCON under the root {@code curvature}: tensors, parameters, definitions, loss
   * @param unchecked what whoever reads the rows has still to look for
   */
  public record Written(String text, Optional<Unchecked> unchecked) {}

  /**
   * What is still to be looked for.
   *
   * @param expectation what rows are expected to be
   * @param look to be run where a row is not so: looks at the table, and throws what is wrong with
   *     the valid rows, if anything is
   */
  public record Unchecked(Expectation expectation, Runnable look) {}

  /**
   * Writes the model out.
   *
   * @param kept the levels of an earlier fit, by column or expression: they rule
   * @param begin where fits begin
   * @param warn is told what is allowed and yet hardly meant, in sentences
   * @throws org.sparkcurvature.job.errors.JobException as {@link
   *     org.sparkcurvature.job.source.Source#open} does, and if the table does not suit the formula
   */
  public Written expand(
      SparkSession spark,
      InputConfig input,
      Map<String, List<String>> kept,
      Begin begin,
      Suiting suiting,
      Consumer<String> warn) {
    Families families = Families.with(config.families());
    Optional<Family> found = family.map(families::family);
    Optional<Family.Link> link =
        found.map(f -> families.link(f, f.predictors().get(0), config.link()));
    TableLook look = new TableLook(spark, input, this, found, link, kept);
    Map<String, Integer> arrays = look.arrays();
    if (!arrays.isEmpty()) {
      Map<String, Predictor> elements = ArrayTerms.expanded(predictors, arrays);
      return new FormulaExpansion(config, response, elements, family)
          .expand(spark, input, kept, begin, suiting, warn);
    }
    Optional<Expectation> expectation =
        begin == Begin.FAMILY && suiting == Suiting.WITH_ROWS
            ? look.expectation()
            : Optional.empty();
    TableFacts looked =
        expectation.isPresent()
            ? TableFacts.ofNumbers(0)
            : look.facts(begin == Begin.TABLE).ruledBy(kept);
    TableFacts facts = begin == Begin.TABLE ? looked : looked.withoutStart();
    facts
        .levels()
        .forEach(
            (expression, levels) -> {
              if (levels.size() > FEW_LEVELS && levels.size() > facts.rows() / 2) {
                warn.accept(
                    "%s has %,d levels in %,d rows: nearly each row has one of its own."
                        .formatted(PublicText.label(expression), levels.size(), facts.rows()));
              }
            });
    found.ifPresent(f -> tellOrder(f, facts, kept, warn));
    WrittenModel model = new WrittenModel();
    leaveOut(facts, input, model, warn);
    response.ifPresent(left -> writeResponse(model, left, facts));
    String unseen = config.unseen() == TensorConfig.Unseen.REFERENCE ? "reference" : "invalid";
    if (found.isPresent()) {
      new FamilyWriter(model, families, found.get(), facts, config.numbers())
          .write(response.orElseThrow(), predictors, config.link(), unseen);
      response.ifPresent(
          left -> model.statistic("response", String.join(", ", left.expressions())));
    } else {
      writePredictors(model, facts, unseen);
    }
    return new Written(
        model.text(), expectation.map(e -> new Unchecked(e, () -> look.facts(false))));
  }

  /** The order of letters is hardly that of an ordered response. */
  private void tellOrder(
      Family family, TableFacts facts, Map<String, List<String>> kept, Consumer<String> warn) {
    List<String> levels = List.copyOf(facts.responseCounts().keySet());
    if (family.response() == Family.Kind.ORDERED
        && config.levels().isEmpty()
        && response.stream().flatMap(r -> r.expressions().stream()).noneMatch(kept::containsKey)
        && !levels.stream().allMatch(LevelsLook::isNumber)) {
      warn.accept(
          "The levels of the response are in the order of their letters: %s (model.response.levels)."
              .formatted(PublicText.label(Names.first(PredictorWriter.LEVELS_SHOWN, levels))));
    }
  }

  /** Leaves the rows of levels out that say nothing of other coefficients. */
  private static void leaveOut(
      TableFacts facts, InputConfig input, WrittenModel model, Consumer<String> warn) {
    if (facts.dropped().isEmpty()) {
      return;
    }
    List<String> conditions = new ArrayList<>();
    input.where().ifPresent(where -> conditions.add("(" + where + ")"));
    facts
        .dropped()
        .forEach(
            (expression, levels) -> {
              conditions.add(
                  "NOT coalesce(string(%s) IN (%s), false)"
                      .formatted(
                          expression,
                          levels.stream()
                              .map(PredictorWriter::literal)
                              .collect(Collectors.joining(", "))));
              warn.accept(
                  ("%,d of the levels of %s %s left out with their rows, which say nothing of other"
                          + " coefficients: %s (model.drop-levels).")
                      .formatted(
                          levels.size(),
                          PublicText.label(expression),
                          levels.size() == 1 ? "is" : "are",
                          PublicText.label(Names.first(PredictorWriter.LEVELS_SHOWN, levels))));
            });
    warn.accept(
        "Left out with these levels: %,d of %,d rows."
            .formatted(facts.droppedRows(), facts.droppedRows() + facts.rows()));
    model.where(String.join(" AND ", conditions));
  }

  private void writePredictors(WrittenModel model, TableFacts facts, String unseen) {
    PredictorWriter writer = new PredictorWriter(model, facts, unseen);
    boolean first = true;
    for (Map.Entry<String, Predictor> predictor : predictors.entrySet()) {
      model.define(
          predictor.getKey(),
          writer.write(
              first ? Optional.empty() : Optional.of(predictor.getKey()), predictor.getValue(), 0));
      first = false;
    }
  }

  private static void writeResponse(WrittenModel model, Response response, TableFacts facts) {
    if (response instanceof Response.Single single) {
      if (facts.responseCounts().isEmpty()) {
        model.column("y", single.expression());
      } else {
        model.codes(
            "y", single.expression(), new ArrayList<>(facts.responseCounts().keySet()), "invalid");
      }
    } else if (response instanceof Response.Counts counts) {
      model.column("y", counts.successes());
      model.column("n", "(%s) + (%s)".formatted(counts.successes(), counts.failures()));
    } else if (response instanceof Response.RightCensored censored) {
      model.column("y", censored.time());
      model.column("event", censored.event());
    } else if (response instanceof Response.IntervalCensored interval) {
      String lower = "double(" + interval.lower() + ")";
      String upper = "double(" + interval.upper() + ")";
      String openBelow = "(%s IS NULL OR isnan(%s) OR %s <= 0)".formatted(lower, lower, lower);
      String openAbove =
          "(%s IS NULL OR isnan(%s) OR %s = double('infinity'))".formatted(upper, upper, upper);
      model.column("y_lower", "IF(%s, %s, %s)".formatted(openBelow, upper, lower));
      model.column("y_upper", "IF(%s, %s, %s)".formatted(openAbove, lower, upper));
      model.column(
          "censoring",
          "CASE WHEN %s AND %s OR %s > %s THEN null WHEN %s THEN 1 WHEN %s THEN 2 WHEN %s = %s THEN 0 ELSE 3 END"
              .formatted(openBelow, openAbove, lower, upper, openAbove, openBelow, lower, upper));
    }
  }

  /** Every expression right of {@code ~}, with its key in the configuration. */
  Map<String, String> factors() {
    Map<String, String> all = new LinkedHashMap<>();
    predictors.forEach(
        (name, predictor) -> {
          String where = "curvature." + key(name);
          predictor
              .terms()
              .forEach(
                  term ->
                      term.factors()
                          .forEach(factor -> all.putIfAbsent(factor.expression(), where)));
        });
    return all;
  }

  Map<String, String> offsets() {
    Map<String, String> all = new LinkedHashMap<>();
    predictors.forEach(
        (name, predictor) ->
            predictor.offsets().forEach(e -> all.putIfAbsent(e, "curvature." + key(name))));
    return all;
  }

  private String key(String predictor) {
    return config.predictors().containsKey(predictor) ? "model.predictors." + predictor : FORMULA;
  }

  /** Every factor, once for each expression. */
  Map<String, Factor> factorsByExpression() {
    Map<String, Factor> all = new LinkedHashMap<>();
    predictors
        .values()
        .forEach(
            predictor ->
                predictor
                    .terms()
                    .forEach(
                        term ->
                            term.factors()
                                .forEach(
                                    factor ->
                                        all.merge(
                                            factor.expression(),
                                            factor,
                                            (a, b) -> a.categories().isPresent() ? a : b))));
    return all;
  }

  Set<Predictor.Term> terms() {
    Set<Predictor.Term> terms = new LinkedHashSet<>();
    predictors.values().forEach(predictor -> terms.addAll(predictor.terms()));
    return terms;
  }

  @Override
  public String toString() {
    return config
        .formula()
        .orElseGet(() -> predictors.keySet().toString().toLowerCase(Locale.ROOT));
  }
}
