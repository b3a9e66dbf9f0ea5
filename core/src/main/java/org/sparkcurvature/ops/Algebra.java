package org.sparkcurvature.ops;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.sparkcurvature.graph.Graph;
import org.sparkcurvature.graph.Leaf;
import org.sparkcurvature.graph.Node;
import org.sparkcurvature.graph.Shape;

/**
 * Builds nodes, leaving out what does nothing: products with one, permutations that permute
 * nothing, reshapes to the same shape.
 */
public final class Algebra {
  private final Graph graph;

  public Algebra(Graph graph) {
    this.graph = graph;
  }

  public Graph graph() {
    return graph;
  }

  /** The constant that all elements of {@code node} are, or NaN if it is not such a node. */
  private static double constantOf(Node node) {
    return node.op() instanceof Leaf.Fill fill ? fill.value() : Double.NaN;
  }

  /** An elementwise function; operands have one shape. */
  public Node apply(String function, Node... operands) {
    Node first = operands[0];
    if (function.equals("multiply") || function.equals("add")) {
      double unit = function.equals("add") ? 0 : 1;
      if (constantOf(first) == unit) {
        return operands[1];
      }
      if (constantOf(operands[1]) == unit) {
        return first;
      }
    }
    return graph.add(new Apply(function), operands);
  }

  public Node add(Node a, Node b) {
    return apply("add", a, b);
  }

  public Node multiply(Node a, Node b) {
    return apply("multiply", a, b);
  }

  /**
   * {@code s} times {@code factor}, whose axes are those of {@code s} behind its {@code head}
   * leading ones.
   */
  public Node scale(Node s, int head, Node factor) {
    if (head == 0 && Double.isNaN(constantOf(factor))) {
      return multiply(s, factor);
    }
    List<Integer> labels = Labels.range(0, s.shape().rank());
    return contract(
        List.of(s, factor),
        List.of(labels, labels.subList(head, labels.size())),
        labels,
        s.shape(),
        1);
  }

  public Node reshape(Node node, Shape shape) {
    return node.op() instanceof Structural.Reshape
        ? reshape(node.operand(0), shape)
        : reshapeAsWritten(node, shape);
  }

  /**
   * The same, with reshapes of reshapes left alone: in a loss the one in between may have a name,
   * and what uses it must be seen to use it.
   */
  Node reshapeAsWritten(Node node, Shape shape) {
    if (node.op() instanceof Leaf.Fill fill) {
      return graph.fill(fill.value(), shape);
    }
    return node.shape().equals(shape) ? node : graph.add(new Structural.Reshape(shape), node);
  }

  /** Axis k of the result is axis {@code axes[k]}; see {@link Structural.PermuteOrDiagonal}. */
  public Node spread(Node node, List<Integer> axes) {
    if (axes.equals(Labels.range(0, node.shape().rank()))) {
      return node;
    }
    return graph.add(new Structural.PermuteOrDiagonal(axes), node);
  }

  public Node slice(Node node, int axis, int from, int length) {
    return from == 0 && length == node.shape().extent(axis)
        ? node
        : graph.add(new Structural.Slice(axis, from, length), node);
  }

  /** The node at {@code from} of an axis of extent {@code extent}, zeros elsewhere. */
  public Node pad(Node node, int axis, int from, int extent) {
    return node.shape().extent(axis) == extent
        ? node
        : graph.add(new Structural.Pad(axis, from, extent), node);
  }

  /**
   * One where the index says, zero elsewhere: length {@code extent}; of a vector of indices such a
   * row for each.
   */
  public Node oneHot(Node index, int extent) {
    if (index.shape().isScalar()) {
      return graph.add(new Structural.Scatter(0, extent), graph.constant(1), index);
    }
    Node identity = identity(index.shape().extent(0));
    return graph.add(new Structural.Scatter(1, extent), identity, index);
  }

  /** The identity matrix of this order. */
  public Node identity(int order) {
    return spread(graph.fill(1, Shape.of(order)), List.of(0, 0));
  }

  /** Repeats {@code node} along a new axis, so that the result has shape {@code shape}. */
  public Node along(Node node, int axis, Shape shape) {
    List<Integer> labels = Labels.range(0, shape.rank());
    List<Integer> reduced = new ArrayList<>(labels);
    reduced.remove(axis);
    return contract(List.of(node), List.of(reduced), labels, shape, 1);
  }

  /** A scalar repeated over a shape. */
  public Node broadcast(Node scalar, Shape shape) {
    return contract(List.of(scalar), List.of(List.of()), Labels.range(0, shape.rank()), shape, 1);
  }

  /**
   * Each line of {@code lines} times an element of {@code s}.
   *
   * @param s of the shape of the lines without their axis, behind {@code head} leading axes
   */
  Node spreadAlong(Node s, Node lines, int axis, int head) {
    List<Integer> labels = Labels.range(0, head + lines.shape().rank());
    List<Integer> reduced = new ArrayList<>(labels);
    reduced.remove(axis + head);
    Shape shape =
        new Shape(Labels.concat(s.shape().extents().subList(0, head), lines.shape().extents()));
    return contract(
        List.of(s, lines), List.of(reduced, labels.subList(head, labels.size())), labels, shape, 1);
  }

  /** The transpose: products with each line, summed along its axis, behind one leading axis. */
  Node summedAlong(Node directions, Node lines, int axis) {
    List<Integer> labels = Labels.range(0, directions.shape().rank());
    List<Integer> reduced = new ArrayList<>(labels);
    reduced.remove(axis + 1);
    return contract(
        List.of(directions, lines),
        List.of(labels, labels.subList(1, labels.size())),
        reduced,
        new Shape(reduced.stream().map(directions.shape()::extent).toList()),
        1);
  }

  /** log(sum(exp(z))) along an axis, which goes. */
  public Node logSumExp(Node z, int axis) {
    return graph.add(new Softmax.LogSumExp(axis), z, graph.add(new Softmax.Shares(axis), z));
  }

  /** z - log(sum(exp(z))) along an axis. */
  public Node logSoftmax(Node z, int axis) {
    return graph.add(new Softmax.LogSoftmax(axis), z, graph.add(new Softmax.Shares(axis), z));
  }

  /** The sum along an axis, which goes. */
  public Node sum(Node node, int axis) {
    List<Integer> labels = Labels.range(0, node.shape().rank());
    List<Integer> reduced = new ArrayList<>(labels);
    reduced.remove(axis);
    return contract(
        List.of(node),
        List.of(labels),
        reduced,
        new Shape(reduced.stream().map(node.shape()::extent).toList()),
        1);
  }

  /**
   * A contraction that keeps the sample axis of its operands; see {@link Einsum}. A label that
   * {@code out} has twice makes a diagonal: the result is zero where the coordinates differ.
   */
  public Node contract(
      List<Node> operands,
      List<List<Integer>> in,
      List<Integer> out,
      Shape shape,
      double coefficient) {
    return contract(operands, in, out, shape, coefficient, false);
  }

  /** The same, summed over samples with their weights. */
  public Node contractOverSamples(
      List<Node> operands,
      List<List<Integer>> in,
      List<Integer> out,
      Shape shape,
      double coefficient) {
    List<Node> weighted = new ArrayList<>(operands);
    weighted.add(graph.weight());
    List<List<Integer>> labels = new ArrayList<>(in);
    labels.add(List.of());
    return contract(weighted, labels, out, shape, coefficient, true);
  }

  /** A contraction with the coefficient of {@code like}, over samples if that is. */
  Node contractLike(
      Einsum like, List<Node> operands, List<List<Integer>> in, List<Integer> out, Shape shape) {
    return contract(operands, in, out, shape, like.coefficient(), like.overSamples());
  }

  private Node contract(
      List<Node> operands,
      List<List<Integer>> in,
      List<Integer> out,
      Shape shape,
      double coefficient,
      boolean overSamples) {
    List<Integer> distinct = out.stream().distinct().toList();
    if (distinct.size() < out.size()) {
      Shape narrow =
          new Shape(distinct.stream().map(label -> shape.extent(out.indexOf(label))).toList());
      return spread(
          contract(operands, in, distinct, narrow, coefficient, overSamples),
          out.stream().map(distinct::indexOf).toList());
    }
    Map<Integer, Integer> extents = new HashMap<>();
    for (int k = 0; k < operands.size(); k++) {
      for (int axis = 0; axis < in.get(k).size(); axis++) {
        extents.put(in.get(k).get(axis), operands.get(k).shape().extent(axis));
      }
    }
    // Constants become part of the coefficient; an index that only they have is counted if it is
    // summed.
    List<Node> factors = new ArrayList<>();
    List<List<Integer>> labels = new ArrayList<>();
    Set<Integer> covered = new HashSet<>(out);
    double scale = coefficient;
    for (int k = 0; k < operands.size(); k++) {
      if (operands.get(k).op() instanceof Leaf.Fill fill) {
        scale *= fill.value();
      } else {
        factors.add(operands.get(k));
        labels.add(in.get(k));
        covered.addAll(in.get(k));
      }
    }
    for (Map.Entry<Integer, Integer> index : extents.entrySet()) {
      if (!covered.contains(index.getKey())) {
        scale *= index.getValue();
      }
    }
    if (factors.isEmpty()) {
      return graph.fill(scale, shape);
    }
    if (!overSamples && scale == 1) {
      if (factors.size() == 1 && labels.get(0).equals(out)) {
        return factors.get(0);
      }
      if (factors.size() == 1
          && out.size() == labels.get(0).size()
          && new HashSet<>(out).equals(new HashSet<>(labels.get(0)))) {
        return spread(factors.get(0), out.stream().map(labels.get(0)::indexOf).toList());
      }
      if (factors.size() == 2 && labels.get(0).equals(out) && labels.get(1).equals(out)) {
        return multiply(factors.get(0), factors.get(1));
      }
    }
    Map<Integer, Integer> names = new HashMap<>();
    List<List<Integer>> canonical = labels.stream().map(l -> rename(l, names)).toList();
    return graph.add(new Einsum(canonical, rename(out, names), shape, overSamples, scale), factors);
  }

  private static List<Integer> rename(List<Integer> labels, Map<Integer, Integer> names) {
    List<Integer> renamed = new ArrayList<>();
    for (int label : labels) {
      Integer name = names.get(label);
      if (name == null) {
        name = names.size();
        names.put(label, name);
      }
      renamed.add(name);
    }
    return renamed;
  }
}
