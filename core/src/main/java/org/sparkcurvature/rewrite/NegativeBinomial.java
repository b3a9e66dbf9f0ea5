package org.sparkcurvature.rewrite;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.sparkcurvature.graph.Node;

/**
 * Finds the logarithm of the negative binomial distribution however it is written: log_rising(a, n)
 * and terms that add up to
 *
 * <pre>
 *   a L + n (L + ln a - ln mu),   L = ln(1 + mu / a)
 * </pre>
 *
 * with the size a and the mean mu. Terms are compared as multiples of L, ln a and ln mu, with
 * coefficients that are sums.
 */
final class NegativeBinomial {
  private NegativeBinomial() {}

  /** A logarithm as a multiple of L, of ln a and of ln mu. */
  private record Basis(double ofL, double ofA, double ofMu) {}

  static Optional<Node> rewrite(Expressions e, Node n) {
    Linear sum = e.linear(n);
    for (Map.Entry<Node, Double> entry : sum.terms().entrySet()) {
      if (e.is(entry.getKey(), "log_rising")) {
        Optional<Node> found = around(e, n, sum, entry.getKey(), -entry.getValue());
        if (found.isPresent()) {
          return found;
        }
      }
    }
    return Optional.empty();
  }

  private static Optional<Node> around(Expressions e, Node n, Linear sum, Node rising, double k) {
    Node a = e.operand(rising, 0);
    Node count = e.operand(rising, 1);
    // ln mu is known once a logarithm of both is found.
    for (Node term : sum.terms().keySet()) {
      for (Node factor : factors(e, term)) {
        Optional<Node> eta = logMean(e, factor, a);
        if (eta.isPresent()) {
          Optional<Node> found = match(e, n, sum, rising, k, a, count, eta.get());
          if (found.isPresent()) {
            return found;
          }
        }
      }
    }
    return Optional.empty();
  }

  private static List<Node> factors(Expressions e, Node term) {
    List<Node> factors = new ArrayList<>();
    if (e.is(term, "multiply") || e.is(term, "divide")) {
      factors.addAll(factors(e, e.operand(term, 0)));
      if (e.is(term, "multiply")) {
        factors.addAll(factors(e, e.operand(term, 1)));
      }
    } else {
      factors.add(term);
      if (e.is(term, "log1p_ratio")) {
        return factors;
      }
    }
    return factors;
  }

  /** ln a as a sum, with the signs of products taken apart. */
  private static Linear logOfA(Expressions e, Node a) {
    return logarithm(e, e.product(a));
  }

  private static Linear logarithm(Expressions e, Product product) {
    Linear result = new Linear();
    product.powers().forEach((factor, power) -> result.add(e.linear(e.call("log", factor)), power));
    return result;
  }

  /** The sum that a log_sigmoid, softplus or log1p is the function of, in terms of ln mu - ln a. */
  private static Optional<Linear> inside(Expressions e, Node factor) {
    return switch (e.function(factor)) {
      case "log_sigmoid", "softplus" -> Optional.of(expanded(e, e.operand(factor, 0)));
      case "log1p" -> positiveLogarithm(e, e.operand(factor, 0));
      case "log1p_ratio" ->
          positiveLogarithm(
              e,
              e.build(
                  e.product(e.operand(factor, 0)).times(e.product(e.operand(factor, 1)), 1),
                  factor.shape()));
      default -> Optional.empty();
    };
  }

  private static Optional<Linear> positiveLogarithm(Expressions e, Node node) {
    Product product = e.product(node);
    return product.coefficient() == 1 ? Optional.of(logarithm(e, product)) : Optional.empty();
  }

  /** A sum in which logarithms of products are sums, too. */
  private static Linear expanded(Expressions e, Node node) {
    Linear result = new Linear();
    e.linear(node)
        .terms()
        .forEach(
            (term, c) -> {
              if (e.is(term, "log")) {
                result.add(logarithm(e, e.product(e.operand(term, 0))), c);
              } else {
                result.add(term, c);
              }
            });
    return result;
  }

  private static Optional<Node> logMean(Expressions e, Node factor, Node a) {
    Optional<Linear> inside = inside(e, factor);
    if (inside.isEmpty()) {
      return Optional.empty();
    }
    Linear logA = logOfA(e, a);
    // w = +-(ln mu - ln a); the sign is that for which ln a goes.
    for (int sign : new int[] {1, -1}) {
      Linear mean = new Linear();
      mean.add(inside.get(), sign);
      mean.add(logA, 1);
      boolean gone = logA.terms().keySet().stream().allMatch(t -> mean.coefficient(t) == 0);
      if (gone && mean.size() > 0) {
        return Optional.of(e.build(mean, factor.shape()));
      }
    }
    return Optional.empty();
  }

  private static Optional<Node> match(
      Expressions e, Node n, Linear sum, Node rising, double k, Node a, Node count, Node eta) {
    Linear logA = logOfA(e, a);
    Linear mean = e.linear(eta);
    Linear ratio = Linear.difference(mean, logA);
    // What each of L, ln a, ln mu is multiplied with, over the terms that are used.
    Linear[] totals = {new Linear(), new Linear(), new Linear()};
    List<Node> used = new ArrayList<>(List.of(rising));
    boolean dispersed = false;
    for (Map.Entry<Node, Double> entry : sum.terms().entrySet()) {
      Node term = entry.getKey();
      if (term == rising) {
        continue;
      }
      Map<Node, Basis> parts = parts(e, term, ratio, logA, mean);
      if (parts.isEmpty()) {
        continue;
      }
      used.add(term);
      for (Map.Entry<Node, Basis> part : parts.entrySet()) {
        Linear coefficient = e.linear(part.getKey());
        Basis basis = part.getValue();
        double c = entry.getValue();
        totals[0].add(coefficient, c * basis.ofL());
        totals[1].add(coefficient, c * basis.ofA());
        totals[2].add(coefficient, c * basis.ofMu());
        dispersed |= basis.ofL() != 0;
      }
    }
    Linear[] wanted = {new Linear(), new Linear(), new Linear()};
    wanted[0].add(e.linear(a), k);
    wanted[0].add(e.linear(count), k);
    wanted[1].add(e.linear(count), k);
    wanted[2].add(e.linear(count), -k);
    for (int b = 0; b < 3; b++) {
      if (!Linear.difference(totals[b], wanted[b]).isZero()) {
        return Optional.empty();
      }
    }
    if (!dispersed) {
      return Optional.empty();
    }
    Linear result = new Linear();
    result.add(sum, 1);
    used.forEach(term -> result.add(term, -sum.coefficient(term)));
    result.add(e.call("negative_binomial", eta, count, e.reciprocal(a)), k);
    return Optional.of(e.build(result, n.shape()));
  }

  /** A term as coefficients of multiples of L, ln a and ln mu; empty if it is none. */
  private static Map<Node, Basis> parts(
      Expressions e, Node term, Linear ratio, Linear logA, Linear mean) {
    Map<Node, Basis> parts = new LinkedHashMap<>();
    for (Node factor : factors(e, term)) {
      Optional<Basis> basis = basis(e, factor, ratio, logA, mean);
      if (basis.isPresent()) {
        Product rest = e.product(term).times(e.product(factor), -1);
        if (e.is(factor, "log1p_ratio")) {
          // log1p(k u) / k
          rest = rest.times(e.product(e.operand(factor, 1)), -1);
        }
        parts.put(e.build(rest, term.shape()), basis.get());
        return parts;
      }
    }
    return parts;
  }

  private static Optional<Basis> basis(
      Expressions e, Node factor, Linear ratio, Linear logA, Linear mean) {
    Optional<Linear> inside = inside(e, factor);
    if (inside.isPresent()) {
      boolean up = Linear.difference(inside.get(), ratio).isZero();
      Linear opposite = new Linear();
      opposite.add(inside.get(), 1);
      opposite.add(ratio, 1);
      if (!up && !opposite.isZero()) {
        return Optional.empty();
      }
      return Optional.of(
          switch (e.function(factor)) {
            // ln sigmoid(w) = w - L with w = ln mu - ln a, and ln sigmoid(-w) = -L
            case "log_sigmoid" -> up ? new Basis(-1, -1, 1) : new Basis(-1, 0, 0);
            default -> up ? new Basis(1, 0, 0) : new Basis(1, 1, -1);
          });
    }
    if (e.is(factor, "log")) {
      Linear logarithm = logarithm(e, e.product(e.operand(factor, 0)));
      if (e.product(e.operand(factor, 0)).coefficient() == 1) {
        if (Linear.difference(logarithm, logA).isZero()) {
          return Optional.of(new Basis(0, 1, 0));
        }
        Linear negated = new Linear();
        negated.add(logarithm, 1);
        negated.add(logA, 1);
        if (negated.isZero()) {
          return Optional.of(new Basis(0, -1, 0));
        }
        if (Linear.difference(logarithm, ratio).isZero()) {
          return Optional.of(new Basis(0, -1, 1));
        }
      }
    }
    Linear own = e.linear(factor);
    return Linear.difference(own, mean).isZero()
        ? Optional.of(new Basis(0, 0, 1))
        : Optional.empty();
  }
}
