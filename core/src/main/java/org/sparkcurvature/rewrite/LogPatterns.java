package org.sparkcurvature.rewrite;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.sparkcurvature.graph.Leaf;
import org.sparkcurvature.graph.Model;
import org.sparkcurvature.graph.Node;
import org.sparkcurvature.ops.Einsum;

/** Patterns of logarithms: of exponentials, of probabilities and of differences of them. */
final class LogPatterns {
  private LogPatterns() {}

  static Optional<Node> logOfMultiple(Expressions e, Node n) {
    Node u = e.operand(n, 0);
    if (!e.is(u, "multiply") && !e.is(u, "divide")) {
      return Optional.empty();
    }
    Product product = e.product(u);
    if (product.powers().size() != 1 || !(product.coefficient() > 0)) {
      return Optional.empty();
    }
    Map.Entry<Node, Integer> only = product.powers().entrySet().iterator().next();
    if (product.coefficient() == 0.5 && only.getValue() == 1 && e.is(only.getKey(), "erfc")) {
      Node argument = e.operand(only.getKey(), 0);
      Node root = e.fill(-Math.sqrt(2), n.shape());
      return Optional.of(e.call("normal_log_cdf", e.call("multiply", root, argument)));
    }
    boolean probability =
        Set.of("erfc", "normal_cdf", "sigmoid", "exp").contains(e.function(only.getKey()));
    return only.getValue() == 1 && product.coefficient() != 1 && probability
        ? Optional.of(
            e.call(
                "add",
                e.call("log", only.getKey()),
                e.fill(Math.log(product.coefficient()), n.shape())))
        : Optional.empty();
  }

  /** The logarithm of an element of exponentials is an element of their exponents. */
  static Optional<Node> logOfElement(Expressions e, Node n) {
    Node element = e.scalar(e.operand(n, 0));
    Node tensor = SumPatterns.indexed(element);
    return tensor != null && e.is(tensor, "exp") && !e.isOpaque(element)
        ? Optional.of(
            e.shaped(e.add(SumPatterns.picked(e, element, e.operand(tensor, 0))), n.shape()))
        : Optional.empty();
  }

  /** Of two parameters the product's own derivatives are cheaper. */
  static Optional<Node> logGammaOfProduct(Expressions e, Node n) {
    Node u = e.operand(n, 0);
    if (!e.is(u, "multiply")) {
      return Optional.empty();
    }
    Node a = e.operand(u, 0);
    Node b = e.operand(u, 1);
    return e.constant(a).isEmpty()
            && e.constant(b).isEmpty()
            && e.dependsOnParameter(a) != e.dependsOnParameter(b)
        ? Optional.of(e.call("lgamma_product", a, b))
        : Optional.empty();
  }

  static Optional<Node> logOfSum(Expressions e, Node n) {
    Node u = e.operand(n, 0);
    return e.is(u, "add") && e.is(e.operand(u, 0), "exp") && e.is(e.operand(u, 1), "exp")
        ? Optional.of(
            e.call("logaddexp", e.operand(e.operand(u, 0), 0), e.operand(e.operand(u, 1), 0)))
        : Optional.empty();
  }

  static Optional<Node> logOfDifference(Expressions e, Node n) {
    Node u = e.operand(n, 0);
    if (!e.is(u, "subtract")) {
      return Optional.empty();
    }
    Node a = e.operand(u, 0);
    Node b = e.operand(u, 1);
    if (!e.function(a).equals(e.function(b))) {
      return Optional.empty();
    }
    return switch (e.function(a)) {
      case "exp" -> Optional.of(e.call("log_diff_exp", e.operand(a, 0), e.operand(b, 0)));
      case "sigmoid" -> Optional.of(logisticInterval(e, e.operand(a, 0), e.operand(b, 0)));
      case "normal_cdf" -> Optional.of(normalInterval(e, e.operand(a, 0), e.operand(b, 0)));
      case "erfc" ->
          Optional.of(
              e.call(
                  "add",
                  normalInterval(e, tail(e, e.operand(a, 0)), tail(e, e.operand(b, 0))),
                  e.fill(Math.log(2), n.shape())));
      default -> Optional.empty();
    };
  }

  /** erfc(u) = 2 normal_cdf(-sqrt(2) u). */
  private static Node tail(Expressions e, Node u) {
    return e.call("multiply", e.fill(-Math.sqrt(2), u.shape()), u);
  }

  /** ln(normal_cdf(a) - normal_cdf(b)), with the difference of the bounds taken exactly. */
  static Node normalInterval(Expressions e, Node a, Node b) {
    return e.call("normal_log_interval", b, a, difference(e, a, b));
  }

  /** sigmoid(a) - sigmoid(b) = sigmoid(a) sigmoid(-b) (1 - exp(b - a)). */
  static Node logisticInterval(Expressions e, Node a, Node b) {
    Node width = difference(e, a, b);
    Node outside = e.call("add", e.call("log_sigmoid", a), e.call("log_sigmoid", e.negate(b)));
    return e.call("add", outside, e.call("log_diff_exp", e.fill(0, a.shape()), e.negate(width)));
  }

  /** a - b without what they share, also above a common denominator. */
  private static Node difference(Expressions e, Node a, Node b) {
    if (e.is(a, "divide") && e.is(b, "divide") && e.operand(a, 1) == e.operand(b, 1)) {
      return e.call("divide", difference(e, e.operand(a, 0), e.operand(b, 0)), e.operand(a, 1));
    }
    if (e.is(a, "multiply") && e.is(b, "multiply")) {
      for (int k = 0; k < 2; k++) {
        for (int l = 0; l < 2; l++) {
          if (e.operand(a, k) == e.operand(b, l)) {
            return e.call(
                "multiply",
                difference(e, e.operand(a, 1 - k), e.operand(b, 1 - l)),
                e.operand(a, k));
          }
        }
      }
    }
    return e.add(e.build(Linear.difference(e.linear(a), e.linear(b)), a.shape()));
  }

  static Optional<Node> logOfComplement(Expressions e, Node n) {
    Node u = e.operand(n, 0);
    if (!e.is(u, "negate")) {
      return Optional.empty();
    }
    Node inside = e.operand(u, 0);
    return switch (e.function(inside)) {
      case "exp" -> Optional.of(e.call("log_diff_exp", e.fill(0, n.shape()), e.operand(inside, 0)));
      case "sigmoid" -> Optional.of(e.call("log_sigmoid", e.negate(e.operand(inside, 0))));
      case "normal_cdf" -> Optional.of(e.call("normal_log_cdf", e.negate(e.operand(inside, 0))));
      case "erf" -> Optional.of(e.call("log_erfc", e.operand(inside, 0)));
      default -> Optional.empty();
    };
  }

  static Optional<Node> logSumExp(Expressions e, Node n) {
    Node sum = n.operand(0);
    if (!(sum.op() instanceof Einsum contract)
        || e.isOpaque(sum)
        || contract.in().size() != 1
        || contract.overSamples()
        || contract.coefficient() != 1
        || contract.out().size() != contract.in().get(0).size() - 1
        || !e.is(sum.operand(0), "exp")) {
      return Optional.empty();
    }
    Node z = e.operand(sum.operand(0), 0);
    List<Integer> labels = contract.in().get(0);
    int axis = 0;
    while (axis < contract.out().size() && contract.out().get(axis).equals(labels.get(axis))) {
      axis++;
    }
    List<Integer> others = new ArrayList<>(labels);
    others.remove(axis);
    if (!contract.out().equals(others)) {
      return Optional.empty();
    }
    return Optional.of(e.add(e.algebra().logSumExp(z, axis)));
  }

  static Optional<Node> guardedLogarithm(Expressions e, Node n) {
    Node condition = e.operand(n, 0);
    if (!e.is(condition, "equal") || !e.isConstant(e.operand(n, 1), 0)) {
      return Optional.empty();
    }
    Node x =
        e.isConstant(e.operand(condition, 1), 0)
            ? e.operand(condition, 0)
            : e.isConstant(e.operand(condition, 0), 0) ? e.operand(condition, 1) : null;
    Node otherwise = e.operand(n, 2);
    if (x == null || !e.is(otherwise, "multiply")) {
      return Optional.empty();
    }
    for (int k = 0; k < 2; k++) {
      Node logarithm = e.operand(otherwise, 1 - k);
      if (e.operand(otherwise, k) == x
          && e.is(logarithm, "log")
          && !dependsOn(e, e.operand(logarithm, 0), x)) {
        return Optional.of(e.call("xlogy", x, e.operand(logarithm, 0)));
      }
    }
    return Optional.empty();
  }

  /** Whether a node is made of anything that x is made of. */
  private static boolean dependsOn(Expressions e, Node node, Node x) {
    BitSet shared = Model.reachable(List.of(x));
    shared.and(Model.reachable(List.of(node)));
    return shared.stream().anyMatch(id -> !(e.graph().nodes().get(id).op() instanceof Leaf.Fill));
  }
}
