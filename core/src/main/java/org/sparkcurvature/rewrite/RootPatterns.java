package org.sparkcurvature.rewrite;

import java.util.Map;
import java.util.Optional;
import org.sparkcurvature.graph.Node;

/** Patterns of squares, and of roots of squares. */
final class RootPatterns {
  private RootPatterns() {}

  /** Whether the square of a node has no kink where the node has one. */
  static boolean isRoot(Expressions e, Node node) {
    return e.isNorm(node) || e.is(node, "abs") || e.is(node, "acos");
  }

  static Optional<Node> squares(Expressions e, Node n) {
    Node u = e.operand(n, 0);
    if (!e.is(u, "multiply") && !e.is(u, "divide") && !e.is(u, "negate")) {
      return Optional.empty();
    }
    Product product = e.product(u);
    if (product.powers().entrySet().stream()
        .noneMatch(f -> f.getValue() > 0 && isRoot(e, f.getKey()))) {
      return Optional.empty();
    }
    Product squared = new Product();
    squared.multiply(product.coefficient() * product.coefficient());
    product.powers().forEach((factor, power) -> squared.multiply(e.call("square", factor), power));
    return Optional.of(e.build(squared, n.shape()));
  }

  static Optional<Node> rootTimesRoot(Expressions e, Node n) {
    if (!hasRoot(e, n, 3)) {
      return Optional.empty();
    }
    Product product = e.product(n);
    for (Map.Entry<Node, Integer> factor : product.powers().entrySet()) {
      if (factor.getValue() >= 2 && isRoot(e, factor.getKey())) {
        Product rest = product.without(factor.getKey());
        rest.multiply(e.call("square", factor.getKey()), factor.getValue() / 2);
        if (factor.getValue() % 2 == 1) {
          rest.multiply(factor.getKey(), 1);
        }
        return Optional.of(e.build(rest, n.shape()));
      }
    }
    return Optional.empty();
  }

  private static boolean hasRoot(Expressions e, Node n, int depth) {
    return isRoot(e, n)
        || depth > 0
            && (e.is(n, "multiply") || e.is(n, "divide"))
            && (hasRoot(e, e.operand(n, 0), depth - 1) || hasRoot(e, e.operand(n, 1), depth - 1));
  }
}
