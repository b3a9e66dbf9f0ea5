package org.sparkcurvature.plan.lower;

import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.sparkcurvature.graph.Graph;
import org.sparkcurvature.graph.Leaf;
import org.sparkcurvature.graph.Node;
import org.sparkcurvature.ops.Apply;
import org.sparkcurvature.ops.Einsum;
import org.sparkcurvature.ops.Labels;
import org.sparkcurvature.ops.Structural;

/**
 * Which nodes of a graph must be computed, how often each is read, and which are computed together
 * or only in part.
 */
final class NodeUses {
  private final Graph graph;
  private final BitSet needed;
  private final int[] uses;
  private final Set<Node> symmetric = new HashSet<>();
  private final Set<Node> deferred;
  private final Fusion fusion;

  NodeUses(Graph graph, List<Node> results, Set<Node> symmetric) {
    this.graph = graph;
    this.needed = needed(graph, results);
    this.uses = uses(graph, needed, results);
    symmetric.forEach(node -> this.symmetric.add(base(node)));
    this.deferred = findDeferred();
    this.fusion = findFusion();
  }

  /** The nodes that are lowered for themselves, in order. */
  List<Node> lowered() {
    return graph.nodes().stream()
        .filter(
            node ->
                needed.get(node.id()) && !deferred.contains(base(node)) && !fusion.isTaken(node))
        .toList();
  }

  /** The contractions that are computed together with this one. */
  Fusion.Fused fused(Node node) {
    return fusion.of(node);
  }

  /** Nodes that are symmetric matrices for every sample. */
  Set<Node> symmetric() {
    return symmetric;
  }

  /** Whether one node alone reads it, under whatever shape. */
  boolean isReadOnce(Node node) {
    return uses[base(node).id()] == 1;
  }

  /**
   * Nodes that must be computed; a scalar that an elementwise function repeats is not written out.
   */
  private static BitSet needed(Graph graph, List<Node> results) {
    BitSet needed = new BitSet();
    results.forEach(node -> needed.set(node.id()));
    for (int id = graph.nodes().size() - 1; id >= 0; id--) {
      Node node = graph.nodes().get(id);
      if (needed.get(id)) {
        for (Node operand : Lookups.operands(node)) {
          if (!(node.op() instanceof Apply && operand.op() instanceof Leaf.Fill)) {
            needed.set(read(node, operand).id());
          }
        }
      }
    }
    return needed;
  }

  /**
   * Contractions of which only the upper triangle is used: they are computed when that is asked
   * for.
   */
  private Set<Node> findDeferred() {
    Set<Node> deferred = new HashSet<>();
    for (Node node : graph.nodes()) {
      if (needed.get(node.id()) && node.op() instanceof Structural.UpperTriangle) {
        Node whole = base(node.operand(0));
        if ((whole.op() instanceof Einsum || isSpreadOfLookups(whole)) && uses[whole.id()] == 1) {
          deferred.add(whole);
        }
      }
      if (needed.get(node.id()) && isSpreadOfLookups(node) && uses[node.operand(0).id()] == 1) {
        deferred.add(node.operand(0));
      }
    }
    return deferred;
  }

  /** Whether this puts the axes of what is placed by index in another order, or on a diagonal. */
  private static boolean isSpreadOfLookups(Node node) {
    return node.op() instanceof Structural.PermuteOrDiagonal
        && Lookups.of(node.operand(0)).isPresent();
  }

  /** What contractions are computed together. */
  private Fusion findFusion() {
    List<Node> nodes =
        graph.nodes().stream()
            .filter(node -> needed.get(node.id()) && !deferred.contains(node))
            .filter(node -> Lookups.of(node).isEmpty())
            .toList();
    return new Fusion(nodes, node -> uses[node.id()] == 1 && !symmetric.contains(node));
  }

  /**
   * How often the contents of each node are read, be it under another shape; a result counts as
   * read twice, so that it is kept.
   */
  private static int[] uses(Graph graph, BitSet needed, List<Node> results) {
    int[] uses = new int[graph.nodes().size()];
    for (Node node : graph.nodes()) {
      if (needed.get(node.id()) && !isView(node)) {
        Lookups.operands(node).forEach(operand -> uses[base(read(node, operand)).id()]++);
      }
    }
    results.forEach(node -> uses[base(node).id()] += 2);
    return uses;
  }

  /**
   * The node whose buffer is read for an operand: elementwise functions read a repeated scalar
   * itself.
   */
  static Node read(Node user, Node operand) {
    return user.op() instanceof Apply && isRepeatedScalar(operand) ? operand.operand(0) : operand;
  }

  /**
   * Whether the count of uses includes this one: where the scalar is read instead, the one use that
   * is counted is another node's.
   */
  static boolean isReadItself(Node user, Node operand) {
    return read(user, operand) == operand;
  }

  private static boolean isRepeatedScalar(Node node) {
    return node.op() instanceof Einsum contract
        && contract.in().equals(List.of(List.of()))
        && !contract.overSamples()
        && contract.coefficient() == 1
        && Labels.range(0, contract.out().size()).equals(contract.out());
  }

  /** The node whose buffer a reshaped node shares. */
  static Node base(Node node) {
    return isView(node) ? base(node.operand(0)) : node;
  }

  static boolean isView(Node node) {
    return node.op() instanceof Structural.Reshape || node.op() instanceof Structural.StopGradient;
  }
}
