package org.sparkcurvature.graph;

import java.io.Serializable;
import java.util.List;

/**
 * What a node does. Operations are values: two equal operations on the same operands are the same
 * node. What an operation computes and how it is differentiated is said in the rules; the graph
 * only needs a name and a shape.
 */
public interface Op extends Serializable {

  /** The name shown in messages and listings. */
  String name();

  /**
   * The shape of one sample's result.
   *
   * @throws ExpressionException if the operands' shapes do not meet
   */
  Shape shape(List<Node> operands);

  /** Whether the result differs from sample to sample. */
  default boolean sampled(List<Node> operands) {
    return operands.stream().anyMatch(Node::sampled);
  }

  /** This operation on these operands as a person would write it. */
  default String describe(List<String> operands) {
    return name() + "(" + String.join(", ", operands) + ")";
  }
}
