package org.sparkcurvature.ops;

import java.util.List;
import java.util.Optional;
import org.sparkcurvature.graph.Node;
import org.sparkcurvature.graph.Op;

/**
 * An operation with its first derivative. The second derivative follows from the operation's kind,
 * see {@link Kind}.
 */
public interface Differentiable extends Op {

  /** The kinds of operations; each says what the second derivative looks like. */
  enum Kind {
    /** The Jacobian is constant: no second derivative. */
    LINEAR,
    /** Linear in every operand: the second derivative is the constant cross term. */
    MULTILINEAR,
    /**
     * One lane at a time: the second derivative is diagonal, one value per pair of operands and
     * lane.
     */
    ELEMENTWISE,
    /** The second derivative is a matrix between two operands, see {@link Coupled}. */
    COUPLED
  }

  Kind kind();

  /**
   * Applies the transposed Jacobian with respect to one operand.
   *
   * @param algebra where the result is built
   * @param node the node whose operation this is
   * @param operand which operand
   * @param s a tensor whose last axes are those of {@code node}, behind {@code head} leading axes
   *     that are carried along
   * @param head number of leading axes of {@code s}
   * @return a tensor whose last axes are those of the operand, behind the same leading axes
   */
  Node pullback(Algebra algebra, Node node, int operand, Node s, int head);

  /**
   * Applies the Jacobian to a direction in every operand.
   *
   * @param algebra where the result is built
   * @param node the node whose operation this is
   * @param tangents a direction per operand: the operand's shape behind one leading axis, that of
   *     the directions; empty where it is zero
   * @return the direction in which the node moves: its shape behind the same leading axis; empty
   *     where it is zero
   */
  Optional<Node> pushforward(Algebra algebra, Node node, List<Optional<Node>> tangents);

  /** Whether an operand can carry a derivative at all: an index or a condition cannot. */
  default boolean differentiableIn(int operand) {
    return true;
  }

  /** Whether the operation or its first derivative jumps somewhere as an operand moves. */
  default boolean hasKink(int operand) {
    return false;
  }

  /**
   * {@code list} behind {@code head} axes that stay where they are, with its own axes moved up by
   * {@code head}.
   */
  static List<Integer> behind(int head, List<Integer> list) {
    return java.util.stream.Stream.concat(
            java.util.stream.IntStream.range(0, head).boxed(),
            list.stream().map(axis -> axis + head))
        .toList();
  }
}
