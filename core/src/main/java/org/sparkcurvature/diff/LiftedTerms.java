package org.sparkcurvature.diff;

import java.util.List;
import java.util.Optional;
import org.sparkcurvature.graph.Node;
import org.sparkcurvature.graph.Shape;
import org.sparkcurvature.ops.Algebra;
import org.sparkcurvature.ops.Differentiable;
import org.sparkcurvature.ops.Labels;

/**
 * The nodes of terms, with the rows and columns of the tensors of wrt: what was rearranged before
 * it entered the loss is pulled back to them.
 */
final class LiftedTerms {
  private final Algebra algebra;
  private final Terms terms;

  LiftedTerms(Algebra algebra, Terms terms) {
    this.algebra = algebra;
    this.terms = terms;
  }

  /**
   * A term of a result, and how its rows and columns come to be those of the tensors.
   *
   * @param rows the shape of the term's rows
   * @param rowPath what has been done to the tensor of the rows
   * @param columns the shape of the term's columns
   * @param columnPath what has been done to the tensor of the columns
   */
  record Part(
      Terms.Term term,
      Shape rows,
      List<ParameterUse.ViewOp> rowPath,
      Shape columns,
      List<ParameterUse.ViewOp> columnPath) {

    Part(Terms.Term term, ParameterUse row, ParameterUse column) {
      this(term, row.shape(), row.path(), column.shape(), column.path());
    }

    static Part ofRows(Terms.Term term, ParameterUse row) {
      return new Part(term, row.shape(), row.path(), Shape.SCALAR, List.of());
    }

    static Part ofColumns(Terms.Term term, Shape rows, ParameterUse column) {
      return new Part(term, rows, List.of(), column.shape(), column.path());
    }
  }

  /** A term, with rows and columns those of the tensors. */
  Node build(Part part, Differentiator.Reduction reduction) {
    Node node =
        reduction == Differentiator.Reduction.SUM
            ? terms.summed(part.term(), part.rows(), part.columns())
            : terms.perSample(part.term(), part.rows(), part.columns());
    return back(part, node, part.rows().rank());
  }

  /** Rows, the first so many axes, and columns pulled back to the tensors that they come from. */
  private Node back(Part part, Node node, int rows) {
    Node pulled = back(part.columnPath(), node, rows);
    if (part.rowPath().isEmpty()) {
      return pulled;
    }
    int columns = pulled.shape().rank() - rows;
    return turn(back(part.rowPath(), turn(pulled, rows), columns), columns);
  }

  /** Pulls the axes behind the first {@code head} back to the tensor from which a path comes. */
  private Node back(List<ParameterUse.ViewOp> path, Node node, int head) {
    Node pulled = node;
    for (ParameterUse.ViewOp view : path) {
      Differentiable op = (Differentiable) view.node().op();
      pulled = op.pullback(algebra, view.node(), view.operand(), pulled, head);
    }
    return pulled;
  }

  /** The first {@code head} axes put last. */
  private Node turn(Node node, int head) {
    List<Integer> axes = Labels.range(0, node.shape().rank());
    return algebra.spread(
        node, Labels.concat(axes.subList(head, axes.size()), axes.subList(0, head)));
  }

  /** Some rows and columns of a term, none where they are zero. */
  Optional<Node> build(
      Part part, IndexRange rows, IndexRange columns, Differentiator.Reduction reduction) {
    // What comes of a tensor by being rearranged is computed whole, and cut afterwards.
    boolean cutRows = part.rowPath().isEmpty();
    boolean cutColumns = part.columnPath().isEmpty();
    return terms
        .part(
            part.term(),
            cutRows ? rows : IndexRange.whole(part.rows()),
            cutColumns ? columns : IndexRange.whole(part.columns()),
            reduction == Differentiator.Reduction.SUM)
        .map(
            node -> {
              Node back = back(part, node, part.rows().rank());
              Node cut = cutRows ? back : cut(back, 0, rows);
              return cutColumns ? cut : cut(cut, rows.shape().rank(), columns);
            });
  }

  private Node cut(Node node, int firstAxis, IndexRange range) {
    Node cut = node;
    for (int axis = 0; axis < range.shape().rank(); axis++) {
      cut =
          algebra.slice(cut, firstAxis + axis, range.from().get(axis), range.shape().extent(axis));
    }
    return cut;
  }
}
