package org.sparkcurvature.rewrite;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.sparkcurvature.graph.Node;
import org.sparkcurvature.graph.Shape;

/** Patterns of quotients and of powers that have a limit where a parameter is zero. */
final class QuotientPatterns {
  private QuotientPatterns() {}

  static Optional<Node> sigmoid(Expressions e, Node n) {
    Node above = e.operand(n, 0);
    Linear below = e.linear(e.operand(n, 1));
    Node one = e.fill(1, n.shape());
    if (below.size() != 2 || below.coefficient(one) != 1) {
      return Optional.empty();
    }
    for (Node term : below.terms().keySet()) {
      if (e.is(term, "exp") && below.coefficient(term) == 1) {
        if (term == above) {
          return Optional.of(e.call("sigmoid", e.operand(term, 0)));
        }
        if (e.isConstant(above, 1)) {
          return Optional.of(e.call("sigmoid", e.negate(e.operand(term, 0))));
        }
      }
    }
    return Optional.empty();
  }

  static Optional<Node> boxCox(Expressions e, Node n) {
    Linear above = e.linear(e.operand(n, 0));
    Node one = e.fill(1, n.shape());
    if (above.size() != 2 || above.coefficient(one) != -1) {
      return Optional.empty();
    }
    for (Node term : above.terms().keySet()) {
      if (e.is(term, "pow")
          && above.coefficient(term) == 1
          && e.operand(term, 1) == e.operand(n, 1)
          && e.constant(e.operand(n, 1)).isEmpty()) {
        return Optional.of(e.call("box_cox", e.operand(term, 0), e.operand(n, 1)));
      }
    }
    return Optional.empty();
  }

  /**
   * A product of log1p(v), or expm1(v), with factors of which one is the reciprocal of a factor of
   * v.
   */
  static Optional<Node> ratio(Expressions e, Node n) {
    Node function = null;
    for (Node operand : List.of(e.operand(n, 0), e.operand(n, 1))) {
      boolean numerator = e.is(n, "multiply") || operand == e.operand(n, 0);
      if (numerator && (e.is(operand, "log1p") || e.is(operand, "expm1"))) {
        function = operand;
      }
    }
    if (function == null) {
      return Optional.empty();
    }
    Node v = e.operand(function, 0);
    Product rest;
    if (e.is(n, "multiply")) {
      Node other = e.operand(n, 0) == function ? e.operand(n, 1) : e.operand(n, 0);
      Linear sum = e.linear(other);
      if (sum.size() > 1) {
        return ratioOfSum(e, n, function, sum);
      }
      rest = e.product(other);
    } else {
      rest = new Product();
      rest.multiply(e.product(e.operand(n, 1)), -1);
    }
    Optional<Node> factor = shared(rest, e.product(v));
    String name = e.function(function);
    return factor.map(k -> ratioBy(e, name, v, rest, k, n.shape()));
  }

  /** A factor that a product has to the power p and another to the power -p. */
  private static Optional<Node> shared(Product rest, Product v) {
    return rest.powers().entrySet().stream()
        .filter(f -> Math.abs(f.getValue()) == 1 && v.power(f.getKey()) == -f.getValue())
        .map(Map.Entry::getKey)
        .findFirst();
  }

  private static Node ratioBy(
      Expressions e, String function, Node v, Product rest, Node factor, Shape shape) {
    Product product = e.product(v);
    int power = product.power(factor);
    Node u = e.build(product.without(factor), shape);
    Node k = power == 1 ? factor : e.reciprocal(factor);
    Node ratio = e.call(function + "_ratio", u, k);
    Product remaining = rest.without(factor);
    remaining.multiply(ratio, 1);
    return e.build(remaining, shape);
  }

  /** (c + 1/k) log1p(k u) = c log1p(k u) + log1p_ratio(u, k). */
  private static Optional<Node> ratioOfSum(Expressions e, Node n, Node function, Linear sum) {
    Node v = e.operand(function, 0);
    Product inside = e.product(v);
    for (Map.Entry<Node, Double> term : sum.terms().entrySet()) {
      Product rest = e.product(term.getKey());
      Optional<Node> factor = shared(rest, inside);
      if (factor.isPresent()) {
        rest.multiply(term.getValue());
        Node first = ratioBy(e, e.function(function), v, rest, factor.get(), n.shape());
        Linear others = new Linear();
        others.add(sum, 1);
        others.add(term.getKey(), -term.getValue());
        Node second = e.call("multiply", e.build(others, n.shape()), function);
        return Optional.of(e.call("add", second, first));
      }
    }
    return Optional.empty();
  }

  static Optional<Node> powerOfRatio(Expressions e, Node n) {
    Node one = e.fill(1, n.shape());
    Node base = e.operand(n, 0);
    Linear sum = e.isSum(base) ? e.linear(base) : new Linear();
    if (sum.coefficient(one) != 1 || sum.size() != 2) {
      return Optional.empty();
    }
    sum.add(one, -1);
    Node v = e.build(sum, n.shape());
    Product exponent = e.product(e.operand(n, 1));
    return shared(exponent, e.product(v))
        .map(k -> e.call("exp", ratioBy(e, "log1p", v, exponent, k, n.shape())));
  }

  static Optional<Node> powerOfExp(Expressions e, Node n) {
    Node base = e.operand(n, 0);
    if (!e.is(base, "multiply") && !e.is(base, "divide")
        || e.constant(e.operand(n, 1)).isPresent()) {
      return Optional.empty();
    }
    for (int k = 0; k < 2; k++) {
      Node factor = e.operand(base, k);
      boolean below = k == 1 && e.is(base, "divide");
      if (e.is(factor, "exp") && !(k == 0 && e.is(base, "divide"))) {
        Node s = e.operand(factor, 0);
        return Optional.of(
            e.call("pow_exp", e.operand(base, 1 - k), below ? e.negate(s) : s, e.operand(n, 1)));
      }
    }
    return Optional.empty();
  }
}
