package org.sparkcurvature.diff;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
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
import org.sparkcurvature.ops.Lines;
import org.sparkcurvature.ops.MatrixFunction;
import org.sparkcurvature.ops.Structural;

/**
 * Keeps a branch that is not taken out of everything. What only a branch of {@code where} uses is
 * computed, where the branch is not taken, from arguments at which it and its derivatives are
 * finite: the zeros by which the branch is then multiplied stay zeros, and no NaN or infinity can
 * come of them. An element of an argument is replaced only where no element of the operation's
 * result that depends on it counts, see {@link BranchMasks}.
 */
public final class SafeWhere {

  /**
   * A model in which branches that are not taken are harmless.
   *
   * @param model the loss, and definitions as the loss uses them
   * @param outputs the results asked for by name, as functions of their own: what the loss makes of
   *     them in its branches plays no part
   */
  public record Guarded(Model model, Map<String, Node> outputs) {}

  private final Model model;
  private final Graph graph;
  private final BranchMasks uses;
  private final Map<Node, Node> rebuilt = new HashMap<>();

  /** Rebuilds what {@code roots} are computed from, and all leaves, in {@code graph}. */
  private SafeWhere(Model model, Graph graph, Node result, List<Node> roots) {
    this.model = model;
    this.graph = graph;
    List<Node> nodes = model.graph().nodes();
    for (Node node : nodes) {
      if (node.op() instanceof Leaf) {
        rebuilt.put(node, graph.add(node.op(), List.of()));
      }
    }
    this.uses = new BranchMasks(model, graph, result);
    BitSet reachable = Model.reachable(roots);
    for (Node node : nodes) {
      if (reachable.get(node.id()) && !rebuilt.containsKey(node)) {
        rebuilt.put(node, rebuild(node));
      }
    }
  }

  /**
   * An equal model in which branches that are not taken are harmless, with a graph of its own.
   *
   * @param asked names of results that are wanted for their own sake
   */
  public static Guarded guarded(Model model, Set<String> asked) {
    Map<String, Node> outputs = new LinkedHashMap<>();
    if (model.graph().nodes().stream().noneMatch(BranchMasks::isBranch)) {
      Model copy = model.copy();
      asked.forEach(name -> outputs.put(name, copy.named(name)));
      return new Guarded(copy, outputs);
    }
    Graph graph = new Graph();
    List<Node> roots = new ArrayList<>(model.definitions().values());
    roots.add(model.loss());
    Model loss = new SafeWhere(model, graph, model.loss(), roots).build();
    for (String name : asked) {
      Node root = model.named(name);
      outputs.put(name, new SafeWhere(model, graph, root, List.of(root)).rebuilt.get(root));
    }
    return new Guarded(loss, outputs);
  }

  /**
   * Nodes that only decide between branches: where they are not finite, nothing that is wanted need
   * be.
   *
   * @param wanted the results
   * @return the nodes' ids
   */
  public static BitSet onlyInConditions(List<Node> wanted) {
    return BranchMasks.onlyInConditions(wanted);
  }

  private Model build() {
    return new Model(
        graph,
        rebuilt(model.inputs()),
        rebuilt(model.parameters()),
        rebuilt(model.definitions()),
        rebuilt.get(model.loss()));
  }

  private Map<String, Node> rebuilt(Map<String, Node> names) {
    Map<String, Node> result = new LinkedHashMap<>();
    names.forEach((name, node) -> result.put(name, rebuilt.get(node)));
    return result;
  }

  private Node rebuild(Node node) {
    List<Node> operands = new ArrayList<>();
    for (int k = 0; k < node.operands().size(); k++) {
      Node operand = rebuilt.get(node.operand(k));
      Optional<Node> harmless = harmless(node, k);
      Optional<Node> mask = harmless.isEmpty() ? Optional.empty() : uses.ofOperand(node, k);
      operands.add(
          BranchMasks.isBranch(node) && k == 0
              ? uses.condition(node).orElse(operand)
              : mask.map(m -> guarded(m, operand, harmless.get())).orElse(operand));
    }
    return graph.add(node.op(), operands);
  }

  private Node guarded(Node mask, Node operand, Node harmless) {
    return graph.add(new Apply("where"), uses.fitted(mask, operand.shape()), operand, harmless);
  }

  /** The argument to be used in place of one that may be out of the operation's domain. */
  private Optional<Node> harmless(Node node, int operand) {
    if (node.op() instanceof MatrixFunction function) {
      return node.operand(operand).sampled()
          ? function.harmless(new Algebra(graph), node, operand)
          : Optional.empty();
    }
    return harmlessNumber(node, operand)
        .map(number -> graph.fill(number, node.operand(operand).shape()));
  }

  private static Optional<Double> harmlessNumber(Node node, int operand) {
    if (canOverflow(node) && node.operand(operand).sampled()) {
      return Optional.of(1.0);
    }
    if (node.op() instanceof Apply apply) {
      return apply.row().interior(operand);
    }
    if (node.op() instanceof Lines) {
      // The other operands are made of the first one.
      return operand == 0 && node.operand(0).sampled() ? Optional.of(0.0) : Optional.empty();
    }
    boolean index =
        (node.op() instanceof Structural.Gather || node.op() instanceof Structural.Scatter)
            && operand == 1;
    return index ? Optional.of(0.0) : Optional.empty();
  }

  /** Whether this is a product of what differs between samples, which large numbers overflow. */
  private static boolean canOverflow(Node node) {
    boolean square = node.op() instanceof Apply apply && apply.function().equals("square");
    boolean product =
        node.op() instanceof Einsum
            || node.op() instanceof Apply apply && apply.function().equals("multiply");
    return square || product && node.operands().stream().filter(Node::sampled).count() > 1;
  }
}
