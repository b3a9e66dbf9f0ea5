package org.sparkcurvature.job.formula;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a look at the table tells of a formula's expressions.
 *
 * @param levels by expression, of those that are categorical: the texts of its values in valid
 *     rows, sorted
 * @param cells by the expressions of an interaction, the combinations of levels that occur, sorted
 * @param responseCounts of a categorical response, how many rows have each level, in their order
 * @param rows how many rows are valid, as far as the formula's expressions say, or where only the
 *     response is looked at, this
 * @param start where predictors begin, by name
 * @param kept the levels that rule, of an earlier fit, by expression
 * @param dropped by expression, the levels whose rows are left out
 * @param droppedRows how many rows these are
 */
record TableFacts(
    Map<String, List<String>> levels,
    Map<List<String>, List<List<String>>> cells,
    Map<String, Long> responseCounts,
    long rows,
    Map<String, Double> start,
    Map<String, List<String>> kept,
    Map<String, List<String>> dropped,
    long droppedRows) {

  /** Of rows whose expressions are numbers, without more. */
  static TableFacts ofNumbers(long rows) {
    return new TableFacts(Map.of(), Map.of(), Map.of(), rows, Map.of(), Map.of(), Map.of(), 0);
  }

  /** The same, with what was left out. */
  TableFacts without(Map<String, List<String>> levelsDropped, long rowsDropped) {
    return new TableFacts(
        levels, cells, responseCounts, rows, start, kept, levelsDropped, rowsDropped);
  }

  /** The same, where the levels of an earlier fit rule. */
  TableFacts ruledBy(Map<String, List<String>> earlier) {
    Map<String, List<String>> ruled = new LinkedHashMap<>(levels);
    ruled.replaceAll((expression, found) -> earlier.getOrDefault(expression, found));
    return new TableFacts(ruled, cells, responseCounts, rows, start, earlier, dropped, droppedRows);
  }

  /** The same, where fits begin at what all tables have in common. */
  TableFacts withoutStart() {
    Map<String, Long> even = new LinkedHashMap<>(responseCounts);
    even.replaceAll((level, count) -> 1L);
    return new TableFacts(levels, cells, even, rows, Map.of(), kept, dropped, droppedRows);
  }

  boolean isCategorical(Factor factor) {
    return levels.containsKey(factor.expression());
  }

  /** The levels of a factor, in the order in which they are coded, the reference first. */
  List<String> levels(Factor factor) {
    List<String> found =
        factor
            .categories()
            .map(Factor.Categories::levels)
            .filter(given -> !given.isEmpty())
            .orElseGet(() -> levels.get(factor.expression()));
    Optional<String> reference = factor.categories().flatMap(Factor.Categories::reference);
    if (reference.isEmpty() || !found.contains(reference.get())) {
      return found;
    }
    List<String> ordered = new ArrayList<>(found);
    ordered.remove(reference.get());
    ordered.add(0, reference.get());
    return ordered;
  }
}
