package org.sparkcurvature.ops;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.sparkcurvature.graph.Node;
import org.sparkcurvature.graph.Shape;

/**
 * An operation on the lines of a tensor, the elements along one axis, that computes each line from
 * the same lines of its operands.
 *
 * <p>The first operand may have leading axes of its own, {@link #heads} of them, which the result
 * then has, too; the other operands are the same for all of these.
 */
public interface Lines extends Differentiable {

  /** How many elements of an operand, or of the result, belong to a line of n elements. */
  enum Part {
    /** One. */
    SINGLE,
    /** n. */
    LINE,
    /** n times n, row-major. */
    SQUARE;

    /** How many axes of n elements there are. */
    int axes() {
      return this == SINGLE ? 0 : this == LINE ? 1 : 2;
    }

    /** The number of elements. */
    public int size(int n) {
      return this == SINGLE ? 1 : this == LINE ? n : n * n;
    }
  }

  /**
   * A part of the derivatives of a {@link CoupledLines} function. Derivatives are taken to the
   * second order, so that none is pulled back, and few move.
   */
  interface Derivative extends Lines {
    @Override
    default Node pullback(Algebra algebra, Node node, int operand, Node s, int head) {
      throw new IllegalStateException("a derivative is never pulled back: " + this);
    }

    @Override
    default Optional<Node> pushforward(Algebra algebra, Node node, List<Optional<Node>> tangents) {
      throw new IllegalStateException("third derivatives are not defined: " + this);
    }
  }

  @Override
  default Kind kind() {
    return Kind.COUPLED;
  }

  /** The first operand's shape, with of each line what the result has of it. */
  @Override
  default Shape shape(List<Node> operands) {
    List<Integer> extents = new ArrayList<>(operands.get(0).shape().extents());
    int extent = extents.remove(heads() + axis());
    for (int k = 0; k < result().axes(); k++) {
      extents.add(heads() + axis(), extent);
    }
    return new Shape(extents);
  }

  /** The axis of the lines, not counting the first operand's leading axes. */
  int axis();

  /** How many leading axes the first operand has that the others do not have. */
  default int heads() {
    return 0;
  }

  /** What each operand has of a line. */
  List<Part> parts();

  /** What the result has of a line. */
  Part result();

  /**
   * The elements of the first operand on which elements of the result depend, whatever the numbers
   * are.
   *
   * @param mask which elements of the result count: not zero; of the result's shape
   */
  default Node reached(Algebra algebra, Node node, Node mask) {
    Node lines = result() == Part.SINGLE ? mask : algebra.sum(mask, axis());
    return algebra.along(lines, axis(), node.operand(0).shape());
  }

  /**
   * Computes lines that lie one behind the other.
   *
   * @param in each operand's lines; what they hold afterwards is not said
   * @param out receives the result's lines
   * @param room of 2 n elements
   * @param lines how many
   * @param n elements of each
   */
  void run(double[][] in, double[] out, double[] room, int lines, int n);
}
