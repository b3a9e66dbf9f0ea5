package org.sparkcurvature.job.formula;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.expr;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.BooleanType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.NullType;
import org.apache.spark.sql.types.NumericType;
import org.apache.spark.sql.types.StringType;
import org.sparkcurvature.job.config.InputConfig;
import org.sparkcurvature.job.errors.Errors;
import org.sparkcurvature.job.errors.Failures;
import org.sparkcurvature.job.errors.InputErrors;
import org.sparkcurvature.job.errors.Names;
import org.sparkcurvature.job.errors.PublicText;
import org.sparkcurvature.job.source.Expectation;
import org.sparkcurvature.job.source.Source;
import org.sparkcurvature.job.source.SqlNumbers;

/**
 * Looks at a table for what a formula does not say: which expressions are categorical, which levels
 * they have in valid rows, and where parameters begin. One pass over the columns that the formula
 * names, and one before it where text has to be told from numbers that are written as text.
 */
final class TableLook {
  private static final String MISSING = "('" + String.join("', '", LevelsLook.MISSING) + "')";

  /** The column of whether the end of a duration was observed. */
  private static final String EVENT = "event";

  private static final String EVENTS = EVENT + " IN (0, 1)";

  private final InputConfig input;
  private final FormulaExpansion formula;
  private final Optional<Family> family;
  private final Optional<Family.Link> link;
  private final Map<String, List<String>> kept;
  private final List<String> expressions;

  /** What rows of a response of levels weigh: a level of rows that count nothing is none. */
  private final Optional<String> weight;

  private final Dataset<Row> rows;
  private Optional<Kinds> kinds = Optional.empty();

  TableLook(
      SparkSession spark,
      InputConfig input,
      FormulaExpansion formula,
      Optional<Family> family,
      Optional<Family.Link> link,
      Map<String, List<String>> kept) {
    this.input = input;
    this.formula = formula;
    this.family = family;
    this.link = link;
    this.kept = kept;
    Map<String, String> asked = new LinkedHashMap<>();
    formula
        .response()
        .ifPresent(
            response ->
                response.expressions().forEach(e -> asked.put(e, "curvature.model.formula")));
    formula.factors().forEach(asked::putIfAbsent);
    formula.offsets().forEach(asked::putIfAbsent);
    this.weight = ofLevels(family) ? input.weight() : Optional.empty();
    weight.ifPresent(e -> asked.putIfAbsent(e, "curvature.input.weight"));
    this.expressions = List.copyOf(asked.keySet());
    this.rows = Source.look(spark, input, asked);
  }

  private static boolean ofLevels(Optional<Family> family) {
    return family
        .map(Family::response)
        .filter(kind -> kind == Family.Kind.ORDERED || kind == Family.Kind.MULTINOMIAL)
        .isPresent();
  }

  private String name(String expression) {
    return "_" + expressions.indexOf(expression);
  }

  private DataType type(String expression) {
    return rows.schema().apply(name(expression)).dataType();
  }

  /**
   * Where nothing is asked but whether the response suits the family, and that can be said row by
   * row: what rows are expected to be.
   */
  Optional<Expectation> expectation() {
    List<String> tensors = new ArrayList<>(List.of("y"));
    Optional<Response> response = formula.response();
    if (response.isEmpty()
        || response.get() instanceof Response.IntervalCensored
        || !kinds().areNumbers()) {
      return Optional.empty();
    }
    Optional<String> support = support(Optional.empty());
    if (response.get() instanceof Response.Counts) {
      tensors.add("n");
    } else {
      support = support.map(condition -> condition.replaceAll("\\bn\\b", "1.0D"));
    }
    if (hasEvent()) {
      tensors.add(EVENT);
    }
    return support.map(condition -> new Expectation(tensors, condition));
  }

  /**
   * What the table tells.
   *
   * @param withStart whether it is asked where parameters begin
   */
  TableFacts facts(boolean withStart) {
    Set<String> categorical = kinds().categorical();
    Optional<String> text = kinds().text();
    if (!withStart && kinds().areNumbers()) {
      Optional<TableFacts> ofResponse = ofResponse();
      if (ofResponse.isPresent()) {
        return ofResponse.get();
      }
    }
    Dataset<Row> good = withResponse(rows.filter(valid(expressions, categorical, text)), text);
    UninformativeLevels uninformative =
        new UninformativeLevels(formula, family, link, categorical, text.isPresent(), this::name);
    Map<String, List<String>> dropped = new LinkedHashMap<>();
    long before = -1;
    // Without the rows of some levels other levels may be left with nothing to say.
    while (true) {
      Dataset<Row> kept = without(good, dropped);
      Row found = found(kept, categorical, text, uninformative.aggregates());
      TableFacts facts = facts(kept, found, categorical, text);
      before = before < 0 ? facts.rows() : before;
      Map<String, List<String>> more = uninformative.of(found, facts.levels(), kept);
      if (more.isEmpty()) {
        return facts.without(dropped, before - facts.rows());
      }
      more.forEach(
          (expression, levels) ->
              dropped.merge(
                  expression,
                  levels,
                  (a, b) -> Stream.of(a, b).flatMap(List::stream).sorted().toList()));
    }
  }

  /**
   * Where nothing is asked but whether the response suits the family: a look at it alone; empty
   * where it does not suit in some row, which may be invalid by another column.
   */
  private Optional<TableFacts> ofResponse() {
    List<String> response = formula.response().map(Response::expressions).orElse(List.of());
    Dataset<Row> good =
        withResponse(rows.filter(valid(response, Set.of(), Optional.empty())), Optional.empty());
    List<Column> aggregates = new ArrayList<>();
    aggregates.add(expr("count(*)").as("rows"));
    aggregates.add(outside(Optional.empty()).orElse(functions.lit(0L)).as("outside"));
    Row found = aggregated(good, aggregates);
    return found.<Long>getAs("rows") == 0 || found.<Long>getAs("outside") > 0
        ? Optional.empty()
        : Optional.of(TableFacts.ofNumbers(found.<Long>getAs("rows")));
  }

  /** How many rows the family does not support, if it says so. */
  private Optional<Column> outside(Optional<String> text) {
    return support(text).map(condition -> expr("sum(IF(" + condition + ", 0, 1))"));
  }

  private Dataset<Row> without(Dataset<Row> good, Map<String, List<String>> dropped) {
    Dataset<Row> kept = good;
    for (Map.Entry<String, List<String>> entry : dropped.entrySet()) {
      kept =
          kept.filter(
              functions.not(
                  expr("string(" + name(entry.getKey()) + ")").isin(entry.getValue().toArray())));
    }
    return kept;
  }

  private Row found(
      Dataset<Row> good, Set<String> categorical, Optional<String> text, List<Column> further) {
    List<List<String>> crossed = crossed(categorical);
    List<Column> aggregates = new ArrayList<>();
    aggregates.add(expr("count(*)").as("rows"));
    categorical.forEach(
        e -> aggregates.add(expr("collect_set(string(" + name(e) + "))").as("l" + name(e))));
    for (int k = 0; k < crossed.size(); k++) {
      String cell = Cells.expression(crossed.get(k).stream().map(e -> name(e)).toList());
      aggregates.add(expr("collect_set(" + cell + ")").as("x" + k));
    }
    Map<String, String> starts = starts(text);
    starts.forEach(
        (predictor, sql) -> aggregates.add(expr("double(" + sql + ")").as("start_" + predictor)));
    outside(text).ifPresent(column -> aggregates.add(column.as("outside")));
    aggregates.addAll(further);
    return aggregated(good, aggregates);
  }

  private TableFacts facts(
      Dataset<Row> good, Row found, Set<String> categorical, Optional<String> text) {
    List<List<String>> crossed = crossed(categorical);
    long count = found.<Long>getAs("rows");
    if (count == 0) {
      throw allInvalid(categorical, text);
    }
    Optional<String> support = support(text);
    if (support.isPresent() && found.<Long>getAs("outside") > 0) {
      throw outside(good, support.get(), found.<Long>getAs("outside"));
    }
    Map<String, List<String>> levels = new LinkedHashMap<>();
    for (String e : categorical) {
      levels.put(e, LevelsLook.sorted(found.getList(found.fieldIndex("l" + name(e)))));
    }
    Map<List<String>, List<List<String>>> cells = new LinkedHashMap<>();
    for (int k = 0; k < crossed.size(); k++) {
      cells.put(
          crossed.get(k), cells(crossed.get(k), levels, found.getList(found.fieldIndex("x" + k))));
    }
    Map<String, Double> start = new LinkedHashMap<>();
    starts(text)
        .keySet()
        .forEach(
            predictor -> {
              Double value = found.getAs("start_" + predictor);
              if (value != null && Double.isFinite(value)) {
                start.put(predictor, value);
              }
            });
    return new TableFacts(
        levels, cells, responseCounts(good, text), count, start, Map.of(), Map.of(), 0);
  }

  /** What a row's response must be, if that is said. */
  private Optional<String> support(Optional<String> text) {
    if (text.isPresent() || family.isEmpty()) {
      return Optional.empty();
    }
    return hasEvent()
        ? Optional.of(
            Stream.concat(Stream.of(EVENTS), family.get().support().stream())
                .collect(Collectors.joining(" AND ")))
        : family.get().support();
  }

  private boolean hasEvent() {
    return formula.response().filter(Response.RightCensored.class::isInstance).isPresent();
  }

  /** One row of aggregates, at least one of them. */
  static Row aggregated(Dataset<Row> rows, List<Column> aggregates) {
    return Failures.translate(
        () ->
            rows.agg(
                    aggregates.get(0),
                    aggregates.subList(1, aggregates.size()).toArray(Column[]::new))
                .first());
  }

  // ---- kinds

  /**
   * The lengths of terms that are arrays of numbers, by expression; a pass where there are any.
   *
   * @throws org.sparkcurvature.job.errors.JobException with exit code 3 if an array has rows of
   *     different lengths, or too long ones
   */
  Map<String, Integer> arrays() {
    Map<String, Factor> found = new LinkedHashMap<>();
    formula
        .factorsByExpression()
        .forEach(
            (expression, factor) -> {
              if (factor.categories().isEmpty()
                  && type(expression) instanceof ArrayType array
                  && array.elementType() instanceof NumericType) {
                found.put(expression, factor);
              }
            });
    if (found.isEmpty()) {
      return Map.of();
    }
    return ArrayTerms.lengths(rows, found, this::name);
  }

  /**
   * Which expressions are no numbers.
   *
   * @param text the response where it is of levels
   */
  private record Kinds(Set<String> categorical, Optional<String> text) {
    boolean areNumbers() {
      return categorical.isEmpty() && text.isEmpty();
    }
  }

  /** Looked for once: it may take a pass. */
  private Kinds kinds() {
    if (kinds.isEmpty()) {
      kinds = Optional.of(new Kinds(categorical(), textResponse()));
    }
    return kinds.get();
  }

  private Set<String> categorical() {
    Set<String> categorical = new LinkedHashSet<>();
    List<String> undecided = new ArrayList<>();
    formula
        .factorsByExpression()
        .forEach(
            (expression, factor) -> {
              DataType type = type(expression);
              if (factor.categories().isPresent() || type instanceof BooleanType) {
                categorical.add(expression);
              } else if (type instanceof StringType) {
                undecided.add(expression);
              } else if (!(type instanceof NumericType)) {
                throw Errors.notNumeric(
                    factor.label(),
                    type.simpleString(),
                    "curvature.model.formula",
                    type.simpleString().equals("vector")
                        ? "make it an array before: vector_to_array of org.apache.spark.ml.functions"
                        : "write an expression that gives a number, or C(" + factor.label() + ")");
              }
            });
    if (!undecided.isEmpty()) {
      List<Column> counts =
          undecided.stream().map(e -> expr("sum(IF(" + isWord(name(e)) + ", 1, 0))")).toList();
      Row found = aggregated(rows, counts);
      for (int k = 0; k < undecided.size(); k++) {
        if (!found.isNullAt(k) && found.getLong(k) > 0) {
          categorical.add(undecided.get(k));
        }
      }
    }
    return categorical;
  }

  /** Whether a text neither writes a number nor stands for a missing value. */
  private static String isWord(String column) {
    return "trim(%s) NOT IN %s AND %s IS NULL"
        .formatted(column, MISSING, SqlNumbers.ofText(column));
  }

  /** The response where it is of levels. */
  private Optional<String> textResponse() {
    if (family.isEmpty() || !(formula.response().orElseThrow() instanceof Response.Single single)) {
      return Optional.empty();
    }
    Family.Kind kind = family.get().response();
    if (ofLevels(family)) {
      return Optional.of(single.expression());
    }
    if (kind == Family.Kind.COUNTS && type(single.expression()) instanceof StringType) {
      String y = name(single.expression());
      long texts = Failures.translate(() -> rows.filter(expr(isWord(y))).limit(1).count());
      return texts > 0 ? Optional.of(single.expression()) : Optional.empty();
    }
    return Optional.empty();
  }

  /** Whether a row will be valid, as far as the formula's expressions say. */
  private Column valid(List<String> asked, Set<String> categorical, Optional<String> text) {
    List<String> conditions = new ArrayList<>();
    for (String e : asked) {
      String column = name(e);
      if (isBound(e)) {
        continue;
      }
      if (categorical.contains(e) || text.filter(e::equals).isPresent()) {
        conditions.add(column + " IS NOT NULL");
      } else {
        refuseOther(e);
        conditions.add(SqlNumbers.isFinite(number(e)));
      }
    }
    return expr(conditions.isEmpty() ? "true" : String.join(" AND ", conditions));
  }

  /** A response or an offset is a number, a truth value, or text that writes one. */
  private void refuseOther(String expression) {
    DataType type = type(expression);
    if (!(type instanceof NumericType
        || type instanceof BooleanType
        || type instanceof StringType
        || type instanceof NullType)) {
      throw Errors.notNumeric(
          expression,
          type.simpleString(),
          "curvature.model.formula",
          "write an expression that gives a number");
    }
  }

  private List<List<String>> crossed(Set<String> categorical) {
    Set<List<String>> crossed = new LinkedHashSet<>();
    for (Predictor.Term term : formula.terms()) {
      List<String> categories =
          term.factors().stream().map(Factor::expression).filter(categorical::contains).toList();
      if (categories.size() > 1) {
        crossed.add(categories);
      }
    }
    return List.copyOf(crossed);
  }

  // ---- levels

  /** The combinations in the order of their levels. */
  private static List<List<String>> cells(
      List<String> categories, Map<String, List<String>> levels, List<String> found) {
    List<Map<String, Integer>> places = new ArrayList<>();
    for (String category : categories) {
      Map<String, Integer> place = new LinkedHashMap<>();
      levels.get(category).forEach(level -> place.put(level, place.size()));
      places.add(place);
    }
    Comparator<List<String>> order = (unusedLeft, unusedRight) -> 0;
    for (int k = 0; k < categories.size(); k++) {
      int at = k;
      order = order.thenComparing(cell -> places.get(at).getOrDefault(cell.get(at), -1));
    }
    return found.stream().map(Cells::levels).sorted(order).toList();
  }

  private Map<String, Long> responseCounts(Dataset<Row> good, Optional<String> text) {
    if (text.isEmpty()) {
      return Map.of();
    }
    Map<String, Long> counts = new LinkedHashMap<>();
    Column count =
        weight
            .map(e -> functions.count_if(expr("double(" + name(e) + ") > 0")))
            .orElseGet(() -> expr("count(*)"));
    Failures.translate(() -> good.groupBy(col("_level")).agg(count).collectAsList())
        .forEach(row -> counts.put(row.getString(0), row.getLong(1)));
    boolean earlier = kept.containsKey(text.get()) && formula.config().levels().isEmpty();
    List<String> given = earlier ? kept.get(text.get()) : formula.config().levels();
    List<String> order = given.isEmpty() ? LevelsLook.sorted(List.copyOf(counts.keySet())) : given;
    Map<String, Long> ordered = new LinkedHashMap<>();
    order.forEach(
        level -> ordered.put(level, Math.max(earlier ? 1L : 0L, counts.getOrDefault(level, 0L))));
    List<String> empty =
        ordered.entrySet().stream().filter(e -> e.getValue() == 0).map(Map.Entry::getKey).toList();
    boolean two = family.orElseThrow().response() == Family.Kind.COUNTS;
    if (!empty.isEmpty() || ordered.size() < 2 || two && ordered.size() > 2) {
      throw InputErrors.levels(
          empty.isEmpty()
              ? "the response %s has the levels %s, and the family %s takes %s"
                  .formatted(
                      text.get(),
                      PublicText.label(
                          Names.first(PredictorWriter.LEVELS_SHOWN, List.copyOf(ordered.keySet()))),
                      family.get().name(),
                      two ? "two" : "two at least")
              : "no row%s has the level %s of the response"
                  .formatted(
                      weight.isPresent() ? " of a weight above 0" : "",
                      PublicText.label(Names.first(PredictorWriter.LEVELS_SHOWN, empty))),
          weight.isPresent() && !empty.isEmpty()
              ? "leave rows that count nothing out: input.where = \"%s > 0\""
                  .formatted(weight.get())
              : "write an expression that gives them, or response { levels = [...] }");
    }
    return ordered;
  }

  // ---- the response

  /** With the columns {@code y}, {@code n} and, of levels, {@code _level}. */
  private Dataset<Row> withResponse(Dataset<Row> good, Optional<String> text) {
    if (formula.response().isEmpty()) {
      return good;
    }
    Response response = formula.response().get();
    if (text.isPresent()) {
      return good.withColumn("_level", expr("string(" + name(text.get()) + ")"))
          .withColumn("y", expr("0.5"))
          .withColumn("n", expr("1.0"));
    }
    List<String> columns = response.expressions().stream().map(this::number).toList();
    if (response instanceof Response.Counts) {
      return good.withColumn("y", expr(columns.get(0)))
          .withColumn("n", expr(columns.get(0) + " + " + columns.get(1)));
    } else if (response instanceof Response.IntervalCensored) {
      return good.withColumn(
              "y",
              expr(
                  "CASE WHEN %1$s > 0 AND %2$s < double('infinity') THEN sqrt(%1$s * %2$s) WHEN %1$s > 0 THEN %1$s ELSE %2$s END"
                      .formatted(columns.get(0), columns.get(1))))
          .withColumn("n", expr("1.0"));
    }
    Dataset<Row> number = good.withColumn("y", expr(columns.get(0))).withColumn("n", expr("1.0"));
    return hasEvent() ? number.withColumn(EVENT, expr(columns.get(1))) : number;
  }

  private String number(String expression) {
    return SqlNumbers.of(name(expression), type(expression));
  }

  /** Where predictors begin, as aggregates over y and n. */
  private Map<String, String> starts(Optional<String> text) {
    Map<String, String> starts = new LinkedHashMap<>();
    if (family.isEmpty() || text.isPresent() && family.get().response() != Family.Kind.COUNTS) {
      return starts;
    }
    String first = family.get().predictors().get(0).name();
    starts.put(
        first,
        family.get().response() == Family.Kind.DURATION
            ? "avg(ln(y))"
            : link.orElseThrow().link().replaceAll("\\bmean\\b", "(avg(y) / avg(n))"));
    starts.putAll(family.get().start());
    return starts;
  }

  private RuntimeException outside(Dataset<Row> good, String support, long count) {
    Family f = family.orElseThrow();
    if (hasEvent()) {
      // Codes 1 and 2, of which R takes 2 for the event, would say the opposite.
      Row events =
          Failures.translate(
              () ->
                  good.filter(expr("NOT " + EVENTS))
                      .agg(expr("count(*)"), expr("first(%s)".formatted(EVENT)))
                      .first());
      if (events.getLong(0) > 0) {
        return InputErrors.events(events.getLong(0), String.valueOf(events.get(1)));
      }
    }
    List<String> shown =
        Failures.translate(
                () ->
                    good.filter(expr("NOT coalesce(" + support + ", false)"))
                        .select(
                            expr("coalesce(string(y), 'null')"), expr("coalesce(string(n), '1.0')"))
                        .limit(3)
                        .collectAsList())
            .stream()
            .map(
                row ->
                    f.response() == Family.Kind.COUNTS && !row.getString(1).equals("1.0")
                        ? "%s of %s".formatted(row.getString(0), row.getString(1))
                        : row.getString(0))
            .toList();
    return InputErrors.outsideSupport(
        count, f.supportInWords(), String.join(", ", shown), f.name());
  }

  /** Why no row has a value of everything. */
  private RuntimeException allInvalid(Set<String> categorical, Optional<String> text) {
    List<Column> counts = new ArrayList<>(List.of(expr("count(*)")));
    for (String e : expressions) {
      counts.add(expr("count(%s)".formatted(name(e))));
      counts.add(functions.count_if(valid(List.of(e), categorical, text)));
      counts.add(expr("string(first(%s, true))".formatted(name(e))));
    }
    Row found = aggregated(rows, counts);
    if (found.getLong(0) == 0) {
      return Source.noRows(input);
    }
    for (int k = 0; k < expressions.size(); k++) {
      String label = PublicText.label(expressions.get(k));
      if (found.getLong(3 * k + 1) == 0 && !isBound(expressions.get(k))) {
        return InputErrors.noValue(label);
      }
      if (found.getLong(3 * k + 2) == 0) {
        return InputErrors.noNumber(label, PublicText.label(found.getString(3 * k + 3)));
      }
    }
    return InputErrors.noCompleteRow(
        expressions.stream().map(PublicText::label).collect(Collectors.joining(", ")));
  }

  /** Whether it is an end of an interval, which may be open. */
  private boolean isBound(String expression) {
    return formula
        .response()
        .filter(Response.IntervalCensored.class::isInstance)
        .filter(response -> response.expressions().contains(expression))
        .isPresent();
  }
}
