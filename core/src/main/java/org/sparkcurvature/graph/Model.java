package org.sparkcurvature.graph;

import java.io.InvalidObjectException;
import java.io.ObjectInputStream;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * One sample's loss with the names that a user gave: what a derivative is taken of. Immutable once
 * made; it travels to executors as a flat list of operations.
 *
 * <p>Input tensors and parameters are declared even where the loss does not use them: they still
 * have a place in the layout.
 */
public final class Model implements Serializable {
  private static final long serialVersionUID = 1L;

  private final transient Graph graph;
  private final transient Map<String, Node> inputs;
  private final transient Map<String, Node> parameters;
  private final transient Map<String, Node> definitions;
  private final transient Node loss;

  /** Names of definitions; the first of several that are the same. */
  private final transient Map<Node, String> names = new HashMap<>();

  /**
   * @param graph the graph that all nodes are of
   * @param inputs input tensors by name, in the order in which they are declared
   * @param parameters parameters by name, in the order in which they are declared
   * @param definitions named intermediates; `loss` is not among them
   * @param loss the loss
   * @throws ExpressionException if the loss is not a scalar
   */
  public Model(
      Graph graph,
      Map<String, Node> inputs,
      Map<String, Node> parameters,
      Map<String, Node> definitions,
      Node loss) {
    if (!loss.shape().isScalar()) {
      throw new ExpressionException(
          "the loss of one sample must be a scalar; this one has shape "
              + loss.shape()
              + ". Reduce it, as in sum(...) or mean(...), or combine vectors with dot(x, beta) where x * beta multiplies element by element");
    }
    this.graph = graph;
    this.inputs = Collections.unmodifiableMap(new LinkedHashMap<>(inputs));
    this.parameters = Collections.unmodifiableMap(new LinkedHashMap<>(parameters));
    this.definitions = Collections.unmodifiableMap(new LinkedHashMap<>(definitions));
    this.loss = loss;
    definitions.forEach((name, defined) -> names.putIfAbsent(defined, name));
  }

  public Graph graph() {
    return graph;
  }

  public Map<String, Node> inputs() {
    return inputs;
  }

  public Map<String, Node> parameters() {
    return parameters;
  }

  public Map<String, Node> definitions() {
    return definitions;
  }

  public Node loss() {
    return loss;
  }

  /**
   * The node of a name: input, parameter, definition, or {@code loss}.
   *
   * @throws ExpressionException if there is none
   */
  public Node named(String name) {
    if (name.equals("loss")) {
      return loss;
    }
    for (Map<String, Node> names : List.of(inputs, parameters, definitions)) {
      if (names.containsKey(name)) {
        return names.get(name);
      }
    }
    throw new ExpressionException(
        "there is no input tensor, parameter or definition named " + name);
  }

  /** An expression of this model's graph, with definitions by name. */
  public String describe(Node node) {
    return node.describe(names);
  }

  /** Names of the parameters that neither the loss nor anything it is made of uses. */
  public List<String> unusedParameters() {
    BitSet used = reachable(List.of(loss));
    return parameters.entrySet().stream()
        .filter(e -> !used.get(e.getValue().id()))
        .map(Map.Entry::getKey)
        .toList();
  }

  /** The nodes from which {@code roots} are computed, roots included, as a set of ids. */
  public static BitSet reachable(List<Node> roots) {
    BitSet seen = new BitSet();
    List<Node> stack = new ArrayList<>(roots);
    while (!stack.isEmpty()) {
      Node node = stack.remove(stack.size() - 1);
      if (!seen.get(node.id())) {
        seen.set(node.id());
        stack.addAll(node.operands());
      }
    }
    return seen;
  }

  /** Whether a node of a graph is made of a parameter. */
  public static boolean dependsOnParameter(Graph graph, Node node) {
    return reachable(List.of(node)).stream()
        .anyMatch(id -> graph.nodes().get(id).op() instanceof Leaf.Parameter);
  }

  /**
   * An equal model with a graph of its own, to which nodes can be added without this one growing.
   */
  public Model copy() {
    return flat().model();
  }

  private Object writeReplace() {
    return flat();
  }

  private Flat flat() {
    List<Op> ops = new ArrayList<>();
    List<int[]> operands = new ArrayList<>();
    for (Node node : graph.nodes()) {
      ops.add(node.op());
      operands.add(node.operands().stream().mapToInt(Node::id).toArray());
    }
    return new Flat(
        new ArrayList<>(ops),
        new ArrayList<>(operands),
        ids(inputs),
        ids(parameters),
        ids(definitions),
        loss.id());
  }

  private void readObject(ObjectInputStream stream) throws InvalidObjectException {
    throw new InvalidObjectException("a model is read from its flat form");
  }

  @SuppressWarnings("NonApiType") // the flat form is serialised, which Map does not promise
  private static LinkedHashMap<String, Integer> ids(Map<String, Node> names) {
    LinkedHashMap<String, Integer> ids = new LinkedHashMap<>();
    names.forEach((name, node) -> ids.put(name, node.id()));
    return ids;
  }

  /** The wire form: no recursion over nodes, so that a deep graph cannot exhaust the stack. */
  private record Flat(
      ArrayList<Op> ops,
      ArrayList<int[]> operands,
      LinkedHashMap<String, Integer> inputs,
      LinkedHashMap<String, Integer> parameters,
      LinkedHashMap<String, Integer> definitions,
      int loss)
      implements Serializable {

    private Object readResolve() {
      return model();
    }

    private Model model() {
      Graph graph = new Graph();
      List<Node> nodes = new ArrayList<>();
      for (int k = 0; k < ops.size(); k++) {
        List<Node> arguments = new ArrayList<>();
        for (int id : operands.get(k)) {
          arguments.add(nodes.get(id));
        }
        nodes.add(graph.add(ops.get(k), arguments));
      }
      return new Model(
          graph,
          nodes(inputs, nodes),
          nodes(parameters, nodes),
          nodes(definitions, nodes),
          nodes.get(loss));
    }

    private static Map<String, Node> nodes(Map<String, Integer> ids, List<Node> nodes) {
      Map<String, Node> names = new LinkedHashMap<>();
      ids.forEach((name, id) -> names.put(name, nodes.get(id)));
      return names;
    }
  }
}
