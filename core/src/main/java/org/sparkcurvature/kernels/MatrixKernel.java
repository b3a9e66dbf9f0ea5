package org.sparkcurvature.kernels;

import java.util.LinkedHashMap;
import java.util.Map;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.sparkcurvature.plan.Step;

/**
 * Matrix products by BLAS. Memory is row-major and BLAS column-major: a row-major matrix read
 * column by column is its transpose, so the transposed product is computed, with the factors
 * exchanged.
 */
final class MatrixKernel implements Kernel {
  /** Views for a full block, for a last block, and one to spare. */
  private static final int KEPT = 3;

  private record Views(INDArray left, INDArray right, INDArray out) {}

  @FunctionalInterface
  private interface Shapes {
    Views of(int rows);
  }

  private final Shapes shapes;
  private final boolean leftTransposed;
  private final boolean rightTransposed;
  private final double coefficient;
  private final double kept;
  private final Map<Integer, Views> views =
      new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Integer, Views> eldest) {
          return size() > KEPT;
        }
      };

  private MatrixKernel(
      Shapes shapes,
      boolean leftTransposed,
      boolean rightTransposed,
      double coefficient,
      Step.Into into) {
    this.shapes = shapes;
    this.leftTransposed = leftTransposed;
    this.rightTransposed = rightTransposed;
    this.coefficient = coefficient;
    this.kept = into == Step.Into.ADD ? 1 : 0;
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
          long rows = (long) step.rows() * (sampled ? m : 1);
          return new Views(
              columnsFirst
                  ? right.matrix(step.inner(), step.columns())
                  : right.matrix(step.columns(), step.inner()),
              left.matrix(step.inner(), rows),
              out.matrix(step.columns(), rows));
        },
        columnsFirst,
        false,
        step.coefficient(),
        step.into());
  }

  /**
   * out[rows, columns] = left[M inner, rows]' right[M inner, columns], computed as out' = right'
   * left.
   */
  static MatrixKernel summed(Step.SummedProduct step, Storage left, Storage right, Storage out) {
    return new MatrixKernel(
        m ->
            new Views(
                right.matrix(step.columns(), (long) m * step.inner()),
                left.matrix(step.rows(), (long) m * step.inner()),
                out.matrix(step.columns(), step.rows())),
        false,
        true,
        step.coefficient(),
        step.into());
  }

  @Override
  public void run(int rows) {
    Views v = views.computeIfAbsent(rows, shapes::of);
    Nd4j.gemm(v.left(), v.right(), v.out(), leftTransposed, rightTransposed, coefficient, kept);
  }
}
