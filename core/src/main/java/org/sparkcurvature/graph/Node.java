package org.sparkcurvature.graph;

import java.util.List;

/**
 * One value of one sample's computation. Nodes are made by a {@link Graph} only; an operand's id is
 * always below its user's.
 */
public final class Node {
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

  /** The expression, written out in full. */
  @Override
  public String toString() {
    return op.describe(operands.stream().map(Node::toString).toList());
  }
}
