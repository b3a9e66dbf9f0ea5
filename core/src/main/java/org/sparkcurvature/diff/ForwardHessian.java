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
   * @param right the operand on the side of the columns
   * @param product adjoint times second derivative
   */
  private record Curvature(Node left, Node right, Coupled.Curvature product) {}

  private final Algebra algebra;
  private final Map<Node, Provenance> provenances;
  private final List<Curvature> curvatures = new ArrayList<>();
  private final Map<Node, Pushforward> pushforwards = new HashMap<>();

  /**
   * @param edgePushing first derivatives of the loss
   * @param nodes how many of the graph's nodes are the loss's own
   * @param provenances receives what the nodes made here stand for
   */
  ForwardHessian(
      Algebra algebra, EdgePushing edgePushing, int nodes, Map<Node, Provenance> provenances) {
    this.algebra = algebra;
    this.provenances = provenances;
    for (Node node : List.copyOf(algebra.graph().nodes().subList(0, nodes))) {
      Optional<Node> adjoint = edgePushing.adjoint(node);
      for (int k = 0; adjoint.isPresent() && k < node.operands().size(); k++) {
        for (int l = 0; l < node.operands().size(); l++) {
          if (edgePushing.carries(node, k) && edgePushing.carries(node, l)) {
            curvature(node, k, l, adjoint.get()).forEach(c -> add(node, c));
          }
        }
      }
    }
  }

  private void add(Node node, Curvature curvature) {
    if (curvature.product().factors().size() == 1) {
      provenances.putIfAbsent(
          curvature.product().factors().get(0),
          new Provenance("the curvature of %s times its adjoint", "C[%s]", List.of(node)));
    }
    curvatures.add(curvature);
  }

  private List<Curvature> curvature(Node node, int k, int l, Node adjoint) {
    List<Coupled.Curvature> products =
        switch (((Differentiable) node.op()).kind()) {
          case LINEAR -> List.of();
          case ELEMENTWISE -> {
            Apply apply = (Apply) node.op();
            List<Integer> lanes = Labels.range(0, node.shape().rank());
            yield apply.isFlat(k, l)
                ? List.of()
                : List.of(
                    new Coupled.Curvature(
                        List.of(algebra.scale(adjoint, 0, apply.second(algebra, node, k, l))),
                        List.of(lanes),
                        lanes,
                        lanes,
                        1));
          }
          case COUPLED -> ((Coupled) node.op()).curvature(algebra, node, k, l, adjoint);
          case MULTILINEAR -> {
            Einsum contract = (Einsum) node.op();
            if (contract.in().size() > 2) {
              throw new IllegalStateException(
                  "the second derivative of a product of " + contract.in().size() + " factors");
            }
            yield k == l
                ? List.of()
                : List.of(
                    new Coupled.Curvature(
                        List.of(adjoint),
                        List.of(contract.out()),
                        contract.in().get(k),
                        contract.in().get(l),
                        contract.coefficient()));
          }
        };
    return products.stream()
        .map(product -> new Curvature(node.operand(k), node.operand(l), product))
        .toList();
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
              provenances.putIfAbsent(
                  pushed,
                  new Provenance(
                      "the transposed Jacobian of %s by %s", "J'[%s, %s]", List.of(node, tensor)));
              return algebra.reshape(
                  pushed,
                  new Shape(Labels.concat(tensor.shape().extents(), node.shape().extents())));
            });
  }

  /** The terms of the Hessian between two tensors that are targets themselves. */
  List<Terms.Term> terms(ParameterUse row, ParameterUse column) {
    int above = Math.max(row.span(), column.span());
    List<Terms.Term> terms = new ArrayList<>();
    for (Curvature c : curvatures) {
      Optional<Node> left = jacobian(c.left(), row.target());
      Optional<Node> right = jacobian(c.right(), column.target());
      if (left.isPresent() && right.isPresent()) {
        Coupled.Curvature product = c.product();
        List<Node> factors = new ArrayList<>(List.of(left.get()));
        factors.addAll(product.factors());
        factors.add(right.get());
        List<List<Integer>> labels = new ArrayList<>();
        labels.add(Labels.concat(row.labels(), Labels.shift(product.rows(), above)));
        product.labels().forEach(axes -> labels.add(Labels.shift(axes, above)));
        labels.add(Labels.concat(column.labels(), Labels.shift(product.columns(), above)));
        terms.add(
            new Terms.Term(factors, labels, row.labels(), column.labels(), product.coefficient()));
      }
    }
    return terms;
  }
}
