package org.sparkcurvature.rewrite;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.sparkcurvature.graph.Leaf;
import org.sparkcurvature.graph.Model;
import org.sparkcurvature.graph.Node;
import org.sparkcurvature.graph.Shape;
import org.sparkcurvature.ops.Apply;
import org.sparkcurvature.ops.Coupled;
import org.sparkcurvature.ops.Einsum;
import org.sparkcurvature.ops.LogCumSumExp;
import org.sparkcurvature.ops.Structural;

/** The table of patterns, by the function at the root of the expression. */
final class Patterns {
  /** All patterns. */
  static final Patterns ALL;

  /** Those of a part of a longer sum, which is looked at as a whole later. */
  static final Patterns PARTS;

  /** The root of an element that is taken from a tensor. */
  private static final String INDEX = "index";

  private final Map<String, List<Pattern>> table;

  private Patterns(Map<String, List<Pattern>> table) {
    this.table = table;
  }

  static {
    Map<String, List<Pattern>> t = new LinkedHashMap<>();

    // Squares of what has a kink.
    add(t, "square", "square(abs(u)) -> square(u)", inner("abs", (e, u) -> e.call("square", u)));
    add(
        t,
        "square",
        "square(norm2(x)) -> sum(square(x))",
        (e, n) ->
            e.isNorm(e.operand(n, 0))
                ? Optional.of(e.squaredNorm(e.operand(n, 0)))
                : Optional.empty());
    add(
        t,
        "square",
        "square(acos(u)) -> acos_square(u)",
        inner("acos", (e, u) -> e.call("acos_square", u)));
    add(t, "square", "square(norm2(x) / l) -> sum(square(x)) / square(l)", Patterns::squares);
    add(
        t,
        "pow",
        "pow(norm2(x), 2) -> sum(square(x))",
        (e, n) ->
            e.isConstant(e.operand(n, 1), 2) && isRoot(e, e.operand(n, 0))
                ? Optional.of(e.call("square", e.operand(n, 0)))
                : Optional.empty());
    add(t, "multiply", "norm2(x) * norm2(x) -> sum(square(x))", Patterns::rootTimesRoot);
    add(t, "sqrt", "sqrt(square(u)) -> abs(u)", inner("square", (e, u) -> e.call("abs", u)));
    add(
        t,
        "sqrt",
        "sqrt(sum(square(x))) -> norm2(x)",
        (e, n) ->
            e.isOfSquares(e.operand(n, 0))
                ? Optional.of(e.norm(e.operand(n, 0)))
                : Optional.empty());

    // Logarithms of exponentials and probabilities.
    add(t, "log", "ln(exp(u)) -> u", inner("exp", (e, u) -> u));
    add(
        t,
        "log",
        "ln(sigmoid(u)) -> log_sigmoid(u)",
        inner("sigmoid", (e, u) -> e.call("log_sigmoid", u)));
    add(
        t,
        "log",
        "ln(normal_cdf(u)) -> normal_log_cdf(u)",
        inner("normal_cdf", (e, u) -> e.call("normal_log_cdf", u)));
    add(t, "log", "ln(erfc(u)) -> log_erfc(u)", inner("erfc", (e, u) -> e.call("log_erfc", u)));
    add(
        t,
        "log",
        "ln(c * erfc(u)) -> ln(c) + log_erfc(u), of c = 1/2 normal_log_cdf(-sqrt(2) u)",
        Patterns::logOfMultiple);
    add(t, "log", "ln(exp(a) + exp(b)) -> logaddexp(a, b)", Patterns::logOfSum);
    add(
        t,
        "log",
        "ln(1 + u) -> log1p(u)",
        (e, n) -> {
          Linear sum = e.linear(e.operand(n, 0));
          Node one = e.fill(1, n.shape());
          if (sum.coefficient(one) != 1 || sum.size() < 2 || !isSum(e, e.operand(n, 0))) {
            return Optional.empty();
          }
          sum.add(one, -1);
          return Optional.of(e.call("log1p", e.build(sum, n.shape())));
        });
    add(t, "log", "ln(F(a) - F(b)), F = exp, sigmoid or normal_cdf", Patterns::logOfDifference);
    add(
        t,
        "log",
        "ln(expm1(u)) -> log_diff_exp(u, 0)",
        inner("expm1", (e, u) -> e.call("log_diff_exp", u, e.fill(0, u.shape()))));
    add(
        t,
        "log",
        "ln(-expm1(u)) -> log_diff_exp(0, u)",
        (e, n) ->
            e.is(e.operand(n, 0), "negate") && e.is(e.operand(e.operand(n, 0), 0), "expm1")
                ? Optional.of(
                    e.call(
                        "log_diff_exp",
                        e.fill(0, n.shape()),
                        e.operand(e.operand(e.operand(n, 0), 0), 0)))
                : Optional.empty());
    add(t, "log", "ln(sum(exp(z))) -> logsumexp(z)", Patterns::logSumExp);
    add(
        t,
        "log",
        "ln(cumsum(exp(z))) -> logcumsumexp(z)",
        (e, n) -> {
          Node sums = n.operand(0);
          return sums.op() instanceof Structural.CumulativeSum running
                  && !running.backwards()
                  && !e.isOpaque(sums)
                  && e.is(sums.operand(0), "exp")
              ? Optional.of(
                  e.graph().add(new LogCumSumExp(running.axis()), e.operand(sums.operand(0), 0)))
              : Optional.empty();
        });
    add(t, "log", "ln(softmax(z)[k]) -> log_softmax(z)[k]", Patterns::logOfElement);
    add(t, "logsumexp", "logsumexp(concat(a, b)) -> logaddexp(a, b)", SumPatterns::logSumExpOfTwo);
    add(t, "log1p", "log1p(exp(u)) -> softplus(u)", inner("exp", (e, u) -> e.call("softplus", u)));
    add(t, "log1p", "log1p(-F(u)) -> log_F(-u)", Patterns::logOfComplement);
    add(
        t,
        "log_diff_exp",
        "log_diff_exp(normal_log_cdf(a), normal_log_cdf(b)) -> normal_log_interval(b, a, a - b)",
        (e, n) -> {
          Node a = e.operand(n, 0);
          Node b = e.operand(n, 1);
          return e.is(a, "normal_log_cdf") && e.is(b, "normal_log_cdf")
              ? Optional.of(normalInterval(e, e.operand(a, 0), e.operand(b, 0)))
              : e.is(a, "log_sigmoid") && e.is(b, "log_sigmoid")
                  ? Optional.of(logisticInterval(e, e.operand(a, 0), e.operand(b, 0)))
                  : Optional.empty();
        });
    add(
        t,
        "log_diff_exp",
        "log_diff_exp(log1mexp(u), log1mexp(v)) -> log_diff_exp(-abs(v), -abs(u))",
        (e, n) -> {
          Node a = e.operand(n, 0);
          Node b = e.operand(n, 1);
          return e.is(a, "log1mexp") && e.is(b, "log1mexp")
              ? Optional.of(
                  e.call(
                      "log_diff_exp",
                      e.negate(e.call("abs", e.operand(b, 0))),
                      e.negate(e.call("abs", e.operand(a, 0)))))
              : Optional.empty();
        });

    add(
        t,
        "lgamma",
        "lgamma(a * x) -> lgamma_product(a, x), x of inputs",
        Patterns::logGammaOfProduct);

    // Quotients.
    add(t, "divide", "1 / (1 + exp(u)) -> sigmoid(-u)", Patterns::sigmoid);
    add(
        t,
        "divide",
        "sin(u) / u -> sinc(u)",
        (e, n) ->
            e.is(e.operand(n, 0), "sin") && e.operand(e.operand(n, 0), 0) == e.operand(n, 1)
                ? Optional.of(e.call("sinc", e.operand(n, 1)))
                : Optional.empty());
    add(t, "divide", "(pow(x, k) - 1) / k -> box_cox(x, k)", Patterns::boxCox);
    for (String root : List.of("divide", "multiply")) {
      add(t, root, "log1p(k * u) / k -> log1p_ratio(u, k)", Patterns::ratio);
    }
    add(t, "pow", "pow(1 + k * u, c / k) -> exp(c * log1p_ratio(u, k))", Patterns::powerOfRatio);
    add(t, "pow", "pow(t * exp(s), k) -> pow_exp(t, s, k)", Patterns::powerOfExp);
    add(t, INDEX, "log_softmax(z)[k], two classes", SumPatterns::logProbabilityOfTwo);
    for (String function : List.of("acosh", "atanh")) {
      String name = function + "_sum";
      add(
          t,
          function,
          function + "(a + b) -> " + name + "(a, b)",
          (e, n) -> {
            Node u = e.operand(n, 0);
            return e.is(u, "add")
                ? Optional.of(e.call(name, e.operand(u, 0), e.operand(u, 1)))
                : e.is(u, "subtract")
                    ? Optional.of(e.call(name, e.operand(u, 0), e.negate(e.operand(u, 1))))
                    : Optional.empty();
          });
    }
    add(t, "where", "IF(x = 0, 0, x * ln(y)) -> xlogy(x, y)", Patterns::guardedLogarithm);

    Map<String, List<Pattern>> parts = new LinkedHashMap<>();
    for (String root : List.of("add", "subtract", "negate")) {
      List<Pattern> whole = new ArrayList<>(SumPatterns.PARTS);
      whole.addAll(SumPatterns.WHOLE);
      t.put(root, whole);
      parts.put(root, SumPatterns.PARTS);
    }
    ALL = new Patterns(Collections.unmodifiableMap(t));
    PARTS = new Patterns(Collections.unmodifiableMap(parts));
  }

  @FunctionalInterface
  private interface OfOperand {
    /** The replacement, or null. */
    Node apply(Expressions e, Node operand);
  }

  private static void add(
      Map<String, List<Pattern>> table, String root, String name, Pattern.Rule rule) {
    table.computeIfAbsent(root, r -> new ArrayList<>()).add(new Pattern(name, rule));
  }

  /** A function of a function of one operand. */
  private static Pattern.Rule inner(String function, OfOperand replacement) {
    return (e, n) ->
        e.is(e.operand(n, 0), function)
            ? Optional.ofNullable(replacement.apply(e, e.operand(e.operand(n, 0), 0)))
            : Optional.empty();
  }

  /** The patterns that may fit a node. */
  List<Pattern> of(Node node) {
    if (node.op() instanceof Structural.Gather
        || node.op() instanceof Structural.Reshape
            && node.operand(0).op() instanceof Structural.Slice) {
      return table.getOrDefault(INDEX, List.of());
    }
    if (node.op() instanceof Coupled coupled) {
      return table.getOrDefault(coupled.name(), List.of());
    }
    return node.op() instanceof Apply apply && apply.partial().isEmpty()
        ? table.getOrDefault(apply.function(), List.of())
        : List.of();
  }

  /** All names, for tests. */
  static Set<String> names() {
    Set<String> names = new java.util.TreeSet<>();
    ALL.table.values().forEach(list -> list.forEach(pattern -> names.add(pattern.name())));
    return names;
  }

  /** Whether the square of a node has no kink where the node has one. */
  private static boolean isRoot(Expressions e, Node node) {
    return e.isNorm(node) || e.is(node, "abs") || e.is(node, "acos");
  }

  private static Optional<Node> squares(Expressions e, Node n) {
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

  private static Optional<Node> rootTimesRoot(Expressions e, Node n) {
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

  private static boolean isSum(Expressions e, Node node) {
    return e.is(node, "add") || e.is(node, "subtract");
  }

  private static Optional<Node> logOfMultiple(Expressions e, Node n) {
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
  private static Optional<Node> logOfElement(Expressions e, Node n) {
    Node element = e.scalar(e.operand(n, 0));
    Node tensor = SumPatterns.indexed(element);
    return tensor != null && e.is(tensor, "exp") && !e.isOpaque(element)
        ? Optional.of(
            e.shaped(e.add(SumPatterns.picked(e, element, e.operand(tensor, 0))), n.shape()))
        : Optional.empty();
  }

  /** Of two parameters the product's own derivatives are cheaper. */
  private static Optional<Node> logGammaOfProduct(Expressions e, Node n) {
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

  private static Optional<Node> logOfSum(Expressions e, Node n) {
    Node u = e.operand(n, 0);
    return e.is(u, "add") && e.is(e.operand(u, 0), "exp") && e.is(e.operand(u, 1), "exp")
        ? Optional.of(
            e.call("logaddexp", e.operand(e.operand(u, 0), 0), e.operand(e.operand(u, 1), 0)))
        : Optional.empty();
  }

  private static Optional<Node> logOfDifference(Expressions e, Node n) {
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
  private static Node normalInterval(Expressions e, Node a, Node b) {
    return e.call("normal_log_interval", b, a, difference(e, a, b));
  }

  /** sigmoid(a) - sigmoid(b) = sigmoid(a) sigmoid(-b) (1 - exp(b - a)). */
  private static Node logisticInterval(Expressions e, Node a, Node b) {
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

  private static Optional<Node> logOfComplement(Expressions e, Node n) {
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

  private static Optional<Node> logSumExp(Expressions e, Node n) {
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

  private static Optional<Node> sigmoid(Expressions e, Node n) {
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

  private static Optional<Node> boxCox(Expressions e, Node n) {
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
  private static Optional<Node> ratio(Expressions e, Node n) {
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

  private static Optional<Node> powerOfRatio(Expressions e, Node n) {
    Node one = e.fill(1, n.shape());
    Node base = e.operand(n, 0);
    Linear sum = isSum(e, base) ? e.linear(base) : new Linear();
    if (sum.coefficient(one) != 1 || sum.size() != 2) {
      return Optional.empty();
    }
    sum.add(one, -1);
    Node v = e.build(sum, n.shape());
    Product exponent = e.product(e.operand(n, 1));
    return shared(exponent, e.product(v))
        .map(k -> e.call("exp", ratioBy(e, "log1p", v, exponent, k, n.shape())));
  }

  private static Optional<Node> powerOfExp(Expressions e, Node n) {
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

  private static Optional<Node> guardedLogarithm(Expressions e, Node n) {
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
