package org.sparkcurvature.ops;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.sparkcurvature.graph.Node;

/**
 * A function whose second derivative couples elements with one another, so that it is a matrix of
 * its own between two operands: the logarithm of a sum of exponentials and its relatives, which are
 * {@link CoupledLines}, and the {@link MatrixFunction}s.
 */
public interface Coupled extends Differentiable {

  /**
   * The second derivative times the adjoint.
   *
   * @param factor its elements
   * @param labels of the factor's axes
   * @param rows labels of the axes of the operand on the side of the rows
   * @param columns labels of the axes of the operand on the side of the columns
   */
  record Curvature(Node factor, List<Integer> labels, List<Integer> rows, List<Integer> columns) {

    /** With the labels of lines along this axis. */
    static Curvature along(Node factor, int axis) {
      int rank = factor.shape().rank() - 1;
      List<Integer> rows = Labels.range(0, rank);
      List<Integer> columns = new ArrayList<>(rows);
      columns.set(axis, rank);
      List<Integer> labels = new ArrayList<>(rows);
      labels.add(axis + 1, rank);
      return new Curvature(factor, labels, rows, columns);
    }

    /** Of a factor with the axes of the rows before those of the columns. */
    static Curvature between(Node factor, int rowAxes) {
      List<Integer> labels = Labels.range(0, factor.shape().rank());
      return new Curvature(
          factor, labels, labels.subList(0, rowAxes), labels.subList(rowAxes, labels.size()));
    }

    /** With the operands exchanged. */
    Curvature transposed() {
      return new Curvature(factor, labels, columns, rows);
    }
  }

  /**
   * The adjoint of {@code node} times its second derivative by operands {@code k}, on the side of
   * the rows, and {@code l}; empty where that is zero. By one operand twice it is a symmetric
   * matrix.
   */
  Optional<Curvature> curvature(Algebra algebra, Node node, int k, int l, Node adjoint);
}
