package org.sparkcurvature.backend;

import java.util.function.BooleanSupplier;
import org.sparkcurvature.plan.steps.Accumulate;
import org.sparkcurvature.plan.steps.SharedProduct;
import org.sparkcurvature.plan.steps.SummedProduct;

/**
 * Matrix products by BLAS. Memory is row-major and BLAS column-major: a row-major matrix read
 * column by column is its transpose, so the transposed product is computed, with the factors
 * exchanged.
 */
final class MatrixKernel implements Kernel {
  /**
   * Products bound to a full strip and to a last one, each to begin a sum and to add to it, and one
   * to spare.
   */
  private static final int KEPT = 5;

  /** The product of {@code rows} samples, added to {@code kept} times what is there. */
  @FunctionalInterface
  private interface Binding {
    MatrixProduct to(int rows, double kept);
  }

  private final Binding binding;
  private final boolean adds;
  private final BooleanSupplier begins;

  private final int[] boundRows = new int[KEPT];
  private final double[] boundKept = new double[KEPT];
  private final MatrixProduct[] bound = new MatrixProduct[KEPT];
  private int next;

  private MatrixKernel(Binding binding, Accumulate into, BooleanSupplier begins) {
    this.binding = binding;
    this.adds = into == Accumulate.ADD;
    this.begins = begins;
  }

  /**
   * out[M rows, columns] = left[M rows, inner] right[inner, columns], computed as out' = right'
   * left'.
   */
  static MatrixKernel shared(SharedProduct step, Storage left, Storage right, Storage out) {
    boolean columnsFirst = step.rightSide() == SharedProduct.RightSide.COLUMNS_FIRST;
    boolean sampled = step.left().sampled();
    return new MatrixKernel(
        (m, kept) -> {
          int rows = Math.multiplyExact(step.rows(), sampled ? m : 1);
          return MatrixProduct.of(
              columnsFirst
                  ? new MatrixProduct.Operand(right, 0, step.inner(), step.columns(), true)
                  : new MatrixProduct.Operand(right, 0, step.columns(), step.inner(), false),
              new MatrixProduct.Operand(left, 0, step.inner(), rows, false),
              new MatrixProduct.Operand(out, 0, step.columns(), rows, false),
              step.coefficient(),
              kept);
        },
        step.into(),
        () -> true);
  }

  /**
   * out[rows, columns] = left[M inner, rows]' right[M inner, columns], computed as out' = right'
   * left.
   *
   * @param begins whether a run begins the sum, instead of adding to that of the runs before it
   */
  static MatrixKernel summed(
      SummedProduct step, Storage left, Storage right, Storage out, BooleanSupplier begins) {
    return new MatrixKernel(
        (m, kept) ->
            MatrixProduct.of(
                new MatrixProduct.Operand(right, 0, step.columns(), m * step.inner(), false),
                new MatrixProduct.Operand(left, 0, step.rows(), m * step.inner(), true),
                new MatrixProduct.Operand(out, 0, step.columns(), step.rows(), false),
                step.coefficient(),
                kept),
        step.into(),
        begins);
  }

  @Override
  public void run(int rows) {
    product(rows, adds || !begins.getAsBoolean() ? 1 : 0).run();
  }

  private MatrixProduct product(int rows, double kept) {
    for (int k = 0; k < KEPT; k++) {
      if (boundRows[k] == rows && boundKept[k] == kept) {
        return bound[k];
      }
    }
    MatrixProduct made = binding.to(rows, kept);
    if (bound[next] != null) {
      bound[next].close();
    }
    boundRows[next] = rows;
    boundKept[next] = kept;
    bound[next] = made;
    next = (next + 1) % KEPT;
    return made;
  }

  @Override
  public void close() {
    for (MatrixProduct product : bound) {
      if (product != null) {
        product.close();
      }
    }
  }
}
