package org.sparkcurvature.diff;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.sparkcurvature.graph.Graph;
import org.sparkcurvature.graph.Model;
import org.sparkcurvature.graph.Node;
import org.sparkcurvature.graph.Shape;
import org.sparkcurvature.ops.Algebra;
import org.sparkcurvature.ops.Apply;
import org.sparkcurvature.ops.Einsum;
import org.sparkcurvature.ops.Labels;
import org.sparkcurvature.ops.Lines;
import org.sparkcurvature.ops.Structural;

/**
 * Which elements of which node count, sample by sample: those on which the result depends through
 * branches that are taken. A mask is a node of the new graph, not zero where an element counts: a
 * scalar where all elements count or none does, otherwise of the node's shape.
 *
 * <p>Masks are made of conditions in a copy of their own, in which nothing is guarded. That breaks
 * the cycle between a condition and the guards of what it is computed from, and it is safe: no
 * derivative passes through a condition, and where a condition is NaN because its own branch is not
 * taken, the mask of that branch is zero whatever the condition says.
 *
 * <p>The work is linear in the number of nodes: the masks of a node's operands are each one step
 * away from its own.
 */
final class BranchMasks {
  private static final Set<String> LOGICAL =
      Set.of(
          "equal",
          "not_equal",
          "less",
          "less_equal",
          "greater",
          "greater_equal",
          "and",
          "or",
          "not");

  private final Graph graph;
  private final Algebra algebra;
  private final Map<Node, Node> conditions = new HashMap<>();

  /** The mask of each node that is reached; empty where it always counts. */
  private final Map<Node, Optional<Node>> masks = new HashMap<>();

  /**
   * @param model where the result is computed
   * @param graph where masks are built
   * @param root the result
   */
  BranchMasks(Model model, Graph graph, Node root) {
    this.graph = graph;
    this.algebra = new Algebra(graph);
    BitSet reachable = Model.reachable(List.of(root));
    List<Node> nodes = model.graph().nodes().subList(0, root.id() + 1);
    List<Node> asked =
        nodes.stream()
            .filter(node -> reachable.get(node.id()) && isBranch(node))
            .map(node -> node.operand(0))
            .toList();
    BitSet inConditions = Model.reachable(asked);
    for (Node node : nodes) {
      if (inConditions.get(node.id())) {
        List<Node> operands = node.operands().stream().map(conditions::get).toList();
        conditions.put(node, graph.add(node.op(), operands));
      }
    }
    masks.put(root, Optional.empty());
    for (int id = root.id(); id >= 0; id--) {
      if (reachable.get(id)) {
        Node node = nodes.get(id);
        for (int k = 0; k < node.operands().size(); k++) {
          masks.merge(node.operand(k), ofOperand(node, k), this::either);
        }
      }
    }
  }

  static boolean isBranch(Node node) {
    return node.op() instanceof Apply apply && apply.function().equals("where");
  }

  /** The unguarded copy of the condition of a branch; empty for one that the result has not. */
  Optional<Node> condition(Node branch) {
    return Optional.ofNullable(conditions.get(branch.operand(0)));
  }

  /** Which elements of {@code node} count; empty where all always do. */
  Optional<Node> of(Node node) {
    return masks.getOrDefault(node, Optional.empty());
  }

  /** Which elements of operand {@code k} count for {@code node}; empty where all always do. */
  Optional<Node> ofOperand(Node node, int k) {
    Optional<Node> own = of(node);
    if (isBranch(node) && k > 0) {
      Node taken = truth(unrepeated(node.operand(0)));
      Node side = k == 1 ? taken : graph.add(new Apply("not"), taken);
      return Optional.of(own.isEmpty() ? side : both(own.get(), side));
    }
    return own.map(mask -> mask.shape().isScalar() ? mask : pulled(node, k, mask));
  }

  /** A repeated scalar condition is a scalar condition. */
  private static Node unrepeated(Node condition) {
    return condition.op() instanceof Einsum contract && contract.in().equals(List.of(List.of()))
        ? condition.operand(0)
        : condition;
  }

  /** The copy of a condition as a mask: a number counts as true unless it is zero. */
  private Node truth(Node condition) {
    Node copy = conditions.get(condition);
    boolean logical =
        copy.op() instanceof Apply apply
            && apply.partial().isEmpty()
            && LOGICAL.contains(apply.function());
    return logical
        ? copy
        : graph.add(new Apply("not_equal"), copy, graph.fill(0, condition.shape()));
  }

  /**
   * The elements of an operand on which elements of the result depend: the transposed pattern of
   * the operation, whatever its numbers are.
   *
   * @param mask which elements of the result count, of the node's shape, and not a scalar
   */
  private Node pulled(Node node, int k, Node mask) {
    Shape shape = node.operand(k).shape();
    if (node.op() instanceof Apply) {
      return mask;
    }
    if (shape.isScalar()) {
      return any(mask);
    }
    if (node.op() instanceof Einsum contract) {
      return algebra.contract(
          List.of(mask), List.of(contract.out()), contract.in().get(k), shape, 1);
    }
    if (node.op() instanceof Lines lines) {
      return lines.reached(algebra, node, mask);
    }
    // The index is left out of the pattern: any element along its axis may be the one.
    if (node.op() instanceof Structural.Gather gather) {
      if (k == 1) {
        return algebra.contract(
            List.of(mask),
            List.of(Labels.range(0, mask.shape().rank())),
            List.of(gather.axis()),
            shape,
            1);
      }
      boolean several = node.operand(1).shape().rank() == 1;
      return algebra.along(several ? algebra.sum(mask, gather.axis()) : mask, gather.axis(), shape);
    }
    if (node.op() instanceof Structural.Maximum maximum) {
      return algebra.along(mask, maximum.axis(), shape);
    }
    if (node.op() instanceof Structural.Scatter scatter) {
      if (k == 1) {
        return algebra.broadcast(any(mask), shape);
      }
      Node any = algebra.sum(mask, scatter.axis());
      return node.operand(1).shape().rank() == 1 ? algebra.along(any, scatter.axis(), shape) : any;
    }
    if (node.op() instanceof Structural.StopGradient) {
      return mask;
    }
    if (node.op() instanceof Structural structural) {
      return structural.pullback(algebra, node, k, mask, 0);
    }
    return any(mask);
  }

  /** How many elements count: not zero if any does. */
  private Node any(Node mask) {
    return mask.shape().isScalar()
        ? mask
        : algebra.contract(
            List.of(mask),
            List.of(Labels.range(0, mask.shape().rank())),
            List.of(),
            Shape.SCALAR,
            1);
  }

  private Optional<Node> either(Optional<Node> a, Optional<Node> b) {
    if (a.isEmpty() || b.isEmpty() || areComplements(a.get(), b.get())) {
      return Optional.empty();
    }
    return Optional.of(either(a.get(), b.get()));
  }

  /** Leaves out what says nothing new, above all where both branches use the same node. */
  private Node either(Node a, Node b) {
    if (a == b || isPartOf(b, a)) {
      return a;
    }
    if (isPartOf(a, b)) {
      return b;
    }
    if (isBoth(a) && isBoth(b) && a.operand(0) == b.operand(0)) {
      Node common = a.operand(0);
      if (areComplements(a.operand(1), b.operand(1))) {
        return common;
      }
    }
    return joined("or", a, b);
  }

  private Node both(Node a, Node b) {
    return a == b ? a : joined("and", a, b);
  }

  private Node joined(String function, Node a, Node b) {
    Shape shape = a.shape().isScalar() ? b.shape() : a.shape();
    return graph.add(new Apply(function), fitted(a, shape), fitted(b, shape));
  }

  /** A mask, repeated over a shape where it is a scalar. */
  Node fitted(Node mask, Shape shape) {
    return mask.shape().equals(shape) ? mask : algebra.broadcast(mask, shape);
  }

  private static boolean isBoth(Node mask) {
    return mask.op().equals(new Apply("and"));
  }

  private static boolean isPartOf(Node part, Node whole) {
    return isBoth(part) && part.operands().contains(whole);
  }

  private static boolean areComplements(Node a, Node b) {
    Apply not = new Apply("not");
    return a.op().equals(not) && a.operand(0) == b || b.op().equals(not) && b.operand(0) == a;
  }

  /**
   * Nodes that only decide between branches: where they are not finite, nothing that is wanted need
   * be.
   *
   * @param wanted the results
   */
  static BitSet onlyInConditions(List<Node> wanted) {
    BitSet counting = new BitSet();
    List<Node> deciding = new ArrayList<>();
    List<Node> stack = new ArrayList<>(wanted);
    while (!stack.isEmpty()) {
      Node node = stack.remove(stack.size() - 1);
      if (!counting.get(node.id())) {
        counting.set(node.id());
        boolean logical = node.op() instanceof Apply a && LOGICAL.contains(a.function());
        for (int k = 0; k < node.operands().size(); k++) {
          (logical || isBranch(node) && k == 0 ? deciding : stack).add(node.operand(k));
        }
      }
    }
    BitSet only = Model.reachable(deciding);
    only.andNot(counting);
    return only;
  }
}
