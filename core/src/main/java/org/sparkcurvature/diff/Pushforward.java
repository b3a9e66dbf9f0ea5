package org.sparkcurvature.diff;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.sparkcurvature.graph.Node;
import org.sparkcurvature.ops.Algebra;
import org.sparkcurvature.ops.Differentiable;

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
    // Stops at nodes whose tangents are known: callers ask for one node of a long chain after the
    // other, and each would otherwise go back to the beginning.
    Set<Node> unknown = new HashSet<>();
    List<Node> stack = new ArrayList<>(List.of(node));
    while (!stack.isEmpty()) {
      Node next = stack.remove(stack.size() - 1);
      if (!tangents.containsKey(next) && unknown.add(next)) {
        stack.addAll(next.operands());
      }
    }
    unknown.stream()
        .sorted(Comparator.comparingInt(Node::id))
        .forEach(next -> tangents.put(next, push(next)));
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
