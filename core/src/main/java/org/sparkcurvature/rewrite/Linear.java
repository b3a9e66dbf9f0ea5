package org.sparkcurvature.rewrite;

import java.util.LinkedHashMap;
import java.util.Map;
import org.sparkcurvature.graph.Node;

/**
 * A sum with its brackets removed: terms with constant coefficients. Constants are multiples of the
 * node that is 1. Terms that cancel are gone.
 */
final class Linear {
  private final Map<Node, Double> terms = new LinkedHashMap<>();

  void add(Node term, double coefficient) {
    if (coefficient == 0) {
      return;
    }
    terms.merge(term, coefficient, (a, b) -> a + b == 0 ? null : a + b);
  }

  void add(Linear other, double coefficient) {
    other.terms.forEach((term, c) -> add(term, c * coefficient));
  }

  static Linear difference(Linear a, Linear b) {
    Linear result = new Linear();
    result.add(a, 1);
    result.add(b, -1);
    return result;
  }

  Map<Node, Double> terms() {
    return terms;
  }

  int size() {
    return terms.size();
  }

  boolean isZero() {
    return terms.isEmpty();
  }

  double coefficient(Node term) {
    return terms.getOrDefault(term, 0.0);
  }
}
