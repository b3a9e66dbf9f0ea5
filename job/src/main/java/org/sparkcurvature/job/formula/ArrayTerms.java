package org.sparkcurvature.job.formula;

import static org.apache.spark.sql.functions.expr;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.sparkcurvature.job.errors.InputErrors;
import org.sparkcurvature.job.errors.PublicText;

/** Terms with an array of numbers, as terms of its elements: each has a coefficient of its own. */
final class ArrayTerms {
  /** Elements of an array that are read one by one, each with a coefficient. */
  private static final int MOST_ELEMENTS = 1000;

  private ArrayTerms() {}

  /**
   * The lengths of arrays, from a pass.
   *
   * @param arrays by expression
   * @param name of the column of an expression
   * @throws org.sparkcurvature.job.errors.JobException with exit code 3 if an array has rows of
   *     different lengths, or too long ones
   */
  static Map<String, Integer> lengths(
      Dataset<Row> rows, Map<String, Factor> arrays, UnaryOperator<String> name) {
    List<Column> aggregates = new ArrayList<>();
    for (String array : arrays.keySet()) {
      // A null array has the size null, or -1 by the session's choice.
      String size = "IF(%1$s IS NULL, null, size(%1$s))".formatted(name.apply(array));
      aggregates.add(expr("min(" + size + ")"));
      aggregates.add(expr("max(" + size + ")"));
    }
    Row ends = TableLook.aggregated(rows, aggregates);
    Map<String, Integer> lengths = new LinkedHashMap<>();
    for (Map.Entry<String, Factor> array : arrays.entrySet()) {
      int at = 2 * lengths.size();
      if (ends.isNullAt(at)) {
        throw InputErrors.noValue(PublicText.label(array.getValue().label()));
      }
      int shortest = ends.getInt(at);
      int longest = ends.getInt(at + 1);
      String label = array.getValue().label();
      if (shortest != longest) {
        throw InputErrors.raggedArray(label, shortest, longest);
      } else if (longest == 0) {
        throw InputErrors.emptyArray(label);
      } else if (longest > MOST_ELEMENTS) {
        throw InputErrors.longArray(label, longest, MOST_ELEMENTS);
      }
      lengths.put(array.getKey(), longest);
    }
    return lengths;
  }

  /**
   * Predictors without arrays.
   *
   * @param lengths of the arrays, by expression
   */
  static Map<String, Predictor> expanded(
      Map<String, Predictor> predictors, Map<String, Integer> lengths) {
    Map<String, Predictor> expanded = new LinkedHashMap<>();
    predictors.forEach(
        (name, predictor) -> {
          List<Predictor.Term> terms = new ArrayList<>();
          predictor.terms().forEach(term -> terms.addAll(expanded(term, lengths)));
          expanded.put(name, new Predictor(predictor.intercept(), terms, predictor.offsets()));
        });
    return expanded;
  }

  private static List<Predictor.Term> expanded(Predictor.Term term, Map<String, Integer> lengths) {
    List<List<Factor>> products = List.of(List.of());
    for (Factor factor : term.factors()) {
      List<List<Factor>> longer = new ArrayList<>();
      for (List<Factor> product : products) {
        for (Factor element : elements(factor, lengths)) {
          List<Factor> with = new ArrayList<>(product);
          with.add(element);
          longer.add(with);
        }
      }
      products = longer;
    }
    return products.stream().map(Predictor.Term::new).toList();
  }

  private static List<Factor> elements(Factor factor, Map<String, Integer> lengths) {
    Integer length = lengths.get(factor.expression());
    if (length == null) {
      return List.of(factor);
    }
    List<Factor> elements = new ArrayList<>();
    for (int k = 0; k < length; k++) {
      // An array of another length is no value, as it is of another kind of row.
      elements.add(
          new Factor(
              factor.label() + "[" + k + "]",
              "IF(size(%1$s) = %2$d, get(%1$s, %3$d), null)"
                  .formatted(factor.expression(), length, k),
              Optional.empty()));
    }
    return elements;
  }
}
