package org.sparkcurvature.calculus;

import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.sparkcurvature.graph.Leaf;
import org.sparkcurvature.graph.Node;
import org.sparkcurvature.graph.Shape;
import org.sparkcurvature.rules.Contract;
import org.sparkcurvature.rules.Labels;
import org.sparkcurvature.rules.Structural;

/**
 * How a tensor of wrt enters the loss: itself, or through operations that only rearrange it. Either
 * it is itself a target of the sweep, or (a handle) it is one factor of a product {@code z = theta
 * a}: then z is the target, nothing of the size of theta is made per sample, and derivatives are
 * lifted with the other factor a.
 *
 * @param target the node with respect to which the sweep takes derivatives
 * @param targetLabels labels of the target's axes
 * @param factor the other factor of the product; absent where the tensor is the target
 * @param factorLabels labels of that factor's axes
 * @param labels labels of the axes of what enters
 * @param coefficient the product's constant factor
 * @param shape the shape of what enters
 * @param path how it comes of the tensor, the last operation first; empty where it is the tensor
 */
record Entry(
    Node target,
    List<Integer> targetLabels,
    Optional<Node> factor,
    List<Integer> factorLabels,
    List<Integer> labels,
    double coefficient,
    Shape shape,
    List<Hop> path) {

  /** An operation that rearranges one of its operands, the same for all samples. */
  record Hop(Node node, int operand) {

    /** Whether a use of a tensor is such an operation. */
    static boolean isOne(Node user) {
      return !user.sampled()
          && (user.op() instanceof Structural.Reshape
              || user.op() instanceof Structural.Spread
              || user.op() instanceof Structural.Slice
              || user.op() instanceof Structural.Pad
              || user.op() instanceof Structural.Concat
              || user.op() instanceof Structural.Gather
                  && user.operand(1).op() instanceof Leaf.Fill);
    }

    /** Whether no element of the operand is found twice in the result. */
    boolean isInjective() {
      return !(node.op() instanceof Structural.Spread spread)
          || Forms.distinct(spread.axes())
              && spread.axes().size() == node.operand(0).shape().rank();
    }
  }

  /** The tensor is a target itself. */
  static Entry direct(Node node) {
    List<Integer> labels = Labels.range(0, node.shape().rank());
    return new Entry(node, labels, Optional.empty(), List.of(), labels, 1, node.shape(), List.of());
  }

  /** What comes of the tensor along a path is one factor of a product of two. */
  static Entry handle(Node product, int operand, List<Hop> path) {
    Contract contract = (Contract) product.op();
    return new Entry(
        product,
        contract.out(),
        Optional.of(product.operand(1 - operand)),
        contract.in().get(1 - operand),
        contract.in().get(operand),
        contract.coefficient(),
        product.operand(operand).shape(),
        path);
  }

  /**
   * Whether this use of a tensor can be a handle: a per-sample product with something else, smaller
   * than the tensor.
   */
  static boolean canBeHandle(Node product, int operand) {
    return product.op() instanceof Contract contract
        && contract.in().size() == 2
        && product.sampled()
        && product.operand(1 - operand) != product.operand(operand)
        && product.shape().size() < product.operand(operand).shape().size()
        && Forms.distinct(contract.in().get(operand))
        && Forms.distinct(contract.out())
        && contract.in().get(operand).stream()
            .allMatch(
                l -> contract.out().contains(l) || contract.in().get(1 - operand).contains(l));
  }

  /** A number above every label. */
  int span() {
    OptionalInt most =
        List.of(targetLabels, factorLabels, labels).stream()
            .flatMap(List::stream)
            .mapToInt(l -> l)
            .max();
    return most.orElse(-1) + 1;
  }

  /** The same entry with other labels. */
  Entry shifted(int by) {
    return new Entry(
        target,
        Labels.shift(targetLabels, by),
        factor,
        Labels.shift(factorLabels, by),
        Labels.shift(labels, by),
        coefficient,
        shape,
        path);
  }
}
