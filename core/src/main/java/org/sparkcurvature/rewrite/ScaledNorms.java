package org.sparkcurvature.rewrite;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.sparkcurvature.graph.Graph;
import org.sparkcurvature.graph.Leaf;
import org.sparkcurvature.graph.Model;
import org.sparkcurvature.graph.Node;
import org.sparkcurvature.ops.Algebra;
import org.sparkcurvature.ops.Apply;
import org.sparkcurvature.ops.Einsum;
import org.sparkcurvature.ops.Structural;

/**
 * Computes roots of sums of squares without overflow or underflow of the squares: {@code norm2(x)}
 * becomes {@code m * norm2(x / m)} with a power of two m near the largest element, as hypot does.
 * The norm is homogeneous, so that m has no part in the derivatives. Near 1 the scale is 1; see the
 * row {@code norm_scale} of {@link org.sparkcurvature.ops.Elementwise}. Norms of the elements of a
 * tensor are scaled where they are computed, see {@link org.sparkcurvature.ops.Norm2}; here are
 * sums of squares of other forms.
 *
 * <p>Comes after the patterns, which look for norms as they are written.
 */
public final class ScaledNorms {
  /** How far below a root its squares are looked for. */
  private static final int DEEPEST = 16;

  private final Set<Node> pinned = new HashSet<>();
  private final Graph graph = new Graph();
  private final Algebra algebra = new Algebra(graph);
  private final Map<Node, Node> rebuilt = new HashMap<>();

  private ScaledNorms() {}

  /**
   * The model with its norms scaled; the same object where it has none.
   *
   * @param kept names of nodes with respect to which the loss is differentiated: what uses them
   *     goes on using them
   */
  public static Model in(Model model, Set<String> kept) {
    return model.graph().nodes().stream().anyMatch(ScaledNorms::isRoot)
        ? new ScaledNorms().rebuild(model, kept)
        : model;
  }

  private static boolean isRoot(Node node) {
    return node.op() instanceof Apply apply
        && apply.function().equals("norm_root")
        && apply.partial().isEmpty();
  }

  private Model rebuild(Model model, Set<String> kept) {
    Map<String, Node> inputs = new LinkedHashMap<>();
    Map<String, Node> parameters = new LinkedHashMap<>();
    Map<String, Node> definitions = new LinkedHashMap<>();
    Set<Node> names = new HashSet<>();
    kept.forEach(name -> names.add(model.named(name)));
    for (Node node : model.graph().nodes()) {
      Node copy = graph.add(node.op(), node.operands().stream().map(rebuilt::get).toList());
      rebuilt.put(node, isRoot(copy) ? scaled(copy) : copy);
      if (names.contains(node) && !(node.op() instanceof Leaf)) {
        pinned.add(rebuilt.get(node));
      }
    }
    model.inputs().forEach((name, node) -> inputs.put(name, rebuilt.get(node)));
    model.parameters().forEach((name, node) -> parameters.put(name, rebuilt.get(node)));
    model.definitions().forEach((name, node) -> definitions.put(name, rebuilt.get(node)));
    return new Model(graph, inputs, parameters, definitions, rebuilt.get(model.loss()));
  }

  /** The root with its scale, or as it is where the squares are not in reach. */
  private Node scaled(Node root) {
    Node squares = root.operand(0);
    return magnitude(squares, DEEPEST)
        .map(
            largest -> {
              Node scale =
                  graph.add(
                      new Structural.StopGradient(), graph.add(new Apply("norm_scale"), largest));
              Node sum = divided(squares, scale);
              return algebra.multiply(scale, graph.add(root.op(), sum));
            })
        .orElse(root);
  }

  /** The number that a node squares; empty where it is no square. */
  private static Optional<Node> base(Node node) {
    if (!(node.op() instanceof Apply apply) || !apply.partial().isEmpty()) {
      return Optional.empty();
    }
    boolean square =
        switch (apply.function()) {
          case "square" -> true;
          case "multiply" -> node.operand(0) == node.operand(1);
          case "pow" -> constant(node.operand(1)) == 2;
          default -> false;
        };
    return square ? Optional.of(node.operand(0)) : Optional.empty();
  }

  /** A constant, repeated or not; NaN for anything else. */
  private static double constant(Node node) {
    return node.op() instanceof Leaf.Fill fill ? fill.value() : Double.NaN;
  }

  private static boolean isApply(Node node, String function) {
    return node.op() instanceof Apply apply
        && apply.partial().isEmpty()
        && apply.function().equals(function);
  }

  /** Which operand of a product or quotient with a positive constant is the other factor; or -1. */
  private static int otherFactor(Node node) {
    if (isApply(node, "multiply") && constant(node.operand(0)) > 0) {
      return 1;
    }
    boolean constant = isApply(node, "multiply") || isApply(node, "divide");
    return constant && constant(node.operand(1)) > 0 ? 0 : -1;
  }

  /** Whether a node is a sum, of one operand or of the product of one with itself. */
  private static boolean isSum(Einsum contract, Node node) {
    boolean itself =
        contract.in().size() == 2
            && node.operand(0) == node.operand(1)
            && contract.in().get(0).equals(contract.in().get(1));
    return (contract.in().size() == 1 || itself)
        && contract.coefficient() > 0
        && !contract.overSamples()
        && contract.in().get(0).stream().distinct().count() == contract.in().get(0).size()
        && contract.in().get(0).containsAll(contract.out())
        && contract
            .out()
            .equals(contract.in().get(0).stream().filter(contract.out()::contains).toList());
  }

  /**
   * The largest absolute value among the numbers whose squares a sum adds up, of the sum's shape;
   * empty where the node is no sum of squares.
   */
  private Optional<Node> magnitude(Node node, int depth) {
    if (depth == 0 || pinned.contains(node)) {
      return Optional.empty();
    }
    Optional<Node> base = base(node);
    if (base.isPresent()) {
      return base.map(u -> algebra.apply("abs", u));
    }
    if (node.op() instanceof Structural.Reshape reshape) {
      return magnitude(node.operand(0), depth - 1).map(u -> algebra.reshape(u, reshape.shape()));
    }
    if (node.op() instanceof Einsum contract) {
      if (!isSum(contract, node)) {
        return Optional.empty();
      }
      Optional<Node> within =
          contract.in().size() == 2
              ? Optional.of(algebra.apply("abs", node.operand(0)))
              : magnitude(node.operand(0), depth - 1);
      return within.map(u -> largest(u, contract));
    }
    if (isApply(node, "add")) {
      return magnitude(node.operand(0), depth - 1)
          .flatMap(
              a -> magnitude(node.operand(1), depth - 1).map(b -> algebra.apply("greatest", a, b)));
    }
    int other = otherFactor(node);
    return other < 0 ? Optional.empty() : magnitude(node.operand(other), depth - 1);
  }

  /** The largest along the axes that are summed. */
  private Node largest(Node node, Einsum contract) {
    Node result = node;
    List<Integer> labels = contract.in().get(0);
    for (int axis = labels.size() - 1; axis >= 0; axis--) {
      if (!contract.out().contains(labels.get(axis))) {
        result = graph.add(new Structural.Maximum(axis), result);
      }
    }
    return result;
  }

  /** The sum of the squares of what a sum squares, divided by {@code scale} of the sum's shape. */
  private Node divided(Node node, Node scale) {
    Optional<Node> base = base(node);
    if (base.isPresent()) {
      return algebra.apply("square", algebra.apply("divide", base.get(), scale));
    }
    if (node.op() instanceof Structural.Reshape reshape) {
      Node before = algebra.reshape(scale, node.operand(0).shape());
      return algebra.reshape(divided(node.operand(0), before), reshape.shape());
    }
    if (node.op() instanceof Einsum contract) {
      Node operand = node.operand(0);
      List<Integer> labels = contract.in().get(0);
      Node repeated =
          algebra.contract(List.of(scale), List.of(contract.out()), labels, operand.shape(), 1);
      Node part =
          contract.in().size() == 2
              ? algebra.apply("divide", operand, repeated)
              : divided(operand, repeated);
      List<Node> parts = new ArrayList<>(List.of(part));
      if (contract.in().size() == 2) {
        parts.add(part);
      }
      return graph.add(contract, parts);
    }
    if (isApply(node, "add")) {
      return algebra.add(divided(node.operand(0), scale), divided(node.operand(1), scale));
    }
    List<Node> operands = new ArrayList<>(node.operands());
    int other = otherFactor(node);
    operands.set(other, divided(operands.get(other), scale));
    return graph.add(node.op(), operands);
  }
}
