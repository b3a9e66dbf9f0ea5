package org.sparkcurvature.job.firstlook;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.sparkcurvature.job.errors.Errors;
import org.sparkcurvature.job.errors.InputErrors;
import org.sparkcurvature.job.errors.JobException;
import org.sparkcurvature.job.firstlook.ColumnRole.Kind;
import org.sparkcurvature.job.firstlook.CompleteRows.Member;

/**
 * The model that a table suggests.
 *
 * @param table what was seen of it
 * @param roles of each of its columns
 * @param response which column is modelled
 * @param family by what
 * @param predictors places of columns, in the order of the table
 * @param leftOut why others are no predictors, by place
 * @param rows rows with a value in each column of the model
 * @param facts about the response, for a comment; may be empty
 * @param marker the text that the reader is to take as missing
 */
record Suggestion(
    TableSketch table,
    List<ColumnRole> roles,
    ResponseChoice response,
    FamilyChoice family,
    List<Integer> predictors,
    Map<Integer, LeftOut> leftOut,
    long rows,
    String facts,
    Optional<String> marker) {

  /**
   * Why a column is no predictor.
   *
   * @param isOwn whether that is of this column, rather than of its place behind others
   */
  record LeftOut(String reason, boolean isOwn) {
    static LeftOut alone(String reason) {
      return new LeftOut(reason, true);
    }

    static LeftOut withOthers(String reason) {
      return new LeftOut(reason, false);
    }
  }

  /** More coefficients than this take long to read, and to find. */
  private static final int MOST_COEFFICIENTS = 100;

  /** Rows, or of two outcomes rows of the rarer, that bear a coefficient. */
  private static final int ROWS_OF_COEFFICIENT = 10;

  /** The share of the rows with a response that has to be complete. */
  private static final double COMPLETE = 2.0 / 3;

  /** From here on a column is another one over again. */
  private static final double COPY = 0.999;

  /**
   * Looks at a table.
   *
   * @param rows the table
   * @param readerTakesMarker whether its reader can be told of a text that stands for no value
   * @param asked the name of the response, where it is said
   * @param family likewise
   * @throws JobException with exit code 3 if there are no rows, or nothing can be modelled
   */
  static Suggestion of(
      Dataset<Row> rows,
      String described,
      boolean readerTakesMarker,
      Optional<String> asked,
      Optional<String> family) {
    TableSketch table = TableSketch.of(rows);
    if (table.rows() == 0) {
      throw empty(table, described);
    }
    Roles judge = new Roles(table, readerTakesMarker);
    List<ColumnRole> roles = judge.all();
    ResponseChoice response = ResponseChoice.of(table, roles, asked, family);
    Map<Integer, LeftOut> leftOut = new TreeMap<>();
    List<Integer> candidates = candidates(roles, response, leftOut);
    candidates = complete(table, response, candidates, leftOut);
    List<Integer> all = new ArrayList<>();
    all.add(response.column());
    response.event().ifPresent(all::add);
    int first = all.size();
    all.addAll(candidates);
    CompleteRows together = CompleteRows.of(rows, all.stream().map(k -> member(table, k)).toList());
    if (together.rows() == 0 || together.isConstant(0)) {
      throw InputErrors.constantResponse(
          Terms.label(table.names().get(response.column())), Numbers.count(together.rows(), "row"));
    }
    Member modelled = member(table, response.column());
    FamilyChoice choice =
        response.event().isPresent()
            ? new FamilyChoice(
                family.orElse("weibull"), "durations, some of which had not ended", false)
            : FamilyChoice.of(modelled, together, family);
    List<Integer> predictors =
        predictors(
            table, together, all, first, choice, Bearing.of(choice, together, response), leftOut);
    return new Suggestion(
        table,
        roles,
        response,
        choice,
        predictors,
        leftOut,
        Math.max(together.rows(), table.complete(columns(response, predictors))),
        facts(together),
        judge.marker().filter(text -> uses(table, response, predictors, text)));
  }

  /** The columns of the model: those that could have been in it are missing elsewhere. */
  private static BitSet columns(ResponseChoice response, List<Integer> predictors) {
    BitSet columns = new BitSet();
    columns.set(response.column());
    response.event().ifPresent(columns::set);
    predictors.forEach(columns::set);
    return columns;
  }

  private static JobException empty(TableSketch table, String described) {
    return table.corrupt() > 0
        ? InputErrors.noLineFits(described, Numbers.count(table.corrupt(), "line"))
        : Errors.noRows(described);
  }

  private static Member member(TableSketch table, int column) {
    return Member.of(table.names().get(column), table.look(column));
  }

  /** The first columns that can predict. */
  private static List<Integer> candidates(
      List<ColumnRole> roles, ResponseChoice response, Map<Integer, LeftOut> leftOut) {
    List<Integer> candidates = new ArrayList<>();
    for (int k = 0; k < roles.size(); k++) {
      int column = k;
      if (k == response.column() || response.event().stream().anyMatch(e -> e == column)) {
        continue;
      }
      Optional<String> reason = roles.get(k).reason();
      if (reason.isPresent()) {
        leftOut.put(k, LeftOut.alone(reason.get()));
      } else if (candidates.size() < MOST_COEFFICIENTS) {
        candidates.add(k);
      } else {
        leftOut.put(
            k, LeftOut.withOthers("behind the first %d predictors".formatted(MOST_COEFFICIENTS)));
      }
    }
    return candidates;
  }

  /** Those with which enough rows are complete; the ones that lack least come first. */
  private static List<Integer> complete(
      TableSketch table,
      ResponseChoice response,
      List<Integer> candidates,
      Map<Integer, LeftOut> leftOut) {
    BitSet needed = columns(response, List.of());
    double least = COMPLETE * table.complete(needed);
    List<Integer> sorted = new ArrayList<>(candidates);
    sorted.sort(Comparator.comparingLong(table::missing));
    List<Integer> kept = new ArrayList<>();
    for (int column : sorted) {
      if (table.missing(column) > 0) {
        needed.set(column);
        if (table.complete(needed) < least) {
          needed.clear(column);
          leftOut.put(
              column,
              LeftOut.alone(
                  "with the rows that lack it over a third of the rows would be left out"));
          continue;
        }
      }
      kept.add(column);
    }
    kept.sort(Comparator.naturalOrder());
    return kept;
  }

  /**
   * How many coefficients the rows bear.
   *
   * @param rows that count for it
   * @param described those rows
   */
  private record Bearing(long rows, String described) {
    static Bearing of(FamilyChoice family, CompleteRows together, ResponseChoice response) {
      if (family.isOfOutcomes(together)) {
        long rows = together.fewest(0);
        return new Bearing(rows, Numbers.count(rows, "row") + " of the rarest outcome");
      } else if (response.event().isPresent()) {
        long rows = together.fewest(1);
        return new Bearing(rows, Numbers.count(rows, "row") + " of the rarer end");
      }
      return new Bearing(together.rows(), Numbers.count(together.rows(), "complete row"));
    }

    long coefficients() {
      return Math.max(1, Math.min(MOST_COEFFICIENTS, rows / ROWS_OF_COEFFICIENT));
    }
  }

  private static List<Integer> predictors(
      TableSketch table,
      CompleteRows together,
      List<Integer> all,
      int first,
      FamilyChoice family,
      Bearing bearing,
      Map<Integer, LeftOut> leftOut) {
    List<Integer> kept = new ArrayList<>();
    List<Integer> behind = new ArrayList<>();
    long used = 0;
    for (int j = first; j < all.size(); j++) {
      Optional<String> reason = reason(table, together, all, first, family, kept, j);
      long coefficients = family.equations(together) * effects(table.look(all.get(j)), together, j);
      if (reason.isPresent()) {
        leftOut.put(all.get(j), LeftOut.alone(reason.get()));
      } else if (used + coefficients > bearing.coefficients() && !kept.isEmpty()) {
        behind.add(all.get(j));
      } else {
        kept.add(j);
        used += coefficients;
      }
    }
    LeftOut beyond =
        LeftOut.withOthers(
            "behind the first %s, which is what %s bear"
                .formatted(Numbers.count(used, "coefficient"), bearing.described()));
    behind.forEach(column -> leftOut.put(column, beyond));
    if (family.isOfOutcomes(together)) {
      leaveOutSeparating(together, all, kept, leftOut);
    }
    return kept.stream().map(all::get).toList();
  }

  /** Leaves columns out until those that are kept do not tell an outcome exactly. */
  private static void leaveOutSeparating(
      CompleteRows together, List<Integer> all, List<Integer> kept, Map<Integer, LeftOut> leftOut) {
    Separability separability = together.separability(kept);
    for (int k = separability.first(); k >= 0; k = separability.first()) {
      separability.leaveOut(k);
      leftOut.put(
          all.get(kept.remove(k)),
          LeftOut.alone(
              "with those before it, it tells an outcome exactly%s: effects would be infinite"
                  .formatted(together.areAllKept() ? "" : " in the rows that were tried")));
    }
  }

  private static long effects(ColumnLook look, CompleteRows together, int member) {
    return look.areNumbers() ? 1 : Math.max(1, together.levels(member) - 1);
  }

  /** Why a column is no predictor in these rows. */
  private static Optional<String> reason(
      TableSketch table,
      CompleteRows together,
      List<Integer> all,
      int first,
      FamilyChoice family,
      List<Integer> kept,
      int column) {
    if (together.isConstant(column)) {
      return Optional.of("constant in the rows without missing values");
    }
    Optional<Integer> copied = copied(together, first, kept, column);
    if (copied.isPresent()) {
      return Optional.of(
          "%s over again: their correlation is %s"
              .formatted(
                  Terms.label(table.names().get(all.get(copied.get()))),
                  Numbers.brief(
                      Math.round(together.correlation(copied.get(), column) * 1e4) / 1e4)));
    }
    return family.isOfOutcomes(together) && together.separates(column)
        ? Optional.of("it tells an outcome from the others by itself: its effect would be infinite")
        : Optional.empty();
  }

  /** Of the response and the columns that are kept, the one that a column repeats. */
  private static Optional<Integer> copied(
      CompleteRows together, int first, List<Integer> kept, int column) {
    List<Integer> before = new ArrayList<>();
    for (int k = 0; k < first; k++) {
      before.add(k);
    }
    before.addAll(kept);
    return before.stream()
        .filter(k -> Math.abs(together.correlation(k, column)) > COPY)
        .findFirst();
  }

  private static String facts(CompleteRows together) {
    if (together.isOfOutcomes()) {
      return "the rarest in " + Numbers.count(together.fewest(0), "row");
    }
    return "mean %s, variance %s"
        .formatted(Numbers.brief(together.mean()), Numbers.brief(together.variance()));
  }

  /** Whether a column of the model holds the text. */
  private static boolean uses(
      TableSketch table, ResponseChoice response, List<Integer> predictors, String text) {
    return predictors.stream().anyMatch(k -> table.look(k).markers().containsKey(text))
        || table.look(response.column()).markers().containsKey(text);
  }

  ColumnRole role(int column) {
    return roles.get(column);
  }

  boolean isCategory(int column) {
    return roles.get(column).kind() == Kind.CATEGORY;
  }
}
