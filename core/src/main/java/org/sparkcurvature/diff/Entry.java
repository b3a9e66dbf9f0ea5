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
 * it is itself a target of the sweep, or (a handle) it is one factor of a product {@code z = theta
 * a}: then z is the target, nothing of the size of theta is made per sample, and derivatives are
 * lifted with the other factor a. A lookup by an index that differs between samples is such a
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
record Entry(
    Node target,
    List<Integer> targetLabels,
    List<Factor> factors,
    List<Integer> labels,
    double coefficient,
    Shape shape,
    List<Hop> path) {

  /**
   * What the tensor is multiplied with.
   *
   * @param node the factor
   * @param labels labels of its axes
   */
  record Factor(Node node, List<Integer> labels) {}

  /** An operation that rearranges one of its operands, the same for all samples. */
  record Hop(Node node, int operand) {

    /** Whether a use of a tensor is such an operation. */
    static boolean isOne(Node user) {
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
   * @param lookups what is looked up in that, and in what was found there, the first one first
   */
  record Way(List<Hop> path, List<Node> lookups) {
    static final Way NONE = new Way(List.of(), List.of());

    /** This way and an operation that rearranges. */
    Way then(Hop hop) {
      return new Way(Stream.concat(Stream.of(hop), path.stream()).toList(), lookups);
    }

    /** This way and a lookup. */
    Way thenLookup(Node gather) {
      return new Way(path, Stream.concat(lookups.stream(), Stream.of(gather)).toList());
    }
  }

  /** The tensor is a target itself. */
  static Entry direct(Node node) {
    List<Integer> labels = Labels.range(0, node.shape().rank());
    return new Entry(node, labels, List.of(), labels, 1, node.shape(), List.of());
  }

  /** What was looked up in what comes of the tensor is the target. */
  static Entry lookedUp(Algebra algebra, Node found, Way way) {
    return behind(algebra, way, direct(found));
  }

  /** What came that way is one factor of a product of two. */
  static Entry handle(Algebra algebra, Node product, int operand, Way way) {
    Einsum contract = (Einsum) product.op();
    Factor other = new Factor(product.operand(1 - operand), contract.in().get(1 - operand));
    return behind(
        algebra,
        way,
        new Entry(
            product,
            contract.out(),
            List.of(other),
            contract.in().get(operand),
            contract.coefficient(),
            product.operand(operand).shape(),
            List.of()));
  }

  /** What comes of the tensor at the beginning of a way that {@code last} ends. */
  private static Entry behind(Algebra algebra, Way way, Entry last) {
    List<Factor> factors = new ArrayList<>(last.factors());
    List<Integer> labels = new ArrayList<>(last.labels());
    int fresh = last.span();
    Shape shape = last.shape();
    for (int k = way.lookups().size() - 1; k >= 0; k--) {
      Node gather = way.lookups().get(k);
      int axis = ((Structural.Gather) gather.op()).axis();
      Node index = gather.operand(1);
      shape = gather.operand(0).shape();
      List<Integer> axes =
          index.shape().isScalar() ? List.of(fresh) : List.of(labels.remove(axis), fresh);
      factors.add(new Factor(algebra.oneHot(index, shape.extent(axis)), axes));
      labels.add(axis, fresh++);
    }
    return new Entry(
        last.target(),
        last.targetLabels(),
        List.copyOf(factors),
        List.copyOf(labels),
        last.coefficient(),
        shape,
        way.path());
  }

  /** Whether an operation takes from its operand what an index says, another for each sample. */
  static boolean isLookup(Node user, int operand) {
    return user.op() instanceof Structural.Gather && operand == 0 && user.operand(1).sampled();
  }

  /**
   * Whether this use of a tensor can be a handle: a per-sample product with something else, smaller
   * than the tensor.
   */
  static boolean canBeHandle(Node product, int operand) {
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
  Entry shifted(int by) {
    return new Entry(
        target,
        Labels.shift(targetLabels, by),
        factors.stream().map(f -> new Factor(f.node(), Labels.shift(f.labels(), by))).toList(),
        Labels.shift(labels, by),
        coefficient,
        shape,
        path);
  }
}
