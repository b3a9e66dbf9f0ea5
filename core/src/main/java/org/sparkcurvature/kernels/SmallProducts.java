package org.sparkcurvature.kernels;

import static org.bytedeco.openblas.global.openblas_nolapack.CblasNoTrans;
import static org.bytedeco.openblas.global.openblas_nolapack.CblasRowMajor;
import static org.bytedeco.openblas.global.openblas_nolapack.CblasTrans;
import static org.bytedeco.openblas.global.openblas_nolapack.cblas_dgemm;
import static org.bytedeco.openblas.global.openblas_nolapack.cblas_sgemm;

import java.util.List;
import java.util.Optional;
import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.javacpp.FloatPointer;
import org.sparkcurvature.plan.Step;

/** A product of two matrices for each sample, by a call of BLAS each. */
final class SmallProducts implements Kernel {
  /** Below this many multiply-adds a call costs more than they do. */
  private static final int WORTH_A_CALL = 256;

  /** Neighbouring axes as one; stride 0 where a factor has none of them. */
  private record Run(int extent, int stride) {

    /** The axes from {@code from} to {@code to}, if a factor walks them as one. */
    static Optional<Run> of(List<Integer> extents, List<Integer> strides, int from, int to) {
      int extent = 1;
      int stride = 0;
      for (int axis = to - 1; axis >= from; axis--) {
        if (extents.get(axis) == 1) {
          continue;
        }
        if (extent == 1) {
          stride = strides.get(axis);
        } else if (strides.get(axis) != stride * extent) {
          return Optional.empty();
        }
        extent *= extents.get(axis);
      }
      return Optional.of(new Run(extent, stride));
    }
  }

  /** A matrix in memory: [outer, inner] row by row, or that transposed. */
  private record Matrix(int transposed, int leading) {
    static Optional<Matrix> of(Run rows, Run columns) {
      if (columns.stride() == 1 || columns.extent() == 1) {
        return Optional.of(
                new Matrix(CblasNoTrans, rows.extent() == 1 ? columns.extent() : rows.stride()))
            .filter(m -> m.leading() >= columns.extent());
      }
      return rows.stride() == 1 || rows.extent() == 1
          ? Optional.of(new Matrix(CblasTrans, columns.stride()))
              .filter(m -> m.leading() >= rows.extent())
          : Optional.empty();
    }
  }

  @FunctionalInterface
  private interface Call {
    void multiply(long left, long right, long out);
  }

  private final Storage left;
  private final Storage right;
  private final Storage out;
  private final int leftSize;
  private final int rightSize;
  private final int outSize;
  private final Call call;

  private SmallProducts(
      Step.Product step,
      Step.Walk left,
      Step.Walk right,
      Matrix a,
      Matrix b,
      int m,
      int k,
      int n,
      Memory memory) {
    this.left = memory.of(left.buffer());
    this.right = memory.of(right.buffer());
    this.out = memory.of(step.out());
    this.leftSize = left.buffer().sampled() ? left.buffer().size() : 0;
    this.rightSize = right.buffer().sampled() ? right.buffer().size() : 0;
    this.outSize = step.out().size();
    this.call =
        out.isDouble()
            ? doubles(a, b, m, k, n, step.coefficient())
            : floats(a, b, m, k, n, (float) step.coefficient());
  }

  private Call doubles(Matrix a, Matrix b, int m, int k, int n, double coefficient) {
    DoublePointer x = new DoublePointer(left.pointer());
    DoublePointer y = new DoublePointer(right.pointer());
    DoublePointer z = new DoublePointer(out.pointer());
    int order = CblasRowMajor;
    return (i, j, o) ->
        cblas_dgemm(
            order,
            a.transposed(),
            b.transposed(),
            m,
            n,
            k,
            coefficient,
            x.position(i),
            a.leading(),
            y.position(j),
            b.leading(),
            0,
            z.position(o),
            n);
  }

  private Call floats(Matrix a, Matrix b, int m, int k, int n, float coefficient) {
    FloatPointer x = new FloatPointer(left.pointer());
    FloatPointer y = new FloatPointer(right.pointer());
    FloatPointer z = new FloatPointer(out.pointer());
    int order = CblasRowMajor;
    return (i, j, o) ->
        cblas_sgemm(
            order,
            a.transposed(),
            b.transposed(),
            m,
            n,
            k,
            coefficient,
            x.position(i),
            a.leading(),
            y.position(j),
            b.leading(),
            0,
            z.position(o),
            n);
  }

  /** A kernel for a product that is one of matrices, large enough, in memory that BLAS reaches. */
  static Optional<Kernel> of(Step.Product step, Memory memory) {
    if (step.isOnHost()
        || step.factors().size() != 2
        || !step.out().sampled()
        || memory.of(step.out()).isSeparate()
        || step.operations(1) / 2 < WORTH_A_CALL) {
      return Optional.empty();
    }
    Step.Walk first = step.factors().get(0);
    Step.Walk second = step.factors().get(1);
    return of(step, first, second, memory).or(() -> of(step, second, first, memory));
  }

  private static Optional<Kernel> of(
      Step.Product step, Step.Walk left, Step.Walk right, Memory memory) {
    List<Integer> extents = step.outExtents();
    int rank = extents.size();
    int split = 0;
    while (split < rank && (right.outStrides().get(split) == 0 || extents.get(split) == 1)) {
      split++;
    }
    for (int axis = split; axis < rank; axis++) {
      if (left.outStrides().get(axis) != 0 && extents.get(axis) > 1) {
        return Optional.empty();
      }
    }
    int sums = step.sumExtents().size();
    Optional<Run> rows = Run.of(extents, left.outStrides(), 0, split);
    Optional<Run> columns = Run.of(extents, right.outStrides(), split, rank);
    Optional<Run> leftInner = Run.of(step.sumExtents(), left.sumStrides(), 0, sums);
    Optional<Run> rightInner = Run.of(step.sumExtents(), right.sumStrides(), 0, sums);
    if (rows.isEmpty() || columns.isEmpty() || leftInner.isEmpty() || rightInner.isEmpty()) {
      return Optional.empty();
    }
    boolean products =
        rows.get().extent() > 1
            && columns.get().extent() > 1
            && leftInner.get().extent() > 1
            && leftInner.get().stride() > 0
            && rightInner.get().stride() > 0;
    Optional<Matrix> a = Matrix.of(rows.get(), leftInner.get());
    Optional<Matrix> b = Matrix.of(rightInner.get(), columns.get());
    return products && a.isPresent() && b.isPresent()
        ? Optional.of(
            new SmallProducts(
                step,
                left,
                right,
                a.get(),
                b.get(),
                rows.get().extent(),
                leftInner.get().extent(),
                columns.get().extent(),
                memory))
        : Optional.empty();
  }

  @Override
  public void run(int rows) {
    left.beforeProduct();
    right.beforeProduct();
    for (long m = 0; m < rows; m++) {
      call.multiply(m * leftSize, m * rightSize, m * outSize);
    }
    out.afterProduct();
  }
}
