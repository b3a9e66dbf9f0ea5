package org.sparkcurvature.rewrite;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;
import org.sparkcurvature.graph.Graph;
import org.sparkcurvature.graph.Leaf;
import org.sparkcurvature.graph.Node;
import org.sparkcurvature.graph.Shape;
import org.sparkcurvature.ops.Algebra;
import org.sparkcurvature.ops.Apply;
import org.sparkcurvature.ops.Einsum;
import org.sparkcurvature.ops.Norm2;
import org.sparkcurvature.ops.Structural;

/**
 * Takes expressions apart and builds them. A repeated scalar is looked through: the function of a
 * repeated scalar and the repeated function of the scalar are the same expression. What is built is
 * rewritten in turn.
 */
final class Expressions {
  /** Longer sums and products are taken apart no further, so that the pass stays linear. */
  private static final int LONGEST = 64;

  /** How far below a node a property of its sign is looked for. */
  private static final int DEEPEST = 8;

  /** Functions that are above 0 whatever their operand. */
  private static final Set<String> POSITIVE =
      Set.of("exp", "sigmoid", "softplus", "normal_cdf", "erfc", "cosh");

  private final Graph graph;
  private final Algebra algebra;
  private final Rewriter rewriter;
  private final Set<Node> opaque;
  private final Map<Node, Boolean> ofSquares = new HashMap<>();
  private final Map<Node, Boolean> ofParameters = new HashMap<>();

  Expressions(Graph graph, Rewriter rewriter, Set<Node> opaque) {
    this.graph = graph;
    this.algebra = new Algebra(graph);
    this.rewriter = rewriter;
    this.opaque = opaque;
  }

  /** The scalar that a node repeats, or the node itself. */
  Node scalar(Node node) {
    return isRepeated(node) ? node.operand(0) : node;
  }

  private boolean isRepeated(Node node) {
    return node.op() instanceof Einsum contract
        && contract.in().equals(List.of(List.of()))
        && contract.coefficient() == 1
        && !contract.overSamples()
        && !opaque.contains(node);
  }

  /** The name of the function whose value a node is; empty where it may not be looked into. */
  String function(Node node) {
    Node inner = scalar(node);
    return inner.op() instanceof Apply apply && apply.partial().isEmpty() && !opaque.contains(inner)
        ? apply.function()
        : "";
  }

  /** Whether this is the sum or the difference of two nodes. */
  boolean isSum(Node node) {
    return is(node, "add") || is(node, "subtract");
  }

  boolean is(Node node, String function) {
    return function(node).equals(function);
  }

  /** An operand of an elementwise function, in the shape of the node. */
  Node operand(Node node, int k) {
    return shaped(scalar(node).operand(k), node.shape());
  }

  Node shaped(Node node, Shape shape) {
    if (node.shape().equals(shape)) {
      return node;
    }
    return node.op() instanceof Leaf.Fill fill
        ? graph.fill(fill.value(), shape)
        : algebra.broadcast(node, shape);
  }

  OptionalDouble constant(Node node) {
    return scalar(node).op() instanceof Leaf.Fill fill
        ? OptionalDouble.of(fill.value())
        : OptionalDouble.empty();
  }

  boolean isConstant(Node node, double value) {
    OptionalDouble constant = constant(node);
    return constant.isPresent() && constant.getAsDouble() == value;
  }

  Node fill(double value, Shape shape) {
    return graph.fill(value, shape);
  }

  Algebra algebra() {
    return algebra;
  }

  Graph graph() {
    return graph;
  }

  boolean isOpaque(Node node) {
    return opaque.contains(node);
  }

  /** An elementwise function of operands of one shape, or scalars; rewritten if a pattern fits. */
  Node call(String function, Node... operands) {
    Shape shape = Shape.SCALAR;
    for (Node operand : operands) {
      shape = operand.shape().isScalar() ? shape : operand.shape();
    }
    List<Node> shaped = new ArrayList<>();
    boolean repeated = !shape.isScalar();
    for (Node operand : operands) {
      repeated &= isRepeated(operand) || operand.op() instanceof Leaf.Fill;
    }
    for (Node operand : operands) {
      Node scalar = scalar(operand);
      shaped.add(
          !repeated
              ? shaped(operand, shape)
              : operand.op() instanceof Leaf.Fill fill
                  ? graph.fill(fill.value(), Shape.SCALAR)
                  : scalar);
    }
    if (shaped.stream().allMatch(s -> s.op() instanceof Leaf.Fill)) {
      double[] u = new double[3];
      for (int k = 0; k < shaped.size(); k++) {
        u[k] = ((Leaf.Fill) shaped.get(k).op()).value();
      }
      return graph.fill(new Apply(function).lane().at(u[0], u[1], u[2]), shape);
    }
    Node node = rewriter.normal(algebra.apply(function, shaped.toArray(Node[]::new)));
    return shaped(node, shape);
  }

  Node negate(Node node) {
    return is(node, "negate") ? operand(node, 0) : build(linear(node), -1, node.shape());
  }

  /** A node of another operation, rewritten if a pattern fits. */
  Node add(Node node) {
    return rewriter.normal(node);
  }

  /** A sum taken apart. */
  Linear linear(Node node) {
    Linear sum = new Linear();
    collect(node, 1, sum, new int[] {LONGEST});
    return sum;
  }

  private void collect(Node node, double coefficient, Linear sum, int[] left) {
    OptionalDouble constant = constant(node);
    if (constant.isPresent()) {
      if (constant.getAsDouble() != 0) {
        sum.add(fill(1, node.shape()), coefficient * constant.getAsDouble());
      }
      return;
    }
    if (left[0]-- > 0) {
      switch (function(node)) {
        case "add", "subtract" -> {
          collect(operand(node, 0), coefficient, sum, left);
          collect(operand(node, 1), is(node, "add") ? coefficient : -coefficient, sum, left);
          return;
        }
        case "negate" -> {
          collect(operand(node, 0), -coefficient, sum, left);
          return;
        }
        case "multiply" -> {
          for (int k = 0; k < 2; k++) {
            OptionalDouble factor = constant(operand(node, k));
            if (factor.isPresent()) {
              collect(operand(node, 1 - k), coefficient * factor.getAsDouble(), sum, left);
              return;
            }
          }
        }
        case "divide" -> {
          OptionalDouble divisor = constant(operand(node, 1));
          if (divisor.isPresent()) {
            collect(operand(node, 0), coefficient / divisor.getAsDouble(), sum, left);
            return;
          }
        }
        default -> {}
      }
    }
    sum.add(node, coefficient);
  }

  /** A multiple of a sum. */
  Node build(Linear sum, double factor, Shape shape) {
    Node result = null;
    // Positive terms first, so that no sum begins with a negation where it need not.
    List<Map.Entry<Node, Double>> entries = new ArrayList<>(sum.terms().entrySet());
    entries.sort((a, b) -> Boolean.compare(a.getValue() * factor < 0, b.getValue() * factor < 0));
    for (Map.Entry<Node, Double> entry : entries) {
      double coefficient = entry.getValue() * factor;
      Node term = entry.getKey();
      double size = Math.abs(coefficient);
      Node scaled =
          constant(term).isPresent()
              ? fill(size * constant(term).getAsDouble(), shape)
              : size == 1 ? term : plain("multiply", fill(size, shape), term);
      if (result == null) {
        result = coefficient > 0 ? scaled : plain("negate", scaled);
      } else {
        result = plain(coefficient > 0 ? "add" : "subtract", result, scaled);
      }
    }
    return result == null ? fill(0, shape) : result;
  }

  /** As {@link #call}, without rewriting sums, which are being rewritten. */
  private Node plain(String function, Node... operands) {
    Shape shape = Shape.SCALAR;
    for (Node operand : operands) {
      shape = operand.shape().isScalar() ? shape : operand.shape();
    }
    Node[] shaped = new Node[operands.length];
    for (int k = 0; k < shaped.length; k++) {
      shaped[k] = shaped(operands[k], shape);
    }
    if (function.equals("negate") && constant(shaped[0]).isPresent()) {
      return fill(-constant(shaped[0]).getAsDouble(), shape);
    }
    return algebra.apply(function, shaped);
  }

  Node build(Linear sum, Shape shape) {
    return build(sum, 1, shape);
  }

  /** A product taken apart. */
  Product product(Node node) {
    Product product = new Product();
    collect(node, 1, product, new int[] {LONGEST});
    return product;
  }

  private void collect(Node node, int power, Product product, int[] left) {
    OptionalDouble constant = constant(node);
    if (constant.isPresent()) {
      product.multiply(Math.pow(constant.getAsDouble(), power));
      return;
    }
    if (left[0]-- > 0) {
      switch (function(node)) {
        case "multiply", "divide" -> {
          collect(operand(node, 0), power, product, left);
          collect(operand(node, 1), is(node, "multiply") ? power : -power, product, left);
          return;
        }
        case "negate" -> {
          product.multiply(-1);
          collect(operand(node, 0), power, product, left);
          return;
        }
        case "square" -> {
          collect(operand(node, 0), 2 * power, product, left);
          return;
        }
        case "add", "subtract" -> {
          Product common = common(node);
          if (!common.powers().isEmpty()) {
            product.multiply(common, power);
            return;
          }
        }
        default -> {}
      }
    }
    product.multiply(node, power);
  }

  /** A sum as a product with what all its terms have as a factor; without factors if nothing. */
  private Product common(Node node) {
    Linear sum = linear(node);
    Map<Node, Integer> shared = null;
    Map<Node, Product> products = new LinkedHashMap<>();
    for (Node term : sum.terms().keySet()) {
      if (is(term, "add") || is(term, "subtract")) {
        return new Product();
      }
      Product product = product(term);
      products.put(term, product);
      if (shared == null) {
        shared = new LinkedHashMap<>(product.powers());
      } else {
        shared.entrySet().removeIf(e -> product.power(e.getKey()) != e.getValue());
      }
    }
    Product common = new Product();
    if (shared == null || shared.isEmpty() || sum.size() < 2) {
      return common;
    }
    shared.forEach(common::multiply);
    Linear rest = new Linear();
    products.forEach(
        (term, product) -> {
          Node reduced = build(product.times(common, -1), node.shape());
          rest.add(linear(reduced), sum.coefficient(term));
        });
    Node factor = add(build(rest, node.shape()));
    OptionalDouble constant = constant(factor);
    if (constant.isPresent()) {
      common.multiply(constant.getAsDouble());
    } else {
      common.multiply(factor, 1);
    }
    return common;
  }

  Node build(Product product, Shape shape) {
    Node above = null;
    Node below = null;
    for (Map.Entry<Node, Integer> entry : product.powers().entrySet()) {
      int power = Math.abs(entry.getValue());
      Node factor = entry.getKey();
      Node raised =
          power == 1
              ? factor
              : power == 2
                  ? call("square", factor)
                  : call("pow", factor, fill(power, factor.shape()));
      if (entry.getValue() > 0) {
        above = above == null ? raised : call("multiply", above, raised);
      } else {
        below = below == null ? raised : call("multiply", below, raised);
      }
    }
    double coefficient = product.coefficient();
    if (above == null) {
      above = fill(coefficient, shape);
    } else if (coefficient == -1) {
      above = call("negate", above);
    } else if (coefficient != 1) {
      above = call("multiply", fill(coefficient, shape), above);
    }
    return shaped(below == null ? above : call("divide", above, below), shape);
  }

  /** 1 / node, where exp(u), 1 / u and u / v have their own. */
  Node reciprocal(Node node) {
    Product product = new Product();
    product.multiply(product(node), -1);
    if (product.powers().size() == 1 && product.coefficient() == 1) {
      Map.Entry<Node, Integer> only = product.powers().entrySet().iterator().next();
      if (only.getValue() == -1 && is(only.getKey(), "exp")) {
        return call("exp", negate(operand(only.getKey(), 0)));
      }
    }
    return build(product, node.shape());
  }

  /** Whether a parameter is a part of a node. */
  boolean dependsOnParameter(Node node) {
    Boolean known = ofParameters.get(node);
    if (known == null) {
      known =
          node.op() instanceof Leaf.Parameter
              || node.operands().stream().anyMatch(this::dependsOnParameter);
      ofParameters.put(node, known);
    }
    return known;
  }

  /** Whether a node is above 0 whatever its inputs, as far as can be seen. */
  boolean isPositive(Node node) {
    return isPositive(node, DEEPEST);
  }

  private boolean isPositive(Node node, int depth) {
    OptionalDouble constant = constant(node);
    if (constant.isPresent()) {
      return constant.getAsDouble() > 0;
    }
    if (depth == 0) {
      return false;
    }
    return switch (function(node)) {
      case "add", "multiply", "divide" ->
          isPositive(operand(node, 0), depth - 1) && isPositive(operand(node, 1), depth - 1)
              || is(node, "add")
                  && (isPositive(operand(node, 0), depth - 1) && isOfSquares(operand(node, 1))
                      || isPositive(operand(node, 1), depth - 1) && isOfSquares(operand(node, 0)));
      default -> POSITIVE.contains(function(node));
    };
  }

  /** Whether a node is a norm2, or the root of a sum of squares that is flat at 0 as that is. */
  boolean isNorm(Node node) {
    Node inner = scalar(node);
    return !opaque.contains(inner) && inner.op() instanceof Norm2 || is(node, "norm_root");
  }

  /** The sum of squares of which a norm is the root. */
  Node squaredNorm(Node node) {
    Node inner = scalar(node);
    if (!(inner.op() instanceof Norm2 norm)) {
      return operand(node, 0);
    }
    Node squares = call("square", inner.operand(0));
    return shaped(add(algebra.sum(squares, norm.axis())), node.shape());
  }

  /** The root of a sum of squares, as norm2 where it is that of a tensor's elements. */
  Node norm(Node squares) {
    Product product = product(squares);
    if (product.powers().size() == 1
        && product.coefficient() > 0
        && product.coefficient() != 1
        && product.powers().containsValue(1)) {
      Node root = norm(product.powers().keySet().iterator().next());
      return call("multiply", fill(Math.sqrt(product.coefficient()), squares.shape()), root);
    }
    Node sum = scalar(squares);
    if (sum.op() instanceof Einsum contract
        && contract.coefficient() == 1
        && !contract.overSamples()) {
      List<Integer> labels = contract.in().get(0);
      Node x =
          contract.in().size() == 2
              ? sum.operand(0)
              : is(sum.operand(0), "square") ? operand(sum.operand(0), 0) : null;
      List<Integer> summed = new ArrayList<>(labels);
      summed.removeAll(contract.out());
      if (x != null && contract.out().isEmpty()) {
        Node vector = algebra.reshape(x, Shape.of(x.shape().size()));
        return shaped(graph.add(new Norm2(0), vector), squares.shape());
      }
      if (x != null && summed.size() == 1) {
        List<Integer> others = new ArrayList<>(labels);
        others.removeAll(summed);
        if (others.equals(contract.out())) {
          return shaped(graph.add(new Norm2(labels.indexOf(summed.get(0))), x), squares.shape());
        }
      }
    }
    List<Node> parts = new ArrayList<>();
    linear(squares)
        .terms()
        .forEach(
            (term, coefficient) -> {
              if (squares.shape().isScalar() && is(term, "square") && coefficient > 0) {
                Node factor = fill(Math.sqrt(coefficient), Shape.SCALAR);
                Node part = call("multiply", factor, operand(term, 0));
                parts.add(algebra.reshape(part, Shape.of(1)));
              }
            });
    return parts.size() > 1 && parts.size() == linear(squares).size()
        ? graph.add(new Norm2(0), graph.add(new Structural.Concat(0), parts))
        : call("norm_root", squares);
  }

  /** Whether a node is a sum of squares, or a positive multiple of one. */
  boolean isOfSquares(Node node) {
    Boolean known = ofSquares.get(node);
    if (known == null) {
      known = isOfSquares(node, DEEPEST);
      ofSquares.put(node, known);
    }
    return known;
  }

  private boolean isOfSquares(Node node, int depth) {
    if (depth == 0) {
      return false;
    }
    if (node.op() instanceof Structural.Reshape) {
      return isOfSquares(node.operand(0), depth - 1);
    }
    if (node.op() instanceof Einsum contract && !opaque.contains(node) && !isRepeated(node)) {
      return contract.coefficient() > 0
          && (contract.in().size() == 1
              ? isOfSquares(node.operand(0), depth - 1)
              : contract.in().size() == 2
                  && node.operand(0) == node.operand(1)
                  && contract.in().get(0).equals(contract.in().get(1)));
    }
    return switch (function(node)) {
      case "square" -> true;
      case "pow" -> isConstant(operand(node, 1), 2);
      case "add" ->
          isOfSquares(operand(node, 0), depth - 1) && isOfSquares(operand(node, 1), depth - 1);
      case "multiply" ->
          operand(node, 0) == operand(node, 1)
              || isOfSquaresOrPositive(operand(node, 0), depth - 1)
                  && isOfSquaresOrPositive(operand(node, 1), depth - 1);
      case "divide" ->
          isOfSquares(operand(node, 0), depth - 1)
              && isOfSquaresOrPositive(operand(node, 1), depth - 1);
      default -> false;
    };
  }

  private boolean isOfSquaresOrPositive(Node node, int depth) {
    return isPositive(node, depth) && constant(node).isPresent() || isOfSquares(node, depth);
  }
}
