package org.sparkcurvature.graph;

import java.util.List;
import java.util.Map;

/**
 * One value of one sample's computation. Nodes are made by a {@link Graph} only; an operand's id is
 * always below its user's.
 */
public final class Node {
  private static final int LEGIBLE_DEPTH = 6;

  private final int id;
  private final Op op;
  private final List<Node> operands;
  private final Shape shape;
  private final boolean sampled;

  Node(int id, Op op, List<Node> operands, Shape shape, boolean sampled) {
    this.id = id;
    this.op = op;
    this.operands = operands;
    this.shape = shape;
    this.sampled = sampled;
  }

  /** Position in the order of creation, which is a topological order. */
  public int id() {
    return id;
  }

  public Op op() {
    return op;
  }

  public List<Node> operands() {
    return operands;
  }

  public Node operand(int k) {
    return operands.get(k);
  }

  /** The shape of one sample's value. */
  public Shape shape() {
    return shape;
  }

  /** Whether the value differs from sample to sample; a function of parameters alone does not. */
  public boolean sampled() {
    return sampled;
  }

  /** The expression, written out as far as is legible. */
  @Override
  public String toString() {
    return describe(Map.of());
  }

  /**
   * The expression, with these names for nodes that have one; what lies too deep to be legible is
   * left out.
   */
  public String describe(Map<Node, String> names) {
    return describe(names, LEGIBLE_DEPTH);
  }

  private String describe(Map<Node, String> names, int depth) {
    String name = names.get(this);
    if (name != null) {
      return name;
    }
    if (depth == 0 && !operands.isEmpty()) {
      return "...";
    }
    return op.describe(
        operands.stream().map(operand -> operand.describe(names, depth - 1)).toList());
  }
}
