package org.sparkcurvature.diff;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.sparkcurvature.graph.Leaf;
import org.sparkcurvature.graph.Node;
import org.sparkcurvature.graph.Shape;
import org.sparkcurvature.ops.Algebra;
import org.sparkcurvature.ops.Einsum;
import org.sparkcurvature.ops.Labels;
import org.sparkcurvature.ops.Structural;

/**
 * How a tensor of wrt enters the loss: itself, or through operations that only rearrange it. Either
 * it is itself a target of the sweep, or (a linear use) it is one factor of a product {@code z =
 * theta a}: then z is the target, nothing of the size of theta is made per sample, and derivatives
 * are lifted with the other factor a. A lookup by an index that differs between samples is such a
 * product, {@code theta[i]_o = sum_k theta_ko 1[k = i]}, and so are lookups followed by a product;
 * with a vector of indices it is {@code theta[t]_ro = sum_k theta_ko 1[k = t_r]}.
 *
 * @param target the node with respect to which the sweep takes derivatives
 * @param targetLabels labels of the target's axes
 * @param factors the other factors of the product; none where the tensor is the target
 * @param labels labels of the axes of what enters
 * @param coefficient the product's constant factor
 * @param shape the shape of what enters
 * @param path how it comes of the tensor, the last operation first; empty where it is the tensor
 */
record ParameterUse(
    Node target,
    List<Integer> targetLabels,
    List<Factor> factors,
    List<Integer> labels,
    double coefficient,
    Shape shape,
    List<ViewOp> path) {

  /**
   * What the tensor is multiplied with.
   *
   * @param node the factor
   * @param labels labels of its axes
   */
  record Factor(Node node, List<Integer> labels) {}

  /** An operation that rearranges one of its operands, the same for all samples. */
  record ViewOp(Node node, int operand) {

    /** Whether a use of a tensor is such an operation. */
    static boolean isView(Node user) {
      return !user.sampled()
          && (user.op() instanceof Structural.Reshape
              || user.op() instanceof Structural.PermuteOrDiagonal
              || user.op() instanceof Structural.Slice
              || user.op() instanceof Structural.Pad
              || user.op() instanceof Structural.Concat
              || user.op() instanceof Structural.Gather
                  && user.operand(1).op() instanceof Leaf.Fill);
    }

    /** Whether no element of the operand is found twice in the result. */
    boolean isInjective() {
      return !(node.op() instanceof Structural.PermuteOrDiagonal spread)
          || StructuredMatrices.distinct(spread.axes())
              && spread.axes().size() == node.operand(0).shape().rank();
    }
  }

  /**
   * A tensor, or what comes of it, on its way into the loss.
   *
   * @param path how it comes of the tensor, the same for all samples, the last operation first
   * @param lookups successive gathers from that, in their order
   */
  record UsePath(List<ViewOp> path, List<Node> lookups) {
    static final UsePath NONE = new UsePath(List.of(), List.of());

    /** This path and an operation that rearranges. */
    UsePath then(ViewOp view) {
      return new UsePath(Stream.concat(Stream.of(view), path.stream()).toList(), lookups);
    }

    /** This path and a lookup. */
    UsePath thenLookup(Node gather) {
      return new UsePath(path, Stream.concat(lookups.stream(), Stream.of(gather)).toList());
    }
  }

  /** The tensor is a target itself. */
  static ParameterUse direct(Node node) {
    List<Integer> labels = Labels.range(0, node.shape().rank());
    return new ParameterUse(node, labels, List.of(), labels, 1, node.shape(), List.of());
  }

  /** What was looked up in what comes of the tensor is the target. */
  static ParameterUse lookedUp(Algebra algebra, Node found, UsePath usePath) {
    return behind(algebra, usePath, direct(found));
  }

  /** What came along that path is one factor of a product of two. */
  static ParameterUse linear(Algebra algebra, Node product, int operand, UsePath usePath) {
    Einsum contract = (Einsum) product.op();
    Factor other = new Factor(product.operand(1 - operand), contract.in().get(1 - operand));
    return behind(
        algebra,
        usePath,
        new ParameterUse(
            product,
            contract.out(),
            List.of(other),
            contract.in().get(operand),
            contract.coefficient(),
            product.operand(operand).shape(),
            List.of()));
  }

  /** What comes of the tensor at the beginning of a path that {@code last} ends. */
  private static ParameterUse behind(Algebra algebra, UsePath usePath, ParameterUse last) {
    List<Factor> factors = new ArrayList<>(last.factors());
    List<Integer> labels = new ArrayList<>(last.labels());
    int fresh = last.span();
    Shape shape = last.shape();
    for (int k = usePath.lookups().size() - 1; k >= 0; k--) {
      Node gather = usePath.lookups().get(k);
      int axis = ((Structural.Gather) gather.op()).axis();
      Node index = gather.operand(1);
      shape = gather.operand(0).shape();
      List<Integer> axes =
          index.shape().isScalar() ? List.of(fresh) : List.of(labels.remove(axis), fresh);
      factors.add(new Factor(algebra.oneHot(index, shape.extent(axis)), axes));
      labels.add(axis, fresh++);
    }
    return new ParameterUse(
        last.target(),
        last.targetLabels(),
        List.copyOf(factors),
        List.copyOf(labels),
        last.coefficient(),
        shape,
        usePath.path());
  }

  /** Whether an operation takes from its operand what an index says, another for each sample. */
  static boolean isLookup(Node user, int operand) {
    return user.op() instanceof Structural.Gather && operand == 0 && user.operand(1).sampled();
  }

  /**
   * Whether this use of a tensor can be a linear one: a per-sample product with something else,
   * smaller than the tensor.
   */
  static boolean canBeLinear(Node product, int operand) {
    return product.op() instanceof Einsum contract
        && contract.in().size() == 2
        && product.sampled()
        && product.operand(1 - operand) != product.operand(operand)
        && product.shape().size() < product.operand(operand).shape().size()
        && StructuredMatrices.distinct(contract.in().get(operand))
        && StructuredMatrices.distinct(contract.out())
        && contract.in().get(operand).stream()
            .allMatch(
                l -> contract.out().contains(l) || contract.in().get(1 - operand).contains(l));
  }

  /** A number above every label. */
  int span() {
    OptionalInt most =
        Stream.concat(Stream.of(targetLabels, labels), factors.stream().map(Factor::labels))
            .flatMap(List::stream)
            .mapToInt(l -> l)
            .max();
    return most.orElse(-1) + 1;
  }

  /** The same entry with other labels. */
  ParameterUse shifted(int by) {
    return new ParameterUse(
        target,
        Labels.shift(targetLabels, by),
        factors.stream().map(f -> new Factor(f.node(), Labels.shift(f.labels(), by))).toList(),
        Labels.shift(labels, by),
        coefficient,
        shape,
        path);
  }
}
