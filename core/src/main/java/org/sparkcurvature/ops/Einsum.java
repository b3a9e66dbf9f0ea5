package org.sparkcurvature.ops;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.sparkcurvature.graph.ExpressionException;
import org.sparkcurvature.graph.Node;
import org.sparkcurvature.graph.Shape;

/**
 * A contraction of indices: the product of the operands, summed over every index that the result
 * does not have. All products, sums and broadcasts are of this form: dot is {@code i,i->}, matmul
 * {@code ij,j->i}, outer {@code i,j->ij}, sum {@code i->}, the broadcast of a scalar {@code ->i}.
 *
 * @param in the indices of each operand's axes
 * @param out the indices of the result's axes; one that no operand has repeats the result along it
 * @param shape the result's shape
 * @param overSamples whether the sample axis is summed as well
 * @param coefficient a constant factor
 */
public record Einsum(
    List<List<Integer>> in, List<Integer> out, Shape shape, boolean overSamples, double coefficient)
    implements Differentiable {

  public Einsum {
    in = in.stream().map(List::copyOf).toList();
    out = List.copyOf(out);
    if (out.stream().distinct().count() < out.size()) {
      throw new IllegalArgumentException("an index of the result is named twice: " + out);
    }
  }

  @Override
  public String name() {
    return "contract";
  }

  @Override
  public Kind kind() {
    return in.size() == 1 ? Kind.LINEAR : Kind.MULTILINEAR;
  }

  /** The extent of every index. */
  public Map<Integer, Integer> extents(List<Node> operands) {
    Map<Integer, Integer> extents = new HashMap<>();
    for (int k = 0; k < in.size(); k++) {
      for (int axis = 0; axis < in.get(k).size(); axis++) {
        Integer before = extents.put(in.get(k).get(axis), operands.get(k).shape().extent(axis));
        if (before != null && before != operands.get(k).shape().extent(axis)) {
          throw new ExpressionException(
              "extents "
                  + before
                  + " and "
                  + operands.get(k).shape().extent(axis)
                  + " do not meet in "
                  + formula());
        }
      }
    }
    for (int axis = 0; axis < out.size(); axis++) {
      extents.putIfAbsent(out.get(axis), shape.extent(axis));
    }
    return extents;
  }

  @Override
  public Shape shape(List<Node> operands) {
    Map<Integer, Integer> extents = extents(operands);
    for (int axis = 0; axis < out.size(); axis++) {
      if (extents.get(out.get(axis)) != shape.extent(axis)) {
        throw new ExpressionException(
            "extent " + shape.extent(axis) + " of the result does not meet in " + formula());
      }
    }
    return shape;
  }

  @Override
  public boolean sampled(List<Node> operands) {
    return !overSamples && operands.stream().anyMatch(Node::sampled);
  }

  @Override
  public Node pullback(Algebra algebra, Node node, int operand, Node s, int head) {
    List<Integer> heads = Labels.fresh(head, this);
    List<Node> factors = new ArrayList<>(List.of(s));
    List<List<Integer>> labels = new ArrayList<>(List.of(Labels.concat(heads, out)));
    for (int k = 0; k < in.size(); k++) {
      if (k != operand) {
        factors.add(node.operand(k));
        labels.add(in.get(k));
      }
    }
    Shape result =
        new Shape(
            Labels.concat(
                s.shape().extents().subList(0, head), node.operand(operand).shape().extents()));
    return algebra.contract(
        factors, labels, Labels.concat(heads, in.get(operand)), result, coefficient);
  }

  @Override
  public Optional<Node> pushforward(Algebra algebra, Node node, List<Optional<Node>> tangents) {
    List<Integer> head = Labels.fresh(1, this);
    Optional<Node> sum = Optional.empty();
    for (int k = 0; k < in.size(); k++) {
      if (tangents.get(k).isPresent()) {
        List<Node> factors = new ArrayList<>(node.operands());
        List<List<Integer>> labels = new ArrayList<>(in);
        factors.set(k, tangents.get(k).get());
        labels.set(k, Labels.concat(head, in.get(k)));
        Shape directions = shape.behind(tangents.get(k).get().shape().extent(0));
        Node part =
            algebra.contractLike(this, factors, labels, Labels.concat(head, out), directions);
        sum = Optional.of(sum.map(s -> algebra.add(s, part)).orElse(part));
      }
    }
    return sum;
  }

  /** {@code ij,j->i}, with m for the sample axis where it is summed. */
  public String formula() {
    StringBuilder text = new StringBuilder();
    for (List<Integer> labels : in) {
      text.append(text.length() == 0 ? "" : ",").append(letters(labels));
    }
    return text + "->" + letters(out);
  }

  private static String letters(List<Integer> labels) {
    StringBuilder text = new StringBuilder();
    for (int label : labels) {
      text.append((char) ('i' + label % 16));
    }
    return text.toString();
  }

  @Override
  public String describe(List<String> operands) {
    String formula = formula();
    if (!overSamples && coefficient == 1) {
      if (in.size() > 1 && in.stream().allMatch(List::isEmpty) && out.isEmpty()) {
        return "(" + String.join(" * ", operands) + ")";
      }
      if (formula.startsWith("->")) {
        return operands.get(0);
      }
      String name =
          switch (formula) {
            case "i,i->" -> "dot";
            case "ij,j->i", "ij,jk->ik" -> "matmul";
            case "i,j->ij" -> "outer";
            case "i->", "ij->" -> "sum";
            case "ii->" -> "trace";
            case "ii->i" -> "diag";
            default -> "";
          };
      if (!name.isEmpty()) {
        return name + "(" + String.join(", ", operands) + ")";
      }
    }
    return (overSamples ? "the sum over samples of " : "")
        + "["
        + formula
        + "]("
        + String.join(", ", operands)
        + ")";
  }
}
