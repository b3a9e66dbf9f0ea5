package org.sparkcurvature.rewrite;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.sparkcurvature.graph.Leaf;
import org.sparkcurvature.graph.Node;
import org.sparkcurvature.graph.Shape;
import org.sparkcurvature.ops.Softmax;
import org.sparkcurvature.ops.Structural;

/** The patterns of sums, which are looked at as a whole: their terms may stand in any order. */
final class SumPatterns {
  private SumPatterns() {}

  /** Of two terms, wherever they stand. */
  static final List<Pattern> PARTS =
      List.of(
          new Pattern("a - a -> 0", SumPatterns::cancelled),
          new Pattern("1 - F(u) -> F(-u), exp(u) - 1 -> expm1(u)", SumPatterns::complement),
          new Pattern(
              "-(-u) -> u",
              (e, n) ->
                  e.is(n, "negate") && e.is(e.operand(n, 0), "negate")
                      ? Optional.of(e.operand(e.operand(n, 0), 0))
                      : Optional.empty()),
          new Pattern(
              "logsumexp(z) - z[y], two classes -> binary_cross_entropy(z[1] - z[0], y)",
              SumPatterns::crossEntropyOfTwo),
          new Pattern("logaddexp(a, b) - b -> softplus(a - b)", SumPatterns::excessOfSum));

  static final List<Pattern> WHOLE =
      List.of(
          new Pattern(
              "lgamma(a + n) - lgamma(a) -> log_rising(a, n)",
              (e, n) -> rising(e, n, node -> !e.dependsOnParameter(node))),
          new Pattern("lgamma(a) + lgamma(b) - lgamma(a + b) -> lbeta(a, b)", SumPatterns::beta),
          new Pattern(
              "lgamma(a + b) - lgamma(a) -> log_rising(a, b)",
              (e, n) -> rising(e, n, node -> true)),
          new Pattern("logsumexp(z) - z[k] -> -log_softmax(z)[k]", SumPatterns::logSoftmax),
          new Pattern(
              "the negative binomial's logarithm -> negative_binomial(eta, n, 1 / a)",
              NegativeBinomial::rewrite),
          new Pattern(
              "log_rising(f * a, n) - n * ln(f) -> n * ln(a) + rising_excess(1 / (f * a), n)",
              SumPatterns::excess));

  /** Terms that cancel: the same node with opposite signs. */
  private static Optional<Node> cancelled(Expressions e, Node n) {
    if (!e.is(n, "subtract")) {
      return Optional.empty();
    }
    return e.operand(n, 0) == e.operand(n, 1) && !e.isOpaque(e.operand(n, 0))
        ? Optional.of(e.fill(0, n.shape()))
        : Optional.empty();
  }

  private static Optional<Node> complement(Expressions e, Node n) {
    if (!e.is(n, "subtract") && !e.is(n, "add")) {
      return Optional.empty();
    }
    Linear sum = e.linear(n);
    if (sum.size() != 2) {
      return Optional.empty();
    }
    double one = sum.coefficient(e.fill(1, n.shape()));
    List<Map.Entry<Node, Double>> terms = new ArrayList<>(sum.terms().entrySet());
    for (Map.Entry<Node, Double> term : terms) {
      Node node = term.getKey();
      double sign = term.getValue();
      if (one == 0 && sign == 1 && e.is(node, "sigmoid")) {
        Node opposite = e.call("sigmoid", e.negate(e.operand(node, 0)));
        if (sum.coefficient(opposite) == 1 && opposite != node) {
          return Optional.of(e.fill(1, n.shape()));
        }
      }
      if (one == 1 && sign == 1 && e.is(node, "erf")) {
        return Optional.of(e.call("erfc", e.negate(e.operand(node, 0))));
      }
      if (Math.abs(one) != 1 || sign != -one) {
        continue;
      }
      switch (e.function(node)) {
        case "exp" -> {
          Node difference = e.call("expm1", e.operand(node, 0));
          return Optional.of(one < 0 ? difference : e.call("negate", difference));
        }
        case "sigmoid", "normal_cdf" -> {
          Node other = e.call(e.function(node), e.negate(e.operand(node, 0)));
          return Optional.of(one > 0 ? other : e.call("negate", other));
        }
        case "erf" -> {
          Node other = e.call("erfc", e.operand(node, 0));
          return Optional.of(one > 0 ? other : e.call("negate", other));
        }
        default -> {}
      }
    }
    return Optional.empty();
  }

  /** The operand of the logsumexp of a vector; null if a node is none. */
  private static Node ofLogSumExp(Expressions e, Node n) {
    return n.op() instanceof Softmax.LogSumExp && n.shape().isScalar() && !e.isOpaque(n)
        ? n.operand(0)
        : null;
  }

  static Optional<Node> logSumExpOfTwo(Expressions e, Node n) {
    Node z = ofLogSumExp(e, n);
    if (z == null
        || !(z.op() instanceof Structural.Concat)
        || z.operands().size() != 2
        || z.shape().size() != 2
        || e.isOpaque(z)) {
      return Optional.empty();
    }
    Node a = e.algebra().reshape(z.operand(0), n.shape());
    Node b = e.algebra().reshape(z.operand(1), n.shape());
    return Optional.of(e.call("logaddexp", a, b));
  }

  /** The class must be an input tensor, of which it is known to be 0 or 1. */
  private static Optional<Node> crossEntropyOfTwo(Expressions e, Node n) {
    if (!e.is(n, "subtract")
        || !n.shape().isScalar()
        || !(n.operand(1).op() instanceof Structural.Gather)
        || !(n.operand(1).operand(1).op() instanceof Leaf.Input)) {
      return Optional.empty();
    }
    Node z = n.operand(1).operand(0);
    if (!z.shape().equals(Shape.of(2)) || !isLogSumExp(e, n.operand(0), z)) {
      return Optional.empty();
    }
    Node first = element(e, e.algebra().reshape(e.algebra().slice(z, 0, 0, 1), n.shape()));
    Node second = element(e, e.algebra().reshape(e.algebra().slice(z, 0, 1, 1), n.shape()));
    return Optional.of(
        e.call("binary_cross_entropy", e.call("subtract", second, first), n.operand(1).operand(1)));
  }

  /** Whether a node is the logsumexp of a vector of two, in either form. */
  private static boolean isLogSumExp(Expressions e, Node n, Node z) {
    if (!e.is(n, "logaddexp")) {
      return ofLogSumExp(e, n) == z;
    }
    return z.op() instanceof Structural.Concat
        && z.operands().size() == 2
        && e.algebra().reshape(z.operand(0), n.shape()) == e.operand(n, 0)
        && e.algebra().reshape(z.operand(1), n.shape()) == e.operand(n, 1);
  }

  /** An element of log_softmax(z), for a vector z of two. */
  static Optional<Node> logProbabilityOfTwo(Expressions e, Node n) {
    Node picked = n.op() instanceof Structural.Gather ? n : n.operand(0);
    Node logarithms = picked.operand(0);
    if (!n.shape().isScalar()
        || !logarithms.shape().equals(Shape.of(2))
        || !(logarithms.op() instanceof Softmax.LogSoftmax)
        || e.isOpaque(logarithms)) {
      return Optional.empty();
    }
    Node z = logarithms.operand(0);
    Node total = e.add(e.algebra().logSumExp(z, 0));
    Node loss = e.algebra().apply("subtract", total, picked(e, n, z));
    return crossEntropyOfTwo(e, loss).or(() -> excessOfSum(e, loss)).map(e::negate);
  }

  /** The same element of another tensor. */
  static Node picked(Expressions e, Node n, Node from) {
    Node picked = n.op() instanceof Structural.Gather ? n : n.operand(0);
    List<Node> operands = new ArrayList<>(picked.operands());
    operands.set(0, from);
    return e.algebra().reshape(e.graph().add(picked.op(), operands), n.shape());
  }

  /** The tensor from which a node is an element by index; null if it is none. */
  static Node indexed(Node n) {
    return n.op() instanceof Structural.Gather
        ? n.operand(0)
        : n.op() instanceof Structural.Reshape && n.operand(0).op() instanceof Structural.Slice
            ? n.operand(0).operand(0)
            : null;
  }

  /** A logsumexp and what it is the sum of, or an element of that, with opposite signs. */
  private static Optional<Node> logSoftmax(Expressions e, Node n) {
    Linear sum = e.linear(n);
    for (Node total : sum.terms().keySet()) {
      Node z = ofLogSumExp(e, e.scalar(total));
      double c = z == null ? 0 : -sum.coefficient(total);
      for (Node term : c == 0 ? Set.<Node>of() : sum.terms().keySet()) {
        if (sum.coefficient(term) != c || e.isOpaque(term)) {
          continue;
        }
        Optional<Node> part = ofLogarithms(e, e.algebra().logSoftmax(z, 0), z, term);
        if (part.isPresent()) {
          Linear result = new Linear();
          result.add(sum, 1);
          result.add(total, c);
          result.add(term, -c);
          result.add(e.shaped(e.add(part.get()), n.shape()), c);
          return Optional.of(e.build(result, n.shape()));
        }
      }
    }
    return Optional.empty();
  }

  /** What of log_softmax(z) lies where a term is all of z, or an element of it. */
  private static Optional<Node> ofLogarithms(Expressions e, Node logarithms, Node z, Node term) {
    if (term == z) {
      return Optional.of(logarithms);
    }
    Node element = e.scalar(term);
    if (indexed(element) == z) {
      return Optional.of(picked(e, element, logarithms));
    }
    boolean ofScalars =
        z.op() instanceof Structural.Concat && z.operands().size() == z.shape().size();
    for (int k = 0; ofScalars && k < z.operands().size(); k++) {
      if (e.algebra().reshape(z.operand(k), element.shape()) == element) {
        return Optional.of(
            e.algebra().reshape(e.algebra().slice(logarithms, 0, k, 1), element.shape()));
      }
    }
    return Optional.empty();
  }

  /** One of two exponentials' share of both; b may be written as an element of the pair. */
  private static Optional<Node> excessOfSum(Expressions e, Node n) {
    if (!e.is(n, "subtract")) {
      return Optional.empty();
    }
    Node pair = ofLogSumExp(e, n.operand(0));
    if (pair != null
        && pair.shape().size() == 2
        && n.operand(1).op() instanceof Structural.Reshape
        && n.operand(1).operand(0).op() instanceof Structural.Slice slice
        && n.operand(1).operand(0).operand(0) == pair) {
      Node slices = e.algebra().slice(pair, 0, 1 - slice.from(), 1);
      Node other = e.algebra().reshape(slices, n.shape());
      return Optional.of(e.call("softplus", e.call("subtract", other, n.operand(1))));
    }
    if (!e.is(n.operand(0), "logaddexp")) {
      return Optional.empty();
    }
    Node taken = element(e, n.operand(1));
    for (int k = 0; k < 2; k++) {
      Node a = e.operand(n.operand(0), k);
      Node b = e.operand(n.operand(0), 1 - k);
      if (b == taken) {
        return Optional.of(e.call("softplus", e.call("subtract", a, b)));
      }
    }
    return Optional.empty();
  }

  /** What was put into a vector of scalars and is taken from there again; else the node itself. */
  private static Node element(Expressions e, Node n) {
    if (n.op() instanceof Structural.Reshape
        && n.operand(0).op() instanceof Structural.Slice slice
        && n.operand(0).operand(0).op() instanceof Structural.Concat
        && n.operand(0).operand(0).operands().size() == n.operand(0).operand(0).shape().size()) {
      return e.algebra().reshape(n.operand(0).operand(0).operand(slice.from()), n.shape());
    }
    return n;
  }

  private static boolean isLogGamma(Expressions e, Node term) {
    return e.is(term, "lgamma") || e.is(term, "lgamma_product");
  }

  /** The argument of a logarithm of the gamma function, in either form. */
  private static Node ofLogGamma(Expressions e, Node term) {
    return e.is(term, "lgamma")
        ? e.operand(term, 0)
        : e.call("multiply", e.operand(term, 0), e.operand(term, 1));
  }

  /** The pair whose arguments differ by the fewest terms. */
  private static Optional<Node> rising(Expressions e, Node n, Predicate<Node> isStep) {
    Linear sum = e.linear(n);
    Map<Node, Linear> arguments = new LinkedHashMap<>();
    for (Node term : sum.terms().keySet()) {
      if (isLogGamma(e, term)) {
        arguments.put(term, e.linear(ofLogGamma(e, term)));
      }
    }
    Node upper = null;
    Node lower = null;
    Linear step = null;
    for (Node p : arguments.keySet()) {
      for (Node q : arguments.keySet()) {
        double c = sum.coefficient(p);
        if (p == q || c * sum.coefficient(q) >= 0) {
          continue;
        }
        Linear difference = Linear.difference(arguments.get(p), arguments.get(q));
        boolean shares = difference.size() < arguments.get(p).size();
        boolean downwards = difference.terms().values().stream().allMatch(v -> v < 0);
        if (shares
            && !downwards
            && difference.terms().keySet().stream().allMatch(isStep)
            && (step == null || difference.size() < step.size() || isBetter(q, lower, step))) {
          upper = p;
          lower = q;
          step = difference;
        }
      }
    }
    if (step == null) {
      return Optional.empty();
    }
    Node a = ofLogGamma(e, lower);
    Node count = e.add(e.build(step, n.shape()));
    double c = sum.coefficient(upper);
    double common = Math.signum(c) * Math.min(Math.abs(c), Math.abs(sum.coefficient(lower)));
    Linear result = new Linear();
    result.add(sum, 1);
    result.add(upper, -common);
    result.add(lower, common);
    result.add(e.call("log_rising", a, count), common);
    return Optional.of(e.build(result, n.shape()));
  }

  /** Of steps of equal length, that from an argument of parameters. */
  private static boolean isBetter(Node lower, Node best, Linear step) {
    return best != null && step.size() == 1 && best.sampled() && !lower.sampled();
  }

  private static Optional<Node> beta(Expressions e, Node n) {
    Linear sum = e.linear(n);
    List<Node> gammas = sum.terms().keySet().stream().filter(term -> isLogGamma(e, term)).toList();
    for (Node total : gammas) {
      double c = -sum.coefficient(total);
      Linear argument = e.linear(ofLogGamma(e, total));
      for (int k = 0; k < gammas.size(); k++) {
        for (int l = k + 1; l < gammas.size(); l++) {
          Node a = gammas.get(k);
          Node b = gammas.get(l);
          if (a == total || b == total || sum.coefficient(a) != c || sum.coefficient(b) != c) {
            continue;
          }
          Linear rest = new Linear();
          rest.add(argument, 1);
          rest.add(e.linear(ofLogGamma(e, a)), -1);
          rest.add(e.linear(ofLogGamma(e, b)), -1);
          if (rest.isZero()) {
            Linear result = new Linear();
            result.add(sum, 1);
            result.add(a, -c);
            result.add(b, -c);
            result.add(total, c);
            result.add(e.call("lbeta", ofLogGamma(e, a), ofLogGamma(e, b)), c);
            return Optional.of(e.build(result, n.shape()));
          }
        }
      }
    }
    return Optional.empty();
  }

  /** Parts of a sum that are logarithms of products: coefficient times the logarithm. */
  private record Logarithm(Node term, double sign, Linear coefficient, Node argument, Node steps) {}

  /**
   * Where every log_rising has a common factor in its first argument, and the logarithms of that
   * factor cancel over the whole sum.
   */
  private static Optional<Node> excess(Expressions e, Node n) {
    Linear sum = e.linear(n);
    List<Logarithm> parts = new ArrayList<>();
    boolean any = false;
    for (Map.Entry<Node, Double> entry : sum.terms().entrySet()) {
      Node term = entry.getKey();
      double c = entry.getValue();
      if (e.is(term, "log_rising")) {
        Linear count = new Linear();
        count.add(e.linear(e.operand(term, 1)), c);
        parts.add(new Logarithm(term, c, count, e.operand(term, 0), e.operand(term, 1)));
        any = true;
      } else if (e.is(term, "log")) {
        Linear one = new Linear();
        one.add(e.fill(1, n.shape()), c);
        parts.add(new Logarithm(term, c, one, e.operand(term, 0), null));
      }
    }
    if (!any) {
      return Optional.empty();
    }
    Map<Node, Linear> totals = new LinkedHashMap<>();
    Set<Node> ofRising = new LinkedHashSet<>();
    for (Logarithm part : parts) {
      e.product(part.argument())
          .powers()
          .forEach(
              (factor, power) -> {
                totals.computeIfAbsent(factor, f -> new Linear()).add(part.coefficient(), power);
                if (part.steps() != null) {
                  ofRising.add(factor);
                }
              });
    }
    ofRising.removeIf(factor -> !totals.get(factor).isZero());
    if (ofRising.isEmpty()) {
      return Optional.empty();
    }
    Linear result = new Linear();
    result.add(sum, 1);
    for (Logarithm part : parts) {
      Product product = e.product(part.argument());
      Product rest = new Product();
      rest.multiply(product, 1);
      for (Node factor : ofRising) {
        rest = rest.without(factor);
      }
      if (rest.powers().size() == product.powers().size()) {
        continue;
      }
      result.add(part.term(), -part.sign());
      if (part.steps() != null) {
        Node reciprocal = e.reciprocal(part.argument());
        result.add(e.call("rising_excess", reciprocal, part.steps()), part.sign());
      }
      addLogarithm(e, result, part, rest, n.shape());
    }
    return Optional.of(e.build(result, n.shape()));
  }

  private static void addLogarithm(
      Expressions e, Linear result, Logarithm part, Product rest, Shape shape) {
    Node logarithm = e.call("log", e.build(rest, shape));
    if (e.constant(logarithm).isPresent() && e.constant(logarithm).getAsDouble() == 0) {
      return;
    }
    if (part.steps() == null) {
      result.add(e.linear(logarithm), part.sign());
    } else {
      result.add(e.linear(e.call("multiply", part.steps(), logarithm)), part.sign());
    }
  }
}
