package org.sparkcurvature.job.formula;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntFunction;
import java.util.regex.Matcher;
import org.sparkcurvature.job.errors.Errors;
import org.sparkcurvature.job.report.Digits;

/** Writes a family's loss out, with what its rows of {@code families.conf} define. */
final class FamilyWriter {
  /** The probabilities of more levels are given to who names them. */
  private static final int MOST_PROBABILITIES = 100;

  private final WrittenModel model;
  private final Families families;
  private final Family family;
  private final TableFacts facts;
  private final Map<String, Double> numbers;

  /**
   * @param numbers that the configuration gives
   */
  FamilyWriter(
      WrittenModel model,
      Families families,
      Family family,
      TableFacts facts,
      Map<String, Double> numbers) {
    this.model = model;
    this.families = families;
    this.family = family;
    this.facts = facts;
    this.numbers = new LinkedHashMap<>();
    family.numbers().forEach((name, row) -> this.numbers.put(name, row.value()));
    numbers.forEach(
        (name, value) -> {
          Family.NumberRow row = number(name);
          if (!(value > row.above() && value < row.below())) {
            throw Errors.configuration(
                "the family %s takes a number above %s%s for %s, not %s"
                    .formatted(
                        family.name(),
                        Digits.brief(row.above()),
                        Double.isInfinite(row.below())
                            ? ""
                            : " and below " + Digits.brief(row.below()),
                        name,
                        Digits.brief(value)),
                "curvature.model.family." + name,
                "give such a number, or leave it out");
          }
          this.numbers.put(name, value);
        });
  }

  /** A number of the family's own, or a scalar predictor that is fixed, which is above 0. */
  private Family.NumberRow number(String name) {
    Family.NumberRow own = family.numbers().get(name);
    if (own != null) {
      return own;
    }
    return family.predictors().stream()
        .filter(p -> p.scalar() && p.name().equals(name))
        .findFirst()
        .map(p -> new Family.NumberRow(p.value(), 0, Double.POSITIVE_INFINITY))
        .orElseThrow(
            () ->
                Errors.configuration(
                    "the family %s takes no number %s".formatted(family.name(), name),
                    "curvature.model.family." + name,
                    "leave it out"));
  }

  /**
   * Writes everything but the response's tensors.
   *
   * @param predictors by name; those that a family can do without need not be there
   * @param link of the first; empty: the default
   * @param unseen what becomes of levels that were not seen before
   */
  void write(
      Response response, Map<String, Predictor> predictors, Optional<String> link, String unseen) {
    numbers.forEach(
        (name, value) -> {
          model.define(name, Double.toString(value));
          define(name, Optional.empty(), Optional.empty());
        });
    PredictorWriter writer = new PredictorWriter(model, facts, unseen);
    List<Family.PredictorRow> rows = family.predictors();
    Family.Link firstLink = families.link(family, rows.get(0), link);
    for (int k = 0; k < rows.size(); k++) {
      Family.PredictorRow row = rows.get(k);
      Optional<Predictor> given = Optional.ofNullable(predictors.get(row.name()));
      if (numbers.containsKey(row.name())) {
        if (given.isPresent()) {
          throw Errors.configuration(
              "%s is a number in model.family, and has a predictor".formatted(row.name()),
              "curvature.model.predictors." + row.name(),
              "keep one");
        }
      } else if (row.scalar() && given.isEmpty()) {
        boolean isLogit = row.links().get(0).equals("logit");
        model.scalar(
            row.name(),
            facts.start().getOrDefault(row.name(), row.value()),
            isLogit ? "logit" : "log");
        model.inNullModel(row.name());
        define(row.name(), Optional.empty(), Optional.empty());
      } else {
        Family.Link its = k == 0 ? firstLink : families.link(family, row, Optional.empty());
        Predictor predictor = given.orElse(Predictor.CONSTANT);
        double start = facts.start().getOrDefault(row.name(), 0.0);
        predictor(writer, row.name(), k == 0, predictor, its, start);
      }
    }
    family.definitions().forEach(model::define);
    loss(response, firstLink);
    family.statistics().forEach(model::statistic);
    if (family.dispersion()) {
      model.dispersion();
      model.statistic("phi", family.phi());
    }
    boolean single =
        family.response() != Family.Kind.ORDERED && family.response() != Family.Kind.MULTINOMIAL;
    if (family.statistics().getOrDefault("mean", "").equals("mu")) {
      model.statistic("mean-derivative", firstLink.derivative());
    }
    if (single) {
      model.statistic("linear-predictor", "eta");
    }
    boolean defaultLink = firstLink.name().equals("identity") && rows.get(0).links().size() == 1;
    model.statistic("family", family.name() + (defaultLink ? "" : ", link " + firstLink.name()));
    model.prune();
  }

  private void predictor(
      PredictorWriter writer,
      String name,
      boolean first,
      Predictor predictor,
      Family.Link link,
      double start) {
    String eta = first ? "eta" : "eta_" + name;
    boolean ordered = family.response() == Family.Kind.ORDERED;
    if (ordered && !predictor.intercept()) {
      throw Errors.configuration(
          "an ordered response has thresholds in the place of an intercept",
          "curvature.model.formula",
          "leave 0 out");
    }
    if (family.response() == Family.Kind.MULTINOMIAL) {
      List<String> levels = List.copyOf(facts.responseCounts().keySet());
      model.define(
          eta, writer.writeForLevels(predictor, levels.subList(1, levels.size()), logShares()));
      return;
    }
    Optional<String> called = first ? Optional.empty() : Optional.of(name);
    model.define(
        eta,
        ordered ? writer.writeBesideThresholds(predictor) : writer.write(called, predictor, start));
    define(name, Optional.of(link), Optional.of(eta));
  }

  /** The names that a predictor's value has: itself, its logarithm, and that of 1 less it. */
  private void define(String name, Optional<Family.Link> link, Optional<String> eta) {
    link.ifPresent(l -> model.define(name, of(l.inverse(), eta.orElseThrow())));
    model.define(
        "log_" + name,
        link.flatMap(Family.Link::log)
            .map(text -> of(text, eta.orElseThrow()))
            .orElse("ln(" + name + ")"));
    model.define(
        "log_complement_" + name,
        link.flatMap(Family.Link::logComplement)
            .map(text -> of(text, eta.orElseThrow()))
            .orElse("log1p(-" + name + ")"));
  }

  /** A link's text at a linear predictor. */
  private static String of(String text, String eta) {
    return text.replaceAll("\\beta\\b", Matcher.quoteReplacement(eta));
  }

  private void loss(Response response, Family.Link link) {
    switch (family.response()) {
      case NUMBER -> model.loss(family.loss().orElseThrow(), !family.dispersion());
      case COUNTS -> {
        if (!(response instanceof Response.Counts)) {
          model.define("n", "1.0");
        }
        model.loss(family.loss().orElseThrow(), !family.dispersion());
        model.statistic("observed", "y / n");
      }
      case DURATION -> model.loss(duration(response), true);
      case ORDERED -> {
        model.loss(ordered(link), true);
        int top = facts.responseCounts().size() - 1;
        probabilities(level -> ofOrdered(link, level, top));
      }
      case MULTINOMIAL -> {
        model.define("z", "concat(0.0, eta)");
        model.loss("cross_entropy(z, y)", true);
        probabilities(level -> "softmax(z)[%d]".formatted(level));
      }
    }
    if (family.response() == Family.Kind.NUMBER) {
      model.statistic("observed", family.statistics().getOrDefault("observed", "y"));
    }
  }

  private String duration(Response response) {
    String density = family.duration().get("log-density");
    String survival = family.duration().get("log-survival");
    if (response instanceof Response.IntervalCensored) {
      model.define("e_lower", "(ln(y_lower) - eta) / scale");
      model.define("e_upper", "(ln(y_upper) - eta) / scale");
      return "CASE WHEN censoring = 0 THEN -(%s) + log_scale + ln(y_lower) WHEN censoring = 1 THEN -(%s) WHEN censoring = 2 THEN -(%s) ELSE -(%s) END"
          .formatted(
              at(density, "e_lower"),
              at(survival, "e_lower"),
              at(family.duration().get("log-cdf"), "e_upper"),
              family.duration().get("log-interval"));
    }
    model.define("e", "(ln(y) - eta) / scale");
    String observed = "-(%s) + log_scale + ln(y)".formatted(density);
    return response instanceof Response.RightCensored
        ? "IF(event = 1, %s, -(%s))".formatted(observed, survival)
        : observed;
  }

  private static String at(String text, String e) {
    return text.replaceAll("\\be\\b", e);
  }

  /** Proportional odds and their like: P(y <= j) = F(thresholds[j] - eta). */
  private String ordered(Family.Link link) {
    List<String> levels = List.copyOf(facts.responseCounts().keySet());
    int top = levels.size() - 1;
    List<String> names = new ArrayList<>();
    List<Double> start = new ArrayList<>();
    double below = 0;
    double all = facts.responseCounts().values().stream().mapToLong(Long::longValue).sum();
    for (int j = 0; j < top; j++) {
      names.add("thresholds[%s|%s]".formatted(levels.get(j), levels.get(j + 1)));
      below += facts.responseCounts().get(levels.get(j));
      double share = (below + 0.5) / (all + 1);
      start.add(Math.log(share / (1 - share)));
    }
    model.vector("thresholds", start, top > 1 ? "ordered" : "", names);
    model.inNullModel("thresholds");
    model.define("e_upper", "thresholds[least(y, %d)] - eta".formatted(top - 1));
    model.define("e_lower", "thresholds[greatest(y - 1, 0)] - eta");
    String log = link.log().orElse("ln(" + link.inverse() + ")");
    String logComplement = link.logComplement().orElse("log1p(-(" + link.inverse() + "))");
    String interval =
        link.logInterval()
            .orElse(
                "ln(%s - %s)"
                    .formatted(
                        grouped(of(link.inverse(), "e_upper")),
                        grouped(of(link.inverse(), "e_lower"))));
    return "CASE WHEN y = 0 THEN -(%s) WHEN y = %d THEN -(%s) ELSE -(%s) END"
        .formatted(of(log, "e_upper"), top, of(logComplement, "e_lower"), interval);
  }

  /** {@code F(thresholds[level] - eta) - F(thresholds[level - 1] - eta)}. */
  private static String ofOrdered(Family.Link link, int level, int top) {
    String argument = link.inverse().matches("\\w+\\(eta\\)") ? "%s" : "(%s)";
    String from = argument.formatted("thresholds[%d] - eta");
    String below = of(link.inverse(), from.formatted(level - 1));
    String to = of(link.inverse(), from.formatted(level));
    return level == 0 ? to : "%s - %s".formatted(level == top ? "1" : grouped(to), grouped(below));
  }

  private void probabilities(IntFunction<String> expression) {
    List<String> levels = List.copyOf(facts.responseCounts().keySet());
    for (int level = 0; level < levels.size() && levels.size() <= MOST_PROBABILITIES; level++) {
      model.probability(levels.get(level), expression.apply(level));
    }
  }

  private static String grouped(String text) {
    return text.matches("\\w+\\([^()]*\\)") ? text : "(" + text + ")";
  }

  /** The logarithms of the levels' shares over that of the first. */
  private List<Double> logShares() {
    List<Long> counts = List.copyOf(facts.responseCounts().values());
    return counts.subList(1, counts.size()).stream()
        .map(count -> Math.log((count + 0.5) / (counts.get(0) + 0.5)))
        .toList();
  }
}
