package org.sparkcurvature.kernels;

import org.sparkcurvature.plan.Step;

/**
 * Matrix products by BLAS. Memory is row-major and BLAS column-major: a row-major matrix read
 * column by column is its transpose, so the transposed product is computed, with the factors
 * exchanged.
 */
final class MatrixKernel implements Kernel {
  /** Products bound to a full block, to a last block, and one to spare. */
  private static final int KEPT = 3;

  @FunctionalInterface
  private interface Binding {
    MatrixProduct to(int rows);
  }

  private final Binding binding;
  private final int[] boundRows = new int[KEPT];
  private final MatrixProduct[] bound = new MatrixProduct[KEPT];
  private int next;

  private MatrixKernel(Binding binding) {
    this.binding = binding;
  }

  /**
   * out[M rows, columns] = left[M rows, inner] right[inner, columns], computed as out' = right'
   * left'.
   */
  static MatrixKernel shared(Step.SharedProduct step, Storage left, Storage right, Storage out) {
    boolean columnsFirst = step.rightSide() == Step.SharedProduct.RightSide.COLUMNS_FIRST;
    boolean sampled = step.left().sampled();
    return new MatrixKernel(
        m -> {
          int rows = Math.multiplyExact(step.rows(), sampled ? m : 1);
          return MatrixProduct.of(
              columnsFirst
                  ? new MatrixProduct.Operand(right, 0, step.inner(), step.columns(), true)
                  : new MatrixProduct.Operand(right, 0, step.columns(), step.inner(), false),
              new MatrixProduct.Operand(left, 0, step.inner(), rows, false),
              new MatrixProduct.Operand(out, 0, step.columns(), rows, false),
              step.coefficient(),
              kept(step.into()));
        });
  }

  /**
   * out[rows, columns] = left[M inner, rows]' right[M inner, columns], computed as out' = right'
   * left.
   */
  static MatrixKernel summed(Step.SummedProduct step, Storage left, Storage right, Storage out) {
    return new MatrixKernel(
        m ->
            MatrixProduct.of(
                new MatrixProduct.Operand(right, 0, step.columns(), m * step.inner(), false),
                new MatrixProduct.Operand(left, 0, step.rows(), m * step.inner(), true),
                new MatrixProduct.Operand(out, 0, step.columns(), step.rows(), false),
                step.coefficient(),
                kept(step.into())));
  }

  private static double kept(Step.Into into) {
    return into == Step.Into.ADD ? 1 : 0;
  }

  @Override
  public void run(int rows) {
    product(rows).run();
  }

  private MatrixProduct product(int rows) {
    for (int k = 0; k < KEPT; k++) {
      if (boundRows[k] == rows) {
        return bound[k];
      }
    }
    MatrixProduct made = binding.to(rows);
    if (bound[next] != null) {
      bound[next].close();
    }
    boundRows[next] = rows;
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
