package org.sparkcurvature.plan.steps;

import java.util.List;
import java.util.Optional;
import org.sparkcurvature.graph.Node;

/**
 * The upper triangle, row by row, of J' diag(d) J for each sample.
 *
 * @param matrix J, [inner, order]
 * @param diagonal d, [inner]
 * @param coefficient a constant factor
 * @param room for one sample: diag(d) J, and the whole product
 */
public record WeightedGram(
    Node node,
    Buffer matrix,
    Buffer diagonal,
    int inner,
    int order,
    double coefficient,
    Buffer room,
    Accumulate into,
    Buffer out)
    implements Addable {
  @Override
  public WeightedGram addedTo(Buffer to, Node sum) {
    return new WeightedGram(
        sum, matrix, diagonal, inner, order, coefficient, room, Accumulate.ADD, to);
  }

  @Override
  public Optional<Buffer> workspace() {
    return Optional.of(room);
  }

  @Override
  public String describe() {
    return "upper triangle of [M, %2$d, %1$d] diag [M, %1$d] [M, %1$d, %2$d]%3$s"
        .formatted(inner, order, into.suffix());
  }

  @Override
  public List<Buffer> operands() {
    return List.of(matrix, diagonal);
  }

  @Override
  public double operations(long m) {
    return (double) inner * order * order * m;
  }
}
