package org.sparkcurvature.ops;

import java.util.List;
import org.sparkcurvature.graph.Node;

/**
 * A {@link Coupled} function of lines. It is differentiated by its first operand; further operands
 * are functions of that one, computed beforehand.
 *
 * <p>The second derivatives p_i (d_ij - p_j) of shares p that add up to 1 are written without the
 * difference 1 - p_i, which has no digits where one share is all but 1: it is the sum of the
 * others.
 */
public interface CoupledLines extends Lines, Coupled {

  @Override
  default boolean differentiableIn(int operand) {
    return operand == 0;
  }

  /** The adjoint of {@code node} times its second derivative, line by line. */
  Curvature curvature(Algebra algebra, Node node, Node adjoint);

  @Override
  default List<Curvature> curvature(Algebra algebra, Node node, int k, int l, Node adjoint) {
    return List.of(curvature(algebra, node, adjoint));
  }
}
