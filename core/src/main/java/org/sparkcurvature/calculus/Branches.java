package org.sparkcurvature.calculus;

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
import org.sparkcurvature.graph.Shape;
import org.sparkcurvature.rules.Algebra;
import org.sparkcurvature.rules.Apply;
import org.sparkcurvature.rules.Contract;
import org.sparkcurvature.rules.Structural;

/**
 * Keeps a branch that is not taken out of everything. What only a branch of {@code where} uses is
 * computed, where the branch is not taken, from arguments at which it and its derivatives are
 * finite: the zeros by which the branch is then multiplied stay zeros, and no NaN or infinity can
 * come of them.
 */
public final class Branches {

  /** When a node is used: a condition of the original graph, taken or not, and combinations. */
  private sealed interface Condition {}

  private record Taken(Node condition, boolean asTrue) implements Condition {}

  private record Both(Condition a, Condition b) implements Condition {}

  private record Either(Condition a, Condition b) implements Condition {}

  /** Whether a condition by element holds for any. */
  private record Any(Condition lanes) implements Condition {}

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
  private final Algebra algebra;
  private final Map<Node, Optional<Condition>> used = new HashMap<>();
  private final Map<Node, Node> rebuilt = new HashMap<>();

  /** Rebuilds what {@code root} is computed from, and all leaves, in {@code graph}. */
  private Branches(Model model, Graph graph, Node root) {
    this.model = model;
    this.graph = graph;
    this.algebra = new Algebra(graph);
    BitSet reachable = Model.reachable(List.of(root));
    List<Node> nodes = model.graph().nodes();
    used.put(root, Optional.empty());
    for (int id = root.id(); id >= 0; id--) {
      Node node = nodes.get(id);
      for (int k = 0; reachable.get(id) && k < node.operands().size(); k++) {
        used.merge(node.operand(k), useOf(node, k), Branches::either);
      }
    }
    nodes.stream().filter(n -> n.op() instanceof Leaf).forEach(this::rebuild);
  }

  /**
   * An equal model in which branches that are not taken are harmless, with a graph of its own.
   *
   * @param asked names of results that are wanted for their own sake
   */
  public static Guarded guarded(Model model, Set<String> asked) {
    Map<String, Node> outputs = new LinkedHashMap<>();
    if (model.graph().nodes().stream().noneMatch(Branches::isBranch)) {
      Model copy = model.copy();
      asked.forEach(name -> outputs.put(name, copy.named(name)));
      return new Guarded(copy, outputs);
    }
    Graph graph = new Graph();
    Model loss = new Branches(model, graph, model.loss()).build();
    for (String name : asked) {
      Node root = model.named(name);
      outputs.put(name, new Branches(model, graph, root).rebuild(root));
    }
    return new Guarded(loss, outputs);
  }

  private Model build() {
    return new Model(
        graph,
        rebuilt(model.inputs()),
        rebuilt(model.parameters()),
        rebuilt(model.definitions()),
        rebuild(model.loss()));
  }

  private Map<String, Node> rebuilt(Map<String, Node> names) {
    Map<String, Node> result = new LinkedHashMap<>();
    names.forEach((name, node) -> result.put(name, rebuild(node)));
    return result;
  }

  private static boolean isBranch(Node node) {
    return node.op() instanceof Apply apply && apply.function().equals("where");
  }

  private static Optional<Condition> either(Optional<Condition> a, Optional<Condition> b) {
    return a.isEmpty() || b.isEmpty()
        ? Optional.empty()
        : a.equals(b) ? a : Optional.of(new Either(a.get(), b.get()));
  }

  /** When {@code node} uses its operand k; empty for always. */
  private Optional<Condition> useOf(Node node, int k) {
    Optional<Condition> outer = used.get(node);
    if (isBranch(node) && k > 0) {
      Condition taken = new Taken(unrepeated(node.operand(0)), k == 1);
      return Optional.of(outer.isEmpty() ? taken : new Both(outer.get(), taken));
    }
    // Lanes of a condition are lanes of the operand only through elementwise functions; elsewhere
    // the
    // operand is used if any lane is.
    return node.op() instanceof Apply ? outer : outer.map(Branches::any);
  }

  private static Condition any(Condition condition) {
    return lanes(condition).isScalar() ? condition : new Any(condition);
  }

  /** The shape of a condition. */
  private static Shape lanes(Condition condition) {
    if (condition instanceof Taken taken) {
      return taken.condition().shape();
    }
    if (condition instanceof Both both) {
      return wider(both.a(), both.b());
    }
    if (condition instanceof Either either) {
      return wider(either.a(), either.b());
    }
    return Shape.SCALAR;
  }

  private static Shape wider(Condition a, Condition b) {
    return lanes(a).isScalar() ? lanes(b) : lanes(a);
  }

  /** A repeated scalar condition is a scalar condition. */
  private static Node unrepeated(Node condition) {
    return condition.op() instanceof Contract contract && contract.in().equals(List.of(List.of()))
        ? condition.operand(0)
        : condition;
  }

  private Node rebuild(Node node) {
    Node known = rebuilt.get(node);
    if (known != null) {
      return known;
    }
    Optional<Condition> condition = used.getOrDefault(node, Optional.empty());
    List<Node> operands = new ArrayList<>();
    for (int k = 0; k < node.operands().size(); k++) {
      Node operand = rebuild(node.operand(k));
      Optional<Double> harmless = harmless(node, k);
      operands.add(
          condition.isPresent() && harmless.isPresent()
              ? guarded(condition.get(), operand, harmless.get())
              : operand);
    }
    Node result = graph.add(node.op(), operands);
    rebuilt.put(node, result);
    return result;
  }

  /** The argument to be used in place of one that may be out of the operation's domain. */
  private static Optional<Double> harmless(Node node, int operand) {
    if (canOverflow(node) && node.operand(operand).sampled()) {
      return Optional.of(1.0);
    }
    if (node.op() instanceof Apply apply) {
      return apply.row().interior(operand);
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
        node.op() instanceof Contract
            || node.op() instanceof Apply apply && apply.function().equals("multiply");
    return square || product && node.operands().stream().filter(Node::sampled).count() > 1;
  }

  private Node guarded(Condition condition, Node operand, double harmless) {
    Condition fitting = lanes(condition).equals(operand.shape()) ? condition : any(condition);
    return graph.add(
        new Apply("where"),
        mask(fitting, operand.shape()),
        operand,
        graph.fill(harmless, operand.shape()));
  }

  private Node mask(Condition condition, Shape shape) {
    if (condition instanceof Taken taken) {
      Node mask = rebuild(taken.condition());
      Node lanes = mask.shape().equals(shape) ? mask : algebra.broadcast(mask, shape);
      return taken.asTrue() ? lanes : graph.add(new Apply("not"), lanes);
    }
    if (condition instanceof Both both) {
      return graph.add(new Apply("and"), mask(both.a(), shape), mask(both.b(), shape));
    }
    if (condition instanceof Either either) {
      return graph.add(new Apply("or"), mask(either.a(), shape), mask(either.b(), shape));
    }
    Condition inner = ((Any) condition).lanes();
    Shape lanes = lanes(inner);
    Node flat = algebra.reshape(mask(inner, lanes), Shape.of(lanes.size()));
    Node any = graph.add(new Structural.Maximum(0), flat);
    return shape.isScalar() ? any : algebra.broadcast(any, shape);
  }
}
