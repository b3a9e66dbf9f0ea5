package org.sparkcurvature.plan.steps;

import java.util.List;
import java.util.stream.Stream;
import org.sparkcurvature.graph.Node;

/**
 * The values of each sample put where indices say, zeros elsewhere; summed over samples where the
 * result is not sampled. A coordinate that is not wanted puts nothing; one that is outside of its
 * extent makes the result NaN.
 *
 * @param values what is put
 * @param lookups where
 * @param rows of each value, beside what the lookups say
 * @param columns the same
 * @param order 0 for a result of one row; else, of a matrix of so many rows and columns, the upper
 *     triangle row by row, and what is below the diagonal is left out
 */
public record ScatterAdd(
    Node node,
    Buffer values,
    List<Lookup> lookups,
    int[] rows,
    int[] columns,
    int order,
    Accumulate into,
    Buffer out)
    implements Addable {

  /**
   * One coordinate of the place where something is put.
   *
   * @param index what it is for each sample, from 0 to {@code extent - 1}
   * @param extent what is outside of it is an error
   * @param from the first coordinate that is wanted
   * @param length how many are
   * @param slot lookups of one slot must agree; where they do not, nothing is put
   * @param row how far a step of the coordinate moves along rows of the result
   * @param column the same, along columns
   * @param elements for each value, which element of a vector of indices; empty for a single one
   */
  public record Lookup(
      Buffer index,
      int extent,
      int from,
      int length,
      int slot,
      int row,
      int column,
      int[] elements) {}

  public ScatterAdd {
    lookups = List.copyOf(lookups);
  }

  @Override
  public ScatterAdd addedTo(Buffer to, Node sum) {
    return new ScatterAdd(sum, values, lookups, rows, columns, order, Accumulate.ADD, to);
  }

  @Override
  public String describe() {
    return (out.sampled() ? "placement " : "sums by index ")
        + values.describe()
        + " -> "
        + out.describe()
        + into.suffix();
  }

  @Override
  public List<Buffer> operands() {
    return Stream.concat(Stream.of(values), lookups.stream().map(Lookup::index)).toList();
  }

  @Override
  public double operations(long m) {
    return (double) values.size() * m;
  }
}
