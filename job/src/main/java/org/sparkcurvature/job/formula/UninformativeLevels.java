package org.sparkcurvature.job.formula;

import static org.apache.spark.sql.functions.expr;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.sparkcurvature.job.config.FormulaConfig;
import org.sparkcurvature.job.errors.Failures;

/**
 * Levels whose rows say nothing of other coefficients, because an effect of their own fits these
 * rows whatever the others are: effects that would be infinite, as of counts that are all 0
 * (Correia, Guimarães and Zylkin 2020, "Verifying the existence of maximum likelihood estimates for
 * generalized linear models"), and levels of one row.
 */
final class UninformativeLevels {
  private final List<String> categories;
  private final List<String> informative;
  private final boolean ofText;
  private final boolean singletons;
  private final UnaryOperator<String> name;

  /**
   * @param formula whose first predictor's categories are looked at
   * @param link of the first predictor
   * @param categorical the expressions that are categorical
   * @param ofText whether the response is of two levels of text
   * @param name of an expression's column
   */
  UninformativeLevels(
      FormulaExpansion formula,
      Optional<Family> family,
      Optional<Family.Link> link,
      Set<String> categorical,
      boolean ofText,
      UnaryOperator<String> name) {
    FormulaConfig.DropLevels drop = formula.config().dropLevels();
    Set<String> own = new LinkedHashSet<>();
    formula.predictors().values().stream()
        .findFirst()
        .ifPresent(
            predictor ->
                predictor.terms().stream()
                    .filter(term -> term.factors().size() == 1)
                    .map(term -> term.factors().get(0).expression())
                    .filter(categorical::contains)
                    .forEach(own::add));
    boolean separated =
        drop == FormulaConfig.DropLevels.SEPARATED || drop == FormulaConfig.DropLevels.BOTH;
    this.singletons =
        drop == FormulaConfig.DropLevels.SINGLETONS || drop == FormulaConfig.DropLevels.BOTH;
    List<String> reached = link.map(Family.Link::reached).orElse(List.of());
    this.informative =
        family.filter(unused -> separated).map(Family::informative).orElse(List.of()).stream()
            .filter(condition -> !reached.contains(condition))
            .toList();
    this.ofText = ofText;
    this.categories = informative.isEmpty() && !singletons ? List.of() : List.copyOf(own);
    this.name = name;
  }

  /** What is added to the query over valid rows, which have the response in y and n. */
  List<Column> aggregates() {
    List<Column> aggregates = new ArrayList<>();
    for (int c = 0; c < categories.size() && !informative.isEmpty(); c++) {
      String level = "string(" + name.apply(categories.get(c)) + ")";
      if (ofText) {
        aggregates.add(
            expr("collect_set(concat(%s, '%s', _level))".formatted(level, Cells.SEPARATOR))
                .as("both_" + c));
        continue;
      }
      for (int k = 0; k < informative.size(); k++) {
        aggregates.add(
            expr("collect_set(IF(%s, %s, null))".formatted(informative.get(k), level))
                .as("informative_%d_%d".formatted(c, k)));
      }
    }
    return aggregates;
  }

  /**
   * The levels, by expression; expressions without any are left out.
   *
   * @param found the row of {@link #aggregates}
   * @param levels of each category
   * @param rows those that were aggregated
   */
  Map<String, List<String>> of(Row found, Map<String, List<String>> levels, Dataset<Row> rows) {
    Map<String, List<String>> dropped = new LinkedHashMap<>();
    for (int c = 0; c < categories.size(); c++) {
      Set<String> own = new LinkedHashSet<>();
      if (!informative.isEmpty()) {
        own.addAll(levels.get(categories.get(c)));
        own.removeAll(informative(found, c));
      }
      if (singletons) {
        own.addAll(single(rows, name.apply(categories.get(c))));
      }
      // Where no level would be left, that is said in another way.
      if (!own.isEmpty() && own.size() < levels.get(categories.get(c)).size()) {
        dropped.put(categories.get(c), List.copyOf(own));
      }
    }
    return dropped;
  }

  private Set<String> informative(Row found, int c) {
    Set<String> levels = new LinkedHashSet<>();
    if (ofText) {
      Map<String, Integer> responses = new LinkedHashMap<>();
      for (String pair : found.<String>getList(found.fieldIndex("both_" + c))) {
        responses.merge(pair.substring(0, pair.indexOf(Cells.SEPARATOR)), 1, Integer::sum);
      }
      responses.forEach(
          (level, count) -> {
            if (count > 1) {
              levels.add(level);
            }
          });
      return levels;
    }
    for (int k = 0; k < informative.size(); k++) {
      List<String> own = found.getList(found.fieldIndex("informative_%d_%d".formatted(c, k)));
      if (k == 0) {
        levels.addAll(own);
      } else {
        levels.retainAll(new LinkedHashSet<>(own));
      }
    }
    return levels;
  }

  private static List<String> single(Dataset<Row> rows, String column) {
    return Failures.translate(
        () ->
            rows
                .groupBy(expr("string(" + column + ")").as("level"))
                .count()
                .filter("count = 1")
                .select("level")
                .collectAsList()
                .stream()
                .map(row -> row.getString(0))
                .toList());
  }
}
