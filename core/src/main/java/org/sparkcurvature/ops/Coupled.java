package org.sparkcurvature.ops;

import java.util.ArrayList;
import java.util.List;
import org.sparkcurvature.graph.Node;

/**
 * A function whose second derivative couples all elements of a line with one another: the logarithm
 * of a sum of exponentials and its relatives. It is differentiated by its first operand; further
 * operands are functions of that one, computed beforehand.
 *
 * <p>The second derivatives p_i (d_ij - p_j) of shares p that add up to 1 are written without the
 * difference 1 - p_i, which has no digits where one share is all but 1: it is the sum of the
 * others.
 */
public interface Coupled extends Lines {

  @Override
  default boolean differentiableIn(int operand) {
    return operand == 0;
  }

  /**
   * The second derivative times the adjoint, line by line.
   *
   * @param factor the first operand's shape with the axis of the lines twice
   * @param labels of the factor's axes
   * @param rows labels of the operand's axes on the side of the rows
   * @param columns labels of the operand's axes on the side of the columns
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
  }

  /** The adjoint of {@code node} times its second derivative. */
  Curvature curvature(Algebra algebra, Node node, Node adjoint);
}
