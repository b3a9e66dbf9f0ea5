package org.sparkcurvature.diff;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BinaryOperator;
import org.sparkcurvature.graph.Node;
import org.sparkcurvature.graph.Shape;
import org.sparkcurvature.ops.Algebra;
import org.sparkcurvature.ops.Apply;
import org.sparkcurvature.ops.Differentiable;
import org.sparkcurvature.ops.Einsum;
import org.sparkcurvature.ops.Labels;
import org.sparkcurvature.ops.Structural;

/**
 * What the sweep does with {@link StructuredMatrix}s: add, transpose, and pull back through an
 * operation on one side or on both.
 */
final class StructuredMatrices {
  private final Algebra algebra;
  private final Set<Node> symmetric = new HashSet<>();

  StructuredMatrices(Algebra algebra) {
    this.algebra = algebra;
  }

  /** Says that the dense part of a form is a symmetric matrix, which is its own transpose. */
  void symmetric(Node dense) {
    symmetric.add(base(dense));
  }

  private static Node base(Node node) {
    return node.op() instanceof Structural.Reshape ? base(node.operand(0)) : node;
  }

  StructuredMatrix identity(Shape shape) {
    return StructuredMatrix.diagonal(algebra.graph().fill(1, shape));
  }

  StructuredMatrix add(StructuredMatrix a, StructuredMatrix b) {
    return new StructuredMatrix(
        either(a.dense(), b.dense(), algebra::add),
        either(a.diagonal(), b.diagonal(), algebra::add));
  }

  private static Optional<Node> either(
      Optional<Node> a, Optional<Node> b, BinaryOperator<Node> both) {
    return a.isEmpty() ? b : b.isEmpty() ? a : Optional.of(both.apply(a.get(), b.get()));
  }

  /** Rows and columns exchanged. */
  StructuredMatrix transpose(StructuredMatrix form, Shape head, Shape active) {
    return new StructuredMatrix(
        form.dense()
            .map(
                d -> {
                  if (symmetric.contains(base(d))) {
                    return algebra.reshape(d, head.behind(active.size()));
                  }
                  Node matrix = algebra.reshape(d, Shape.of(head.size(), active.size()));
                  return algebra.reshape(
                      algebra.spread(matrix, List.of(1, 0)), head.behind(active.size()));
                }),
        form.diagonal().map(d -> algebra.reshape(d, head)));
  }

  /** The form as one node of shape [head size] + active shape. */
  Node densify(StructuredMatrix form, Shape active) {
    int n = active.size();
    Optional<Node> spread =
        form.diagonal()
            .map(
                d ->
                    algebra.reshape(
                        algebra.spread(algebra.reshape(d, Shape.of(n)), List.of(0, 0)),
                        active.behind(n)));
    return either(form.dense(), spread, algebra::add).orElseThrow();
  }

  /**
   * The same form in one part: what is made of a dense matrix costs the same with a diagonal in it,
   * and what is made of the diagonal is saved.
   */
  StructuredMatrix joined(StructuredMatrix form, Shape active) {
    return form.dense().isPresent() && form.diagonal().isPresent()
        ? StructuredMatrix.dense(densify(form, active))
        : form;
  }

  /** The diagonal of a form between scalars is the form itself, and cheaper to carry. */
  private StructuredMatrix tidy(Node dense, int head, Shape active) {
    return head == 1 && active.size() == 1
        ? StructuredMatrix.diagonal(algebra.reshape(dense, active))
        : StructuredMatrix.dense(dense);
  }

  /** Columns of {@code node} become columns of its operand: the form times the Jacobian. */
  StructuredMatrix pull(Node node, int operand, StructuredMatrix form) {
    Differentiable op = (Differentiable) node.op();
    List<StructuredMatrix> parts = new ArrayList<>();
    form.dense()
        .ifPresent(
            d ->
                parts.add(
                    tidy(
                        op.pullback(algebra, node, operand, d, 1),
                        d.shape().extent(0),
                        node.operand(operand).shape())));
    form.diagonal().ifPresent(d -> parts.add(pullDiagonal(node, operand, d)));
    return parts.stream().reduce(this::add).orElseThrow();
  }

  private StructuredMatrix pullDiagonal(Node node, int operand, Node diagonal) {
    Differentiable op = (Differentiable) node.op();
    Shape to = node.operand(operand).shape();
    if (op instanceof Apply || op instanceof Structural.Reshape) {
      return StructuredMatrix.diagonal(op.pullback(algebra, node, operand, diagonal, 0));
    }
    if (op instanceof Einsum contract) {
      List<Integer> in = contract.in().get(operand);
      if (Collections.disjoint(in, contract.out())) {
        Contracted sides = new Contracted();
        sides.factor(diagonal, contract.out());
        sides.others(node, contract, operand, 0);
        return tidy(
            sides.result(
                Labels.concat(contract.out(), in), node.shape(), to, contract.coefficient()),
            node.shape().size(),
            to);
      }
      if (in.equals(contract.out()) && distinct(in)) {
        return StructuredMatrix.diagonal(op.pullback(algebra, node, operand, diagonal, 0));
      }
    }
    Node dense = densify(StructuredMatrix.diagonal(diagonal), node.shape());
    return StructuredMatrix.dense(op.pullback(algebra, node, operand, dense, 1));
  }

  /**
   * The transposed Jacobian with respect to operand k, times the symmetric form of {@code node}
   * with itself, times the Jacobian with respect to operand l.
   */
  StructuredMatrix sandwich(Node node, int k, int l, StructuredMatrix form) {
    List<StructuredMatrix> parts = new ArrayList<>();
    form.dense().ifPresent(d -> parts.add(sandwichDense(node, k, l, d)));
    form.diagonal().ifPresent(d -> parts.add(sandwichDiagonal(node, k, l, d)));
    return parts.stream().reduce(this::add).orElseThrow();
  }

  private StructuredMatrix sandwichDense(Node node, int k, int l, Node dense) {
    Shape head = node.operand(k).shape();
    Shape active = node.operand(l).shape();
    Differentiable op = (Differentiable) node.op();
    if (op instanceof Apply) {
      int n = node.shape().size();
      Node product =
          algebra.contract(
              List.of(partial(node, k), algebra.reshape(dense, Shape.of(n, n)), partial(node, l)),
              List.of(List.of(0), List.of(0, 1), List.of(1)),
              List.of(0, 1),
              Shape.of(n, n),
              1);
      return tidy(algebra.reshape(product, active.behind(n)), n, active);
    }
    if (op instanceof Einsum contract) {
      int shift = Labels.fresh(1, contract).get(0);
      Contracted sides = new Contracted();
      sides.others(node, contract, k, 0);
      sides.factor(
          algebra.reshape(
              dense, new Shape(Labels.concat(node.shape().extents(), node.shape().extents()))),
          Labels.concat(contract.out(), Labels.shift(contract.out(), shift)));
      sides.others(node, contract, l, shift);
      Node product =
          sides.result(
              Labels.concat(contract.in().get(k), Labels.shift(contract.in().get(l), shift)),
              head,
              active,
              contract.coefficient() * contract.coefficient());
      return tidy(product, head.size(), active);
    }
    Node columns = op.pullback(algebra, node, l, dense, 1);
    StructuredMatrix turned = transpose(StructuredMatrix.dense(columns), node.shape(), active);
    Node rows = op.pullback(algebra, node, k, turned.dense().orElseThrow(), 1);
    Node result =
        k == l ? rows : transpose(StructuredMatrix.dense(rows), active, head).dense().orElseThrow();
    return tidy(result, head.size(), active);
  }

  private StructuredMatrix sandwichDiagonal(Node node, int k, int l, Node diagonal) {
    Shape head = node.operand(k).shape();
    Shape active = node.operand(l).shape();
    Differentiable op = (Differentiable) node.op();
    if (op instanceof Apply || op instanceof Structural.Reshape) {
      return StructuredMatrix.diagonal(
          op.pullback(algebra, node, l, op.pullback(algebra, node, k, diagonal, 0), 0));
    }
    if (op instanceof Einsum contract
        && Collections.disjoint(contract.in().get(k), contract.out())
        && Collections.disjoint(contract.in().get(l), contract.out())) {
      int shift = Labels.fresh(1, contract).get(0);
      Contracted sides = new Contracted();
      sides.others(node, contract, k, 0);
      sides.factor(diagonal, contract.out());
      sides.othersSharing(node, contract, l, shift);
      Node product =
          sides.result(
              Labels.concat(contract.in().get(k), Labels.shift(contract.in().get(l), shift)),
              head,
              active,
              contract.coefficient() * contract.coefficient());
      return tidy(product, head.size(), active);
    }
    return sandwichDense(node, k, l, densify(StructuredMatrix.diagonal(diagonal), node.shape()));
  }

  /** The partial derivative of an elementwise node, as a vector. */
  private Node partial(Node node, int operand) {
    Node ones = algebra.graph().fill(1, node.shape());
    Node partial = ((Differentiable) node.op()).pullback(algebra, node, operand, ones, 0);
    return algebra.reshape(partial, Shape.of(node.shape().size()));
  }

  static boolean distinct(List<Integer> labels) {
    return new HashSet<>(labels).size() == labels.size();
  }

  /** The factors of a product that is summed over indices. */
  private final class Contracted {
    private final List<Node> factors = new ArrayList<>();
    private final List<List<Integer>> labels = new ArrayList<>();

    void factor(Node node, List<Integer> axes) {
      factors.add(node);
      labels.add(axes);
    }

    /**
     * The operands other than {@code operand}: together they are the Jacobian with respect to it.
     */
    void others(Node node, Einsum contract, int operand, int shift) {
      for (int k = 0; k < contract.in().size(); k++) {
        if (k != operand) {
          factor(node.operand(k), Labels.shift(contract.in().get(k), shift));
        }
      }
    }

    /** The same, with the indices of the result left as they are. */
    void othersSharing(Node node, Einsum contract, int operand, int shift) {
      for (int k = 0; k < contract.in().size(); k++) {
        if (k != operand) {
          factor(
              node.operand(k),
              contract.in().get(k).stream()
                  .map(label -> contract.out().contains(label) ? label : label + shift)
                  .toList());
        }
      }
    }

    Node result(List<Integer> out, Shape head, Shape active, double coefficient) {
      Shape shape = new Shape(Labels.concat(head.extents(), active.extents()));
      return algebra.reshape(
          algebra.contract(factors, labels, out, shape, coefficient), active.behind(head.size()));
    }
  }
}
