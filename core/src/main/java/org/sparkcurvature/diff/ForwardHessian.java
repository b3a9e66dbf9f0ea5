package org.sparkcurvature.diff;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.sparkcurvature.graph.Node;
import org.sparkcurvature.graph.Shape;
import org.sparkcurvature.ops.Algebra;
import org.sparkcurvature.ops.Apply;
import org.sparkcurvature.ops.Coupled;
import org.sparkcurvature.ops.Differentiable;
import org.sparkcurvature.ops.Einsum;
import org.sparkcurvature.ops.Labels;

/**
 * A Hessian as a sum over the operations that are curved: H = sum_v J_v' C_v J_v, where J_v holds
 * the Jacobians of v's operands, carried forward from the targets, and C_v is v's second derivative
 * times its adjoint.
 */
final class ForwardHessian {

  /**
   * A part of C_v.
   *
   * @param left the operand on the side of the rows
   * @param leftLabels the labels of its axes
   * @param right the operand on the side of the columns
   * @param rightLabels the labels of its axes
   * @param factor adjoint times second derivative
   * @param factorLabels the labels of its axes
   * @param coefficient a constant factor
   */
  private record Curvature(
      Node left,
      List<Integer> leftLabels,
      Node right,
      List<Integer> rightLabels,
      Node factor,
      List<Integer> factorLabels,
      double coefficient) {}

  private final Algebra algebra;
  private final Map<Node, Provenance> meanings;
  private final List<Curvature> curvatures = new ArrayList<>();
  private final Map<Node, Pushforward> pushforwards = new HashMap<>();

  /**
   * @param sweep first derivatives of the loss
   * @param nodes how many of the graph's nodes are the loss's own
   * @param meanings receives what the nodes made here stand for
   */
  ForwardHessian(Algebra algebra, EdgePushing sweep, int nodes, Map<Node, Provenance> meanings) {
    this.algebra = algebra;
    this.meanings = meanings;
    for (Node node : List.copyOf(algebra.graph().nodes().subList(0, nodes))) {
      Optional<Node> adjoint = sweep.adjoint(node);
      for (int k = 0; adjoint.isPresent() && k < node.operands().size(); k++) {
        for (int l = 0; l < node.operands().size(); l++) {
          if (sweep.carries(node, k) && sweep.carries(node, l)) {
            curvature(node, k, l, adjoint.get()).ifPresent(c -> add(node, c));
          }
        }
      }
    }
  }

  private void add(Node node, Curvature curvature) {
    meanings.putIfAbsent(
        curvature.factor(),
        new Provenance("the curvature of %s times its adjoint", "C[%s]", List.of(node)));
    curvatures.add(curvature);
  }

  private Optional<Curvature> curvature(Node node, int k, int l, Node adjoint) {
    return switch (((Differentiable) node.op()).kind()) {
      case LINEAR -> Optional.empty();
      case ELEMENTWISE -> {
        Apply apply = (Apply) node.op();
        List<Integer> lanes = Labels.range(0, node.shape().rank());
        yield apply.isFlat(k, l)
            ? Optional.empty()
            : Optional.of(
                new Curvature(
                    node.operand(k),
                    lanes,
                    node.operand(l),
                    lanes,
                    algebra.scale(adjoint, 0, apply.second(algebra, node, k, l)),
                    lanes,
                    1));
      }
      case COUPLED ->
          ((Coupled) node.op())
              .curvature(algebra, node, k, l, adjoint)
              .map(
                  c ->
                      new Curvature(
                          node.operand(k),
                          c.rows(),
                          node.operand(l),
                          c.columns(),
                          c.factor(),
                          c.labels(),
                          1));
      case MULTILINEAR -> {
        Einsum contract = (Einsum) node.op();
        if (contract.in().size() > 2) {
          throw new IllegalStateException(
              "the second derivative of a product of " + contract.in().size() + " factors");
        }
        yield k == l
            ? Optional.empty()
            : Optional.of(
                new Curvature(
                    node.operand(k),
                    contract.in().get(k),
                    node.operand(l),
                    contract.in().get(l),
                    adjoint,
                    contract.out(),
                    contract.coefficient()));
      }
    };
  }

  /** The Jacobian of a node by a tensor: the tensor's shape followed by the node's. */
  private Optional<Node> jacobian(Node node, Node tensor) {
    return pushforwards
        .computeIfAbsent(
            tensor,
            t -> {
              int n = t.shape().size();
              Node identity = algebra.spread(algebra.graph().fill(1, Shape.of(n)), List.of(0, 0));
              return new Pushforward(
                  algebra, Map.of(t, algebra.reshape(identity, t.shape().behind(n))));
            })
        .of(node)
        .map(
            pushed -> {
              meanings.putIfAbsent(
                  pushed,
                  new Provenance(
                      "the transposed Jacobian of %s by %s", "J'[%s, %s]", List.of(node, tensor)));
              return algebra.reshape(
                  pushed,
                  new Shape(Labels.concat(tensor.shape().extents(), node.shape().extents())));
            });
  }

  /** The terms of the Hessian between two tensors that are targets themselves. */
  List<Terms.Term> terms(Entry row, Entry column) {
    int above = Math.max(row.span(), column.span());
    List<Terms.Term> terms = new ArrayList<>();
    for (Curvature c : curvatures) {
      Optional<Node> left = jacobian(c.left(), row.target());
      Optional<Node> right = jacobian(c.right(), column.target());
      if (left.isPresent() && right.isPresent()) {
        terms.add(
            new Terms.Term(
                List.of(left.get(), c.factor(), right.get()),
                List.of(
                    Labels.concat(row.labels(), Labels.shift(c.leftLabels(), above)),
                    Labels.shift(c.factorLabels(), above),
                    Labels.concat(column.labels(), Labels.shift(c.rightLabels(), above))),
                row.labels(),
                column.labels(),
                c.coefficient()));
      }
    }
    return terms;
  }
}
