package org.sparkcurvature.plan.steps;

import java.util.List;
import org.sparkcurvature.graph.Node;

/**
 * A matrix product that sums over samples: {@code left' right} with left {@code [M * inner, rows]}
 * and right {@code [M * inner, columns]}.
 */
public record SummedProduct(
    Node node,
    Buffer left,
    Buffer right,
    int inner,
    int rows,
    int columns,
    double coefficient,
    Accumulate into,
    Buffer out)
    implements Addable {
  @Override
  public SummedProduct addedTo(Buffer to, Node sum) {
    return new SummedProduct(
        sum, left, right, inner, rows, columns, coefficient, Accumulate.ADD, to);
  }

  /** The same, which adds to nothing. */
  public SummedProduct replacing() {
    return new SummedProduct(
        node, left, right, inner, rows, columns, coefficient, Accumulate.REPLACE, out);
  }

  @Override
  public boolean isOnHost() {
    return false;
  }

  @Override
  public String describe() {
    return "matrix product [%d, M %d] [M %d, %d]%s"
        .formatted(rows, inner, inner, columns, into.suffix());
  }

  @Override
  public List<Buffer> operands() {
    return List.of(left, right);
  }

  @Override
  public double operations(long m) {
    return (double) rows * inner * columns * m;
  }
}
