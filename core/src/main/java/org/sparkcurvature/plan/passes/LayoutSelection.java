package org.sparkcurvature.plan.passes;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.sparkcurvature.graph.Node;
import org.sparkcurvature.plan.steps.Buffer;
import org.sparkcurvature.plan.steps.BufferSet;
import org.sparkcurvature.plan.steps.Product;
import org.sparkcurvature.plan.steps.SharedProduct;
import org.sparkcurvature.plan.steps.Step;
import org.sparkcurvature.plan.steps.StepBuilder;
import org.sparkcurvature.plan.steps.StepList;
import org.sparkcurvature.plan.steps.StridedOperand;

/**
 * How matrices of each sample lie in memory: the index first that products sum over, where the
 * steps that write and read them can do so at no cost. BLAS multiplies small matrices that lie so
 * in half the time, and products with vectors go along rows.
 */
public final class LayoutSelection {
  private final StepList steps;
  private final Set<Buffer> fixed;
  private final Columns columns;

  /** A matrix that is the same for all blocks, with its columns, or rows, in another order. */
  interface Columns {
    /**
     * Of the product that {@code node} is; empty where the matrix is not the same for all blocks.
     */
    Optional<Buffer> moved(Node node, Buffer matrix, int[] map);
  }

  /** A buffer as a matrix; {@code columns} is the index that is summed over. */
  private record Matrix(Buffer buffer, int rows, int columns) {

    /** A stride through this matrix as one through it turned; at most so far along an axis. */
    private Optional<List<Integer>> turned(List<Integer> strides, List<Integer> extents) {
      List<Integer> turned = new ArrayList<>();
      int lastRow = 0;
      int lastColumn = 0;
      for (int axis = 0; axis < strides.size(); axis++) {
        int down = strides.get(axis) / columns;
        int along = strides.get(axis) % columns;
        lastRow += down * (extents.get(axis) - 1);
        lastColumn += along * (extents.get(axis) - 1);
        turned.add(along * rows + down);
      }
      // Otherwise some step along a row would go on in the next one.
      return lastRow < rows && lastColumn < columns ? Optional.of(turned) : Optional.empty();
    }

    Optional<StridedOperand> turned(
        StridedOperand operand, List<Integer> out, List<Integer> summed) {
      if (!operand.buffer().equals(buffer)) {
        return Optional.of(operand);
      }
      List<Integer> strides =
          Stream.concat(operand.outStrides().stream(), operand.sumStrides().stream()).toList();
      List<Integer> extents = Stream.concat(out.stream(), summed.stream()).toList();
      return turned(strides, extents)
          .map(
              all ->
                  new StridedOperand(
                      buffer, all.subList(0, out.size()), all.subList(out.size(), all.size())));
    }
  }

  private LayoutSelection(StepList steps, Collection<Buffer> fixed, Columns columns) {
    this.steps = steps;
    this.fixed = new BufferSet(fixed);
    this.columns = columns;
  }

  /** As {@link Pass#run}. */
  public static void run(StepBuilder steps, Collection<Buffer> results) {
    turn(steps.perBlock(), results, steps::movedOnce);
  }

  /**
   * Turns matrices in the steps of a block.
   *
   * @param fixed buffers that stay as they are
   */
  static void turn(StepList steps, Collection<Buffer> fixed, Columns columns) {
    LayoutSelection selection = new LayoutSelection(steps, fixed, columns);
    for (int k = 0; k < steps.size(); k++) {
      if (steps.at(k) instanceof Product product && product.sumExtents().size() == 1) {
        selection.turn(product);
      }
    }
  }

  /** All matrices of a product, or none: turned against each other they would be slow, too. */
  private void turn(Product product) {
    List<Matrix> matrices =
        product.factors().stream()
            .filter(operand -> operand.sumStrides().equals(List.of(1)))
            .map(operand -> matrix(operand.buffer(), product.sumExtents().get(0)))
            .flatMap(Optional::stream)
            .distinct()
            .toList();
    Map<Integer, Step> before = new HashMap<>();
    for (Matrix matrix : matrices) {
      Optional<Map<Integer, Step>> turned = turned(matrix);
      if (turned.isEmpty()) {
        before.forEach(steps::set);
        return;
      }
      turned
          .get()
          .forEach(
              (k, step) -> {
                before.putIfAbsent(k, steps.at(k));
                steps.set(k, step);
              });
    }
  }

  private static Optional<Matrix> matrix(Buffer buffer, int columns) {
    int rows = buffer.size() / columns;
    return rows > 1 && columns > 1 && rows * columns == buffer.size()
        ? Optional.of(new Matrix(buffer, rows, columns))
        : Optional.empty();
  }

  /**
   * The steps, by position, with this matrix turned; empty where one cannot write or read it so.
   */
  private Optional<Map<Integer, Step>> turned(Matrix matrix) {
    if (!matrix.buffer().sampled()
        || fixed.contains(matrix.buffer())
        || steps.writers(matrix.buffer()).size() == 0) {
      return Optional.empty();
    }
    int[] touching =
        IntStream.concat(
                steps.writers(matrix.buffer()).stream(), steps.readers(matrix.buffer()).stream())
            .sorted()
            .distinct()
            .toArray();
    Map<Integer, Step> turned = new LinkedHashMap<>();
    for (int k : touching) {
      Optional<Step> step = turned(steps.at(k), matrix);
      if (step.isEmpty()) {
        return Optional.empty();
      }
      turned.put(k, step.get());
    }
    return Optional.of(turned);
  }

  private Optional<Step> turned(Step step, Matrix matrix) {
    if (step instanceof SharedProduct product
        && product.out().equals(matrix.buffer())
        && product.rows() == 1
        && !product.left().equals(matrix.buffer())) {
      return columns
          .moved(product.node(), product.right(), map(product, matrix))
          .map(
              right ->
                  new SharedProduct(
                      product.node(),
                      product.left(),
                      right,
                      1,
                      product.inner(),
                      product.columns(),
                      product.rightSide(),
                      product.coefficient(),
                      product.into(),
                      product.out()));
    }
    return step instanceof Product product ? turned(product, matrix) : Optional.empty();
  }

  private static int[] map(SharedProduct product, Matrix matrix) {
    boolean innerFirst = product.rightSide() == SharedProduct.RightSide.INNER_FIRST;
    int[] map = new int[product.inner() * product.columns()];
    for (int inner = 0; inner < product.inner(); inner++) {
      for (int column = 0; column < product.columns(); column++) {
        int from = column % matrix.rows() * matrix.columns() + column / matrix.rows();
        map[innerFirst ? inner * product.columns() + column : column * product.inner() + inner] =
            innerFirst ? inner * product.columns() + from : from * product.inner() + inner;
      }
    }
    return map;
  }

  private static Optional<Step> turned(Product product, Matrix matrix) {
    List<StridedOperand> operands = new ArrayList<>();
    for (StridedOperand operand : product.factors()) {
      Optional<StridedOperand> turned =
          matrix.turned(operand, product.outExtents(), product.sumExtents());
      boolean sumsRows =
          operand.buffer().equals(matrix.buffer())
              && operand.sumStrides().stream().anyMatch(stride -> stride >= matrix.columns());
      if (turned.isEmpty() || sumsRows) {
        return Optional.empty();
      }
      operands.add(turned.get());
    }
    List<Integer> extents = product.outExtents();
    if (product.out().equals(matrix.buffer())) {
      Optional<Integer> split = split(extents, matrix.rows());
      if (split.isEmpty()) {
        return Optional.empty();
      }
      extents = rotated(extents, split.get());
      operands.replaceAll(
          operand ->
              new StridedOperand(
                  operand.buffer(),
                  rotated(operand.outStrides(), split.get()),
                  operand.sumStrides()));
    }
    return Optional.of(
        new Product(
            product.node(),
            operands,
            extents,
            product.sumExtents(),
            product.coefficient(),
            product.into(),
            product.out()));
  }

  /** How many of the first axes are the rows. */
  private static Optional<Integer> split(List<Integer> extents, int rows) {
    int size = 1;
    for (int axis = 0; axis < extents.size(); axis++) {
      if (size == rows) {
        return Optional.of(axis);
      }
      size *= extents.get(axis);
    }
    return Optional.empty();
  }

  private static List<Integer> rotated(List<Integer> axes, int by) {
    List<Integer> rotated = new ArrayList<>(axes);
    Collections.rotate(rotated, -by);
    return rotated;
  }
}
