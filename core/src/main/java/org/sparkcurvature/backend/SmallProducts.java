package org.sparkcurvature.backend;

import java.util.List;
import java.util.Optional;
import org.sparkcurvature.plan.steps.Accumulate;
import org.sparkcurvature.plan.steps.Product;
import org.sparkcurvature.plan.steps.StridedOperand;

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
  private record Matrix(boolean transposed, int leading) {
    static Optional<Matrix> of(Run rows, Run columns) {
      if (columns.stride() == 1 || columns.extent() == 1) {
        return Optional.of(new Matrix(false, rows.extent() == 1 ? columns.extent() : rows.stride()))
            .filter(m -> m.leading() >= columns.extent());
      }
      return rows.stride() == 1 || rows.extent() == 1
          ? Optional.of(new Matrix(true, columns.stride()))
              .filter(m -> m.leading() >= rows.extent())
          : Optional.empty();
    }
  }

  private final Product step;
  private final StridedOperand left;
  private final StridedOperand right;
  private final Matrix a;
  private final Matrix b;
  private final int m;
  private final int k;
  private final int n;
  private final Memory memory;
  private final Blas blas;

  private SmallProducts(
      Product step,
      StridedOperand left,
      StridedOperand right,
      Matrix a,
      Matrix b,
      int m,
      int k,
      int n,
      Memory memory) {
    this.step = step;
    this.left = left;
    this.right = right;
    this.a = a;
    this.b = b;
    this.m = m;
    this.k = k;
    this.n = n;
    this.memory = memory;
    // Row-major matrices are transposed column-major ones: out' = right' left'.
    this.blas = Blas.on(memory.of(right.buffer()), memory.of(left.buffer()), memory.of(step.out()));
  }

  /** A kernel for a product that is one of matrices, large enough, in memory that BLAS reaches. */
  static Optional<Kernel> of(Product step, Memory memory) {
    if (step.factors().size() != 2
        || !step.out().sampled()
        || !memory.isInReach(step.out())
        || step.operations(1) / 2 < WORTH_A_CALL) {
      return Optional.empty();
    }
    StridedOperand first = step.factors().get(0);
    StridedOperand second = step.factors().get(1);
    // A vector comes first, where there is one.
    boolean secondIsVector = second.outStrides().stream().allMatch(stride -> stride == 0);
    return secondIsVector
        ? of(step, second, first, memory).or(() -> of(step, first, second, memory))
        : of(step, first, second, memory).or(() -> of(step, second, first, memory));
  }

  private static Optional<Kernel> of(
      Product step, StridedOperand left, StridedOperand right, Memory memory) {
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
        (rows.get().extent() > 1 || columns.get().extent() > 1)
            && (leftInner.get().extent() == 1
                || leftInner.get().stride() > 0 && rightInner.get().stride() > 0);
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
    memory.of(left.buffer()).beforeProduct();
    memory.of(right.buffer()).beforeProduct();
    long leftSize = left.buffer().sampled() ? left.buffer().size() : 0;
    long rightSize = right.buffer().sampled() ? right.buffer().size() : 0;
    long leftBase = memory.of(left.buffer()).base();
    long rightBase = memory.of(right.buffer()).base();
    long outBase = memory.of(step.out()).base();
    boolean vector = m == 1 && !a.transposed() && b.leading() == (b.transposed() ? k : n);
    for (int sample = 0; sample < rows; sample++) {
      if (vector) {
        blas.multiplyVector(
            b.transposed(),
            b.transposed() ? k : n,
            b.transposed() ? n : k,
            step.coefficient(),
            rightBase + sample * rightSize,
            leftBase + sample * leftSize,
            step.into() == Accumulate.ADD ? 1 : 0,
            outBase + (long) sample * step.out().size());
        continue;
      }
      blas.multiply(
          b.transposed(),
          a.transposed(),
          n,
          m,
          k,
          step.coefficient(),
          rightBase + sample * rightSize,
          b.leading(),
          leftBase + sample * leftSize,
          a.leading(),
          step.into() == Accumulate.ADD ? 1 : 0,
          outBase + (long) sample * step.out().size(),
          n);
    }
    memory.of(step.out()).afterProduct();
  }
}
