package org.sparkcurvature.ops;

import java.util.ArrayList;
import java.util.List;
import org.sparkcurvature.graph.Node;

/**
 * A function whose second derivative couples elements with one another, so that it is a matrix of
 * its own between two operands: the logarithm of a sum of exponentials and its relatives, which are
 * {@link CoupledLines}, and the {@link MatrixFunction}s.
 */
public interface Coupled extends Differentiable {

  /**
   * The second derivative times the adjoint, or an addend of it: a product of factors, summed over
   * the labels that neither rows nor columns have. It is left to its user to multiply out, for whom
   * it may be cheaper to sum over samples before.
   *
   * @param factors its factors
   * @param labels of each factor's axes
   * @param rows labels of the axes of the operand on the side of the rows
   * @param columns labels of the axes of the operand on the side of the columns
   * @param coefficient a constant factor
   */
  record Curvature(
      List<Node> factors,
      List<List<Integer>> labels,
      List<Integer> rows,
      List<Integer> columns,
      double coefficient) {

    /** One factor with the labels of lines along this axis. */
    static Curvature along(Node factor, int axis) {
      int rank = factor.shape().rank() - 1;
      List<Integer> rows = Labels.range(0, rank);
      List<Integer> columns = new ArrayList<>(rows);
      columns.set(axis, rank);
      List<Integer> labels = new ArrayList<>(rows);
      labels.add(axis + 1, rank);
      return new Curvature(List.of(factor), List.of(labels), rows, columns, 1);
    }

    /** With the operands exchanged. */
    Curvature transposed() {
      return new Curvature(factors, labels, columns, rows, coefficient);
    }
  }

  /**
   * The adjoint of {@code node} times its second derivative by operands {@code k}, on the side of
   * the rows, and {@code l}, as a sum; none where that is zero. By one operand twice it is a
   * symmetric matrix.
   */
  List<Curvature> curvature(Algebra algebra, Node node, int k, int l, Node adjoint);
}
