package org.sparkcurvature.rewrite;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.sparkcurvature.graph.Node;
import org.sparkcurvature.ops.Apply;
import org.sparkcurvature.ops.Coupled;
import org.sparkcurvature.ops.LogCumSumExp;
import org.sparkcurvature.ops.Structural;

/**
 * The table of patterns, by the function at the root of the expression. Rules longer than a few
 * lines stand in {@link RootPatterns}, {@link LogPatterns}, {@link QuotientPatterns} and {@link
 * SumPatterns}.
 */
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
    add(t, "square", "square(norm2(x) / l) -> sum(square(x)) / square(l)", RootPatterns::squares);
    add(
        t,
        "pow",
        "pow(norm2(x), 2) -> sum(square(x))",
        (e, n) ->
            e.isConstant(e.operand(n, 1), 2) && RootPatterns.isRoot(e, e.operand(n, 0))
                ? Optional.of(e.call("square", e.operand(n, 0)))
                : Optional.empty());
    add(t, "multiply", "norm2(x) * norm2(x) -> sum(square(x))", RootPatterns::rootTimesRoot);
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
        LogPatterns::logOfMultiple);
    add(t, "log", "ln(exp(a) + exp(b)) -> logaddexp(a, b)", LogPatterns::logOfSum);
    add(
        t,
        "log",
        "ln(1 + u) -> log1p(u)",
        (e, n) -> {
          Linear sum = e.linear(e.operand(n, 0));
          Node one = e.fill(1, n.shape());
          if (sum.coefficient(one) != 1 || sum.size() < 2 || !e.isSum(e.operand(n, 0))) {
            return Optional.empty();
          }
          sum.add(one, -1);
          return Optional.of(e.call("log1p", e.build(sum, n.shape())));
        });
    add(t, "log", "ln(F(a) - F(b)), F = exp, sigmoid or normal_cdf", LogPatterns::logOfDifference);
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
    add(t, "log", "ln(sum(exp(z))) -> logsumexp(z)", LogPatterns::logSumExp);
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
    add(t, "log", "ln(softmax(z)[k]) -> log_softmax(z)[k]", LogPatterns::logOfElement);
    add(t, "logsumexp", "logsumexp(concat(a, b)) -> logaddexp(a, b)", SumPatterns::logSumExpOfTwo);
    add(t, "log1p", "log1p(exp(u)) -> softplus(u)", inner("exp", (e, u) -> e.call("softplus", u)));
    add(t, "log1p", "log1p(-F(u)) -> log_F(-u)", LogPatterns::logOfComplement);
    add(
        t,
        "log_diff_exp",
        "log_diff_exp(normal_log_cdf(a), normal_log_cdf(b)) -> normal_log_interval(b, a, a - b)",
        (e, n) -> {
          Node a = e.operand(n, 0);
          Node b = e.operand(n, 1);
          return e.is(a, "normal_log_cdf") && e.is(b, "normal_log_cdf")
              ? Optional.of(LogPatterns.normalInterval(e, e.operand(a, 0), e.operand(b, 0)))
              : e.is(a, "log_sigmoid") && e.is(b, "log_sigmoid")
                  ? Optional.of(LogPatterns.logisticInterval(e, e.operand(a, 0), e.operand(b, 0)))
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
        LogPatterns::logGammaOfProduct);

    // Quotients.
    add(t, "divide", "1 / (1 + exp(u)) -> sigmoid(-u)", QuotientPatterns::sigmoid);
    add(
        t,
        "divide",
        "sin(u) / u -> sinc(u)",
        (e, n) ->
            e.is(e.operand(n, 0), "sin") && e.operand(e.operand(n, 0), 0) == e.operand(n, 1)
                ? Optional.of(e.call("sinc", e.operand(n, 1)))
                : Optional.empty());
    add(t, "divide", "(pow(x, k) - 1) / k -> box_cox(x, k)", QuotientPatterns::boxCox);
    for (String root : List.of("divide", "multiply")) {
      add(t, root, "log1p(k * u) / k -> log1p_ratio(u, k)", QuotientPatterns::ratio);
    }
    add(
        t,
        "pow",
        "pow(1 + k * u, c / k) -> exp(c * log1p_ratio(u, k))",
        QuotientPatterns::powerOfRatio);
    add(t, "pow", "pow(t * exp(s), k) -> pow_exp(t, s, k)", QuotientPatterns::powerOfExp);
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
    add(t, "where", "IF(x = 0, 0, x * ln(y)) -> xlogy(x, y)", LogPatterns::guardedLogarithm);

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
}
