package org.sparkcurvature.ops;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.sparkcurvature.graph.ExpressionException;
import org.sparkcurvature.graph.Leaf;
import org.sparkcurvature.graph.Node;
import org.sparkcurvature.graph.Shape;

/**
 * Operations that move numbers without computing any: all linear, their transposes are of the same
 * family.
 */
public sealed interface Structural extends Differentiable {

  @Override
  default Kind kind() {
    return Kind.LINEAR;
  }

  /**
   * Whether a node is a vector of zeros with a one where an index, its second operand, says, or a
   * matrix with such a row for each element of an index.
   */
  static boolean isOneHot(Node node) {
    if (!(node.op() instanceof Scatter scatter) || scatter.axis() != node.shape().rank() - 1) {
      return false;
    }
    Node ones = node.operand(0);
    if (node.shape().rank() == 2 && ones.op() instanceof PermuteOrDiagonal spread) {
      ones = spread.axes().equals(List.of(0, 0)) ? ones.operand(0) : node;
    } else if (node.shape().rank() != 1 || !node.operand(1).shape().isScalar()) {
      return false;
    }
    return ones.op() instanceof Leaf.Fill fill && fill.value() == 1;
  }

  /** The shape of an index: a scalar or a vector. */
  private static Shape index(List<Node> operands) {
    Shape shape = operands.get(1).shape();
    if (shape.rank() > 1) {
      throw new ExpressionException(
          "z[i] needs a scalar or a vector of indices; this one has shape " + shape);
    }
    return shape;
  }

  /** The same operation on tensors with one more axis in front. */
  Structural behindAnAxis(int extent);

  /** All of these are linear in their first operand; the second is an index. */
  @Override
  default Optional<Node> pushforward(Algebra algebra, Node node, List<Optional<Node>> tangents) {
    return tangents
        .get(0)
        .map(
            tangent -> {
              List<Node> operands = new ArrayList<>(node.operands());
              operands.set(0, tangent);
              return algebra.graph().add(behindAnAxis(tangent.shape().extent(0)), operands);
            });
  }

  /** The same elements in row-major order under another shape. */
  record Reshape(Shape shape) implements Structural {
    @Override
    public Structural behindAnAxis(int extent) {
      return new Reshape(shape.behind(extent));
    }

    @Override
    public String name() {
      return "reshape";
    }

    @Override
    public Shape shape(List<Node> operands) {
      if (operands.get(0).shape().size() != shape.size()) {
        throw new ExpressionException(
            "reshape: shape "
                + operands.get(0).shape()
                + " has "
                + operands.get(0).shape().size()
                + " elements, shape "
                + shape
                + " has "
                + shape.size());
      }
      return shape;
    }

    @Override
    public Node pullback(Algebra algebra, Node node, int operand, Node s, int head) {
      List<Integer> heads = s.shape().extents().subList(0, head);
      return algebra.reshape(s, new Shape(Labels.concat(heads, node.operand(0).shape().extents())));
    }

    @Override
    public String describe(List<String> operands) {
      return operands.get(0);
    }
  }

  /**
   * Axes in another order, and diagonals: axis k of the result is axis {@code axes[k]} of the
   * operand. An axis named twice makes a diagonal: the result is zero where its coordinates differ.
   */
  record PermuteOrDiagonal(List<Integer> axes) implements Structural {
    public PermuteOrDiagonal {
      axes = List.copyOf(axes);
    }

    @Override
    public Structural behindAnAxis(int extent) {
      return new PermuteOrDiagonal(Labels.concat(List.of(0), Labels.shift(axes, 1)));
    }

    @Override
    public String name() {
      return "spread";
    }

    @Override
    public Shape shape(List<Node> operands) {
      Shape shape = operands.get(0).shape();
      if (!IntStream.range(0, shape.rank()).allMatch(axes::contains)) {
        throw new ExpressionException("spread " + axes + " loses an axis of shape " + shape);
      }
      return new Shape(axes.stream().map(shape::extent).toList());
    }

    @Override
    public Node pullback(Algebra algebra, Node node, int operand, Node s, int head) {
      List<Integer> heads = Labels.range(0, head);
      List<Integer> from = Labels.concat(heads, Labels.shift(axes, head));
      int rank = node.operand(0).shape().rank();
      Shape shape =
          new Shape(
              Labels.concat(
                  s.shape().extents().subList(0, head), node.operand(0).shape().extents()));
      return algebra.contract(List.of(s), List.of(from), Labels.range(0, head + rank), shape, 1);
    }

    @Override
    public String describe(List<String> operands) {
      return axes.equals(List.of(1, 0))
          ? "transpose(" + operands.get(0) + ")"
          : axes.equals(List.of(0, 0)) ? "diag(" + operands.get(0) + ")" : operands.get(0);
    }
  }

  /** Elements {@code from .. from + length} of an axis. */
  record Slice(int axis, int from, int length) implements Structural {
    @Override
    public Structural behindAnAxis(int extent) {
      return new Slice(axis + 1, from, length);
    }

    @Override
    public String name() {
      return "slice";
    }

    @Override
    public Shape shape(List<Node> operands) {
      Shape shape = operands.get(0).shape();
      if (axis >= shape.rank()) {
        throw new ExpressionException("slice of axis " + axis + " of shape " + shape);
      }
      int extent = shape.extent(axis);
      if (from < 0 || length < 1 || from > extent - length) {
        throw new ExpressionException(
            (length == 1 ? "index " + from : "slice " + from + " .. " + (from + length - 1))
                + " is outside 0 .. "
                + (extent - 1)
                + " of shape "
                + shape);
      }
      return shape.with(axis, length);
    }

    @Override
    public Node pullback(Algebra algebra, Node node, int operand, Node s, int head) {
      return algebra
          .graph()
          .add(new Pad(axis + head, from, node.operand(0).shape().extent(axis)), s);
    }

    @Override
    public String describe(List<String> operands) {
      return length == 1
          ? operands.get(0) + "[" + from + "]"
          : "slice(" + operands.get(0) + ", " + from + ", " + length + ")";
    }
  }

  /**
   * The transpose of a slice: the operand at {@code from} of an axis of extent {@code extent}, zero
   * elsewhere.
   */
  record Pad(int axis, int from, int extent) implements Structural {
    @Override
    public Structural behindAnAxis(int extent) {
      return new Pad(axis + 1, from, this.extent);
    }

    @Override
    public String name() {
      return "pad";
    }

    @Override
    public Shape shape(List<Node> operands) {
      return operands.get(0).shape().with(axis, extent);
    }

    @Override
    public Node pullback(Algebra algebra, Node node, int operand, Node s, int head) {
      return algebra.slice(s, axis + head, from, node.operand(0).shape().extent(axis));
    }
  }

  /** Tensors one behind the other along an axis. */
  record Concat(int axis) implements Structural {
    @Override
    public Structural behindAnAxis(int extent) {
      return new Concat(axis + 1);
    }

    @Override
    public Optional<Node> pushforward(Algebra algebra, Node node, List<Optional<Node>> tangents) {
      return tangents.stream()
          .flatMap(Optional::stream)
          .findFirst()
          .map(
              any -> {
                int directions = any.shape().extent(0);
                List<Node> parts = new ArrayList<>();
                for (int k = 0; k < tangents.size(); k++) {
                  Shape shape = node.operand(k).shape().behind(directions);
                  parts.add(tangents.get(k).orElseGet(() -> algebra.graph().fill(0, shape)));
                }
                return algebra.graph().add(behindAnAxis(directions), parts);
              });
    }

    @Override
    public String name() {
      return "concat";
    }

    @Override
    public Shape shape(List<Node> operands) {
      Shape first = operands.get(0).shape();
      int extent = 0;
      for (Node operand : operands) {
        if (operand.shape().rank() != first.rank()
            || !operand.shape().with(axis, 1).equals(first.with(axis, 1))) {
          throw new ExpressionException(
              "concat: shapes "
                  + first
                  + " and "
                  + operand.shape()
                  + " differ in more than axis "
                  + axis);
        }
        extent += operand.shape().extent(axis);
      }
      return first.with(axis, extent);
    }

    @Override
    public Node pullback(Algebra algebra, Node node, int operand, Node s, int head) {
      int from = 0;
      for (int k = 0; k < operand; k++) {
        from += node.operand(k).shape().extent(axis);
      }
      return algebra.slice(s, axis + head, from, node.operand(operand).shape().extent(axis));
    }
  }

  /**
   * The element of an axis that an index, the second operand, names; the axis goes. With a vector
   * of indices the elements that they name, in their order. Out of range gives NaN.
   */
  record Gather(int axis) implements Structural {
    @Override
    public Structural behindAnAxis(int extent) {
      return new Gather(axis + 1);
    }

    @Override
    public String name() {
      return "index";
    }

    @Override
    public Shape shape(List<Node> operands) {
      Shape shape = operands.get(0).shape();
      if (shape.rank() <= axis) {
        throw new ExpressionException("z[i] needs a vector or a matrix z; this one is a scalar");
      }
      List<Integer> extents = new ArrayList<>(shape.extents());
      extents.remove(axis);
      extents.addAll(axis, index(operands).extents());
      return new Shape(extents);
    }

    @Override
    public boolean differentiableIn(int operand) {
      return operand == 0;
    }

    @Override
    public Node pullback(Algebra algebra, Node node, int operand, Node s, int head) {
      return algebra
          .graph()
          .add(new Scatter(axis + head, node.operand(0).shape().extent(axis)), s, node.operand(1));
    }

    @Override
    public String describe(List<String> operands) {
      return operands.get(0) + "[" + operands.get(1) + "]";
    }
  }

  /**
   * The transpose of {@link Gather}: a new axis that holds the operand at the index and zero
   * elsewhere; of a vector of indices, an axis on which elements with the same index add up. Out of
   * range gives NaN.
   */
  record Scatter(int axis, int extent) implements Structural {
    @Override
    public Structural behindAnAxis(int extent) {
      return new Scatter(axis + 1, this.extent);
    }

    @Override
    public String name() {
      return "scatter";
    }

    @Override
    public Shape shape(List<Node> operands) {
      List<Integer> extents = new ArrayList<>(operands.get(0).shape().extents());
      if (index(operands).rank() == 1) {
        extents.remove(axis);
      }
      extents.add(axis, extent);
      return new Shape(extents);
    }

    @Override
    public boolean differentiableIn(int operand) {
      return operand == 0;
    }

    @Override
    public Node pullback(Algebra algebra, Node node, int operand, Node s, int head) {
      return algebra.graph().add(new Gather(axis + head), s, node.operand(1));
    }

    @Override
    public String describe(List<String> operands) {
      return operands.get(0).equals("1")
          ? "one_hot(" + operands.get(1) + ", " + extent + ")"
          : name() + "(" + String.join(", ", operands) + ")";
    }
  }

  /**
   * The upper triangle of a symmetric matrix, row by row. It is taken of derivatives only, and
   * never differentiated.
   */
  record UpperTriangle() implements Structural {
    @Override
    public Structural behindAnAxis(int extent) {
      throw new IllegalStateException("an upper triangle is a result");
    }

    @Override
    public String name() {
      return "upper_triangle";
    }

    @Override
    public Shape shape(List<Node> operands) {
      int n = operands.get(0).shape().extent(0);
      return Shape.of(Math.toIntExact((long) n * (n + 1) / 2));
    }

    @Override
    public Node pullback(Algebra algebra, Node node, int operand, Node s, int head) {
      throw new IllegalStateException("an upper triangle is a result");
    }
  }

  /** Running sums along an axis, from the front or ({@code backwards}) from the end. */
  record CumulativeSum(int axis, boolean backwards) implements Structural {
    @Override
    public Structural behindAnAxis(int extent) {
      return new CumulativeSum(axis + 1, backwards);
    }

    @Override
    public String name() {
      return "cumsum";
    }

    @Override
    public Shape shape(List<Node> operands) {
      return operands.get(0).shape();
    }

    @Override
    public Node pullback(Algebra algebra, Node node, int operand, Node s, int head) {
      return algebra.graph().add(new CumulativeSum(axis + head, !backwards), s);
    }
  }

  /** The value without its derivative. */
  record StopGradient() implements Structural {
    @Override
    public Structural behindAnAxis(int extent) {
      return this;
    }

    @Override
    public Optional<Node> pushforward(Algebra algebra, Node node, List<Optional<Node>> tangents) {
      return Optional.empty();
    }

    @Override
    public String name() {
      return "stop";
    }

    @Override
    public Shape shape(List<Node> operands) {
      return operands.get(0).shape();
    }

    @Override
    public boolean differentiableIn(int operand) {
      return false;
    }

    @Override
    public Node pullback(Algebra algebra, Node node, int operand, Node s, int head) {
      throw new IllegalStateException("a stopped derivative is never asked for");
    }

    @Override
    public String describe(List<String> operands) {
      return operands.get(0);
    }
  }

  /**
   * The largest (or, negated at both ends, smallest) element along an axis, which goes. Ties share
   * the derivative equally.
   */
  record Maximum(int axis) implements Structural {
    @Override
    public String name() {
      return "max";
    }

    @Override
    public Shape shape(List<Node> operands) {
      Shape shape = operands.get(0).shape();
      if (axis >= shape.rank()) {
        throw new ExpressionException("there is no axis " + axis + " in shape " + shape);
      }
      List<Integer> extents = new ArrayList<>(shape.extents());
      extents.remove(axis);
      return new Shape(extents);
    }

    @Override
    public Structural behindAnAxis(int extent) {
      return new Maximum(axis + 1);
    }

    @Override
    public boolean hasKink(int operand) {
      return true;
    }

    /** Which elements are largest, as shares of one. */
    private Node shares(Algebra algebra, Node node) {
      Node z = node.operand(0);
      Node largest = algebra.along(node, axis, z.shape());
      Node ties = algebra.apply("equal", z, largest);
      Node count = algebra.along(algebra.sum(ties, axis), axis, z.shape());
      return algebra.apply("divide", ties, count);
    }

    @Override
    public Node pullback(Algebra algebra, Node node, int operand, Node s, int head) {
      Shape shape = node.operand(0).shape();
      List<Integer> labels = Labels.range(0, head + shape.rank());
      List<Integer> reduced = new ArrayList<>(labels);
      reduced.remove(axis + head);
      Shape result =
          new Shape(Labels.concat(s.shape().extents().subList(0, head), shape.extents()));
      return algebra.contract(
          List.of(s, shares(algebra, node)),
          List.of(reduced, labels.subList(head, labels.size())),
          labels,
          result,
          1);
    }

    @Override
    public Optional<Node> pushforward(Algebra algebra, Node node, List<Optional<Node>> tangents) {
      return tangents
          .get(0)
          .map(
              tangent -> {
                List<Integer> labels = Labels.range(0, tangent.shape().rank());
                List<Integer> reduced = new ArrayList<>(labels);
                reduced.remove(axis + 1);
                return algebra.contract(
                    List.of(tangent, shares(algebra, node)),
                    List.of(labels, labels.subList(1, labels.size())),
                    reduced,
                    node.shape().behind(tangent.shape().extent(0)),
                    1);
              });
    }
  }
}
