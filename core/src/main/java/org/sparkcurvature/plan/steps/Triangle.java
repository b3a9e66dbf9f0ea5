package org.sparkcurvature.plan.steps;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.sparkcurvature.graph.Node;

/**
 * The upper triangle, row by row, of a matrix of {@code order} rows and columns whose elements are
 * products of one or more factors, not summed: each factor has a stride along rows and one along
 * columns.
 */
public record Triangle(
    Node node,
    List<StridedOperand> factors,
    int order,
    double coefficient,
    Accumulate into,
    Buffer out)
    implements Addable {
  public Triangle {
    factors = List.copyOf(factors);
  }

  /** Elements of the upper triangle of a matrix of order n. */
  public static int half(int n) {
    return Math.toIntExact((long) n * (n + 1) / 2);
  }

  /** Where the elements of the upper triangle of a matrix of order n lie, row by row. */
  public static int[] positions(int n) {
    int[] map = new int[half(n)];
    int at = 0;
    for (int row = 0; row < n; row++) {
      for (int column = row; column < n; column++) {
        map[at++] = row * n + column;
      }
    }
    return map;
  }

  /** The products x_i x_j of the elements of a vector; times a scalar where there is one. */
  public static Triangle outer(Node node, Buffer x, Optional<Buffer> scale, Buffer out) {
    List<StridedOperand> factors =
        Stream.concat(
                Stream.of(
                    new StridedOperand(x, List.of(1, 0), List.of()),
                    new StridedOperand(x, List.of(0, 1), List.of())),
                scale.stream().map(s -> new StridedOperand(s, List.of(0, 0), List.of())))
            .toList();
    return new Triangle(node, factors, x.size(), 1, Accumulate.REPLACE, out);
  }

  @Override
  public Triangle addedTo(Buffer to, Node sum) {
    return new Triangle(sum, factors, order, coefficient, Accumulate.ADD, to);
  }

  @Override
  public String describe() {
    return "upper triangle of a product " + StridedOperand.describe(factors, out, into);
  }

  @Override
  public List<Buffer> operands() {
    return StridedOperand.buffers(factors);
  }

  @Override
  public double operations(long rows) {
    return (double) out.size() * (out.sampled() ? rows : 1);
  }
}
