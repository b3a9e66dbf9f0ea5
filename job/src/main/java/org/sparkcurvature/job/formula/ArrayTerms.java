package org.sparkcurvature.job.formula;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Terms with an array of numbers, as terms of its elements: each has a coefficient of its own. */
final class ArrayTerms {
  private ArrayTerms() {}

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
