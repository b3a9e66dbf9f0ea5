package org.sparkcurvature.rewrite;

import java.util.LinkedHashMap;
import java.util.Map;
import org.sparkcurvature.graph.Node;

/** A product with its brackets removed: a constant and factors with their integer powers. */
final class Product {
  private final Map<Node, Integer> powers = new LinkedHashMap<>();
  private double coefficient = 1;

  void multiply(Node factor, int power) {
    powers.merge(factor, power, (a, b) -> a + b == 0 ? null : a + b);
  }

  void multiply(double constant) {
    coefficient *= constant;
  }

  void multiply(Product other, int power) {
    coefficient *= Math.pow(other.coefficient, power);
    other.powers.forEach((factor, p) -> multiply(factor, p * power));
  }

  double coefficient() {
    return coefficient;
  }

  Map<Node, Integer> powers() {
    return powers;
  }

  int power(Node factor) {
    return powers.getOrDefault(factor, 0);
  }

  /** This product times a power of another. */
  Product times(Product other, int power) {
    Product result = new Product();
    result.multiply(this, 1);
    result.multiply(other, power);
    return result;
  }

  /** This product without a factor. */
  Product without(Node factor) {
    Product result = new Product();
    result.multiply(this, 1);
    result.powers.remove(factor);
    return result;
  }
}
