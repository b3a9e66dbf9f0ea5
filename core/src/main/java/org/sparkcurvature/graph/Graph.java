package org.sparkcurvature.graph;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Nodes in topological order. Equal operations on the same operands are one node, so common
 * subexpressions exist once.
 */
public final class Graph {

  private record Key(Op op, List<Integer> operands) {}

  private final List<Node> nodes = new ArrayList<>();
  private final Map<Key, Node> known = new HashMap<>();

  /**
   * The node that applies {@code op} to {@code operands}: the one that exists already, or a new
   * one.
   *
   * @throws ExpressionException if the operands' shapes do not meet
   */
  public Node add(Op op, List<Node> operands) {
    Key key = new Key(op, operands.stream().map(Node::id).toList());
    Node node = known.get(key);
    if (node == null) {
      for (Node operand : operands) {
        if (operand.id() >= nodes.size() || nodes.get(operand.id()) != operand) {
          throw new IllegalArgumentException("operand " + operand + " is of another graph");
        }
      }
      node =
          new Node(
              nodes.size(), op, List.copyOf(operands), op.shape(operands), op.sampled(operands));
      nodes.add(node);
      known.put(key, node);
    }
    return node;
  }

  public Node add(Op op, Node... operands) {
    return add(op, List.of(operands));
  }

  public Node input(String name, Shape shape) {
    return add(new Leaf.Input(name, shape));
  }

  public Node parameter(String name, Shape shape) {
    return add(new Leaf.Parameter(name, shape));
  }

  /** A scalar constant. */
  public Node constant(double value) {
    return fill(value, Shape.SCALAR);
  }

  public Node fill(double value, Shape shape) {
    return add(new Leaf.Fill(value, shape));
  }

  public Node weight() {
    return add(new Leaf.Weight());
  }

  /** All nodes, operands first. */
  public List<Node> nodes() {
    return Collections.unmodifiableList(nodes);
  }
}
