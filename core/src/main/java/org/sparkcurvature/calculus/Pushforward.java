package org.sparkcurvature.calculus;

import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.sparkcurvature.graph.Model;
import org.sparkcurvature.graph.Node;
import org.sparkcurvature.rules.Algebra;
import org.sparkcurvature.rules.Differentiable;

/**
 * Directional derivatives of nodes, several directions at once, from operands to users. Of a
 * gradient they are products of the Hessian with the directions (Pearlmutter 1994): no Hessian is
 * formed.
 */
final class Pushforward {
  private final Algebra algebra;
  private final Map<Node, Optional<Node>> tangents = new HashMap<>();

  /**
   * @param directions for each leaf that moves, its directions: the leaf's shape behind the axis of
   *     the directions
   */
  Pushforward(Algebra algebra, Map<Node, Node> directions) {
    this.algebra = algebra;
    directions.forEach((leaf, direction) -> tangents.put(leaf, Optional.of(direction)));
  }

  /**
   * The directions in which a node moves, its shape behind the axis of the directions; empty if it
   * does not move.
   */
  Optional<Node> of(Node node) {
    BitSet needed = Model.reachable(List.of(node));
    for (Node next : List.copyOf(algebra.graph().nodes().subList(0, node.id() + 1))) {
      if (needed.get(next.id()) && !tangents.containsKey(next)) {
        tangents.put(next, push(next));
      }
    }
    return tangents.get(node);
  }

  private Optional<Node> push(Node node) {
    List<Optional<Node>> moved =
        node.operands().stream()
            .map(operand -> tangents.getOrDefault(operand, Optional.empty()))
            .toList();
    return moved.stream().allMatch(Optional::isEmpty)
        ? Optional.empty()
        : ((Differentiable) node.op()).pushforward(algebra, node, moved);
  }
}
