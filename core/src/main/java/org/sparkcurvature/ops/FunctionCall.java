package org.sparkcurvature.ops;

import java.util.List;
import java.util.OptionalInt;
import org.sparkcurvature.graph.ExpressionException;
import org.sparkcurvature.graph.Leaf;
import org.sparkcurvature.graph.Node;

/** Arguments of a call, with what is needed to say what is wrong with them. */
record FunctionCall(Algebra algebra, String function, List<Node> arguments, OptionalInt axis) {

  Node argument(int k) {
    return arguments.get(k);
  }

  /** The axis asked for; refused where the function takes none. */
  void noAxis() {
    if (axis.isPresent()) {
      throw new ExpressionException(function + " takes no axis");
    }
  }

  /** The axis of a reduction of {@code node}. */
  int axisOf(Node node) {
    int k = axis.orElseThrow();
    if (k < 0 || k >= node.shape().rank()) {
      throw new ExpressionException(
          function
              + ": axis => "
              + k
              + ", but shape "
              + node.shape()
              + " has "
              + (node.shape().rank() == 0 ? "no axes" : "axes 0 .. " + (node.shape().rank() - 1)));
    }
    return k;
  }

  /** An argument that must be an integer written as a constant. */
  int integer(int k, String what) {
    if (argument(k).op() instanceof Leaf.Fill fill
        && fill.value() == Math.rint(fill.value())
        && Math.abs(fill.value()) <= Integer.MAX_VALUE) {
      return (int) fill.value();
    }
    throw new ExpressionException(
        function + ": " + what + " must be an integer constant; this is " + argument(k));
  }

  /** An argument that must be a positive integer written as a constant. */
  int count(int k, String what) {
    int count = integer(k, what);
    if (count < 1) {
      throw new ExpressionException(function + ": " + what + " must be at least 1; it is " + count);
    }
    return count;
  }

  /** An argument of at least one axis. */
  Node tensor(int k) {
    Node node = argument(k);
    if (node.shape().isScalar()) {
      throw new ExpressionException(
          function + " needs a vector or a matrix; " + node + " is a scalar");
    }
    return node;
  }
}
