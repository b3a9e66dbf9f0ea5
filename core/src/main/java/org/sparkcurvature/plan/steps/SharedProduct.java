package org.sparkcurvature.plan.steps;

import java.util.List;
import org.sparkcurvature.graph.Node;

/**
 * A matrix product over all samples of a block at once. {@code left} is sampled: its samples'
 * matrices stand below one another, {@code [M * rows, inner]}, and {@code right} is one matrix,
 * {@code [inner, columns]} or, transposed, {@code [columns, inner]}. Where left is not sampled M is
 * 1.
 */
public record SharedProduct(
    Node node,
    Buffer left,
    Buffer right,
    int rows,
    int inner,
    int columns,
    RightSide rightSide,
    double coefficient,
    Accumulate into,
    Buffer out)
    implements Addable {
  @Override
  public SharedProduct addedTo(Buffer to, Node sum) {
    return new SharedProduct(
        sum, left, right, rows, inner, columns, rightSide, coefficient, Accumulate.ADD, to);
  }

  /** How the right matrix lies in memory. */
  public enum RightSide {
    INNER_FIRST,
    COLUMNS_FIRST
  }

  @Override
  public boolean isOnHost() {
    return false;
  }

  @Override
  public String describe() {
    return "matrix product [%s%d, %d] [%d, %d]%s"
        .formatted(left.sampled() ? "M " : "", rows, inner, inner, columns, into.suffix());
  }

  @Override
  public List<Buffer> operands() {
    return List.of(left, right);
  }

  @Override
  public double operations(long m) {
    return (double) rows * inner * columns * (left.sampled() ? m : 1);
  }
}
