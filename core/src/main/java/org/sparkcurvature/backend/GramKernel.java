package org.sparkcurvature.backend;

import static org.bytedeco.openblas.global.openblas_nolapack.cblas_dcopy;
import static org.bytedeco.openblas.global.openblas_nolapack.cblas_dscal;

import org.bytedeco.javacpp.DoublePointer;
import org.sparkcurvature.plan.steps.Gram;

/**
 * The sum over samples of s x x', a symmetric product with about half the multiply-adds of a
 * product of two matrices: of each panel of its columns only the rows from the diagonal on. A batch
 * of samples is scaled, and multiplied with what it was while both are in the cache.
 */
final class GramKernel implements Kernel {

  /** Adds the product of {@code count} samples from sample {@code first} on. */
  @FunctionalInterface
  private interface Update {
    void add(int first, int count);
  }

  /** Rows shorter than this are scaled by a loop. */
  private static final int WORTH_A_CALL = 64;

  /** From longer rows OpenBLAS cannot make products small enough to be read where they lie. */
  private static final int LONG = 640;

  private final Storage x;
  private final Storage scale;
  private final Storage room;
  private final Storage out;
  private final Memory memory;
  private final Scratch scratch;
  private final int n;
  private final int batch;
  private final int group;
  private final Update update;

  /** The numbers of x and of the room where BLAS reaches them; else null. */
  private final DoublePointer rowsOfX;

  private final DoublePointer rowsOfRoom;

  GramKernel(Gram step, Memory memory, Scratch scratch) {
    this.x = memory.of(step.x());
    this.scale = memory.of(step.scale());
    this.room = memory.of(step.room());
    this.out = memory.of(step.out());
    this.memory = memory;
    this.scratch = scratch;
    this.n = step.x().size();
    int held = step.room().size() / n;
    this.batch = room.isSeparate() ? held : Math.min(held, batch(n));
    this.group = Math.min(batch, Scratch.samples(n));
    this.update = room.isSeparate() ? byNd4j() : byBlas();
    scratch.reserve(0, group * n);
    boolean reached = !room.isSeparate() && room.isDouble();
    this.rowsOfX = reached ? new DoublePointer(x.pointer()) : null;
    this.rowsOfRoom = reached ? new DoublePointer(room.pointer()) : null;
    scratch.reserve(1, batch);
  }

  /** The lower triangle of a column-major matrix is the upper one of a row-major matrix. */
  private Update byBlas() {
    Blas blas = Blas.on(x, room, out);
    int panel = panel(n);
    return (first, count) -> {
      for (int from = 0; from < n; from += panel) {
        blas.multiply(
            false,
            true,
            n - from,
            Math.min(panel, n - from),
            count,
            1,
            x.base() + (long) first * n + from,
            n,
            from,
            n,
            1,
            from + (long) from * n,
            n);
      }
    };
  }

  /**
   * Columns of a panel: narrow ones leave less to be computed twice; where rows are long, few large
   * products are faster than many small ones.
   */
  private static int panel(int n) {
    if (n <= 128) {
      return 16;
    }
    return n <= LONG ? 32 : 128;
  }

  /** Samples that the nearest cache holds twice, as they were and scaled. */
  private static int batch(int n) {
    return n <= LONG ? Math.max(64, Math.min(4800 / n, 256)) : 240;
  }

  /** Of a symmetric product ND4J computes both halves. */
  private Update byNd4j() {
    return (first, count) -> {
      x.beforeProduct();
      room.beforeProduct();
      out.beforeProduct();
      try (Nd4jProduct product =
          new Nd4jProduct(
              new MatrixProduct.Operand(x, first, n, count, false),
              new MatrixProduct.Operand(room, 0, n, count, true),
              new MatrixProduct.Operand(out, 0, n, n, false),
              1,
              1)) {
        product.run();
      }
      out.afterProduct();
    };
  }

  @Override
  public void run(int rows) {
    if (memory.isAtStart()) {
      clear();
    }
    for (int first = 0; first < rows; first += batch) {
      int count = Math.min(batch, rows - first);
      if (rowsOfX == null || n < WORTH_A_CALL) {
        scale(first, count);
      } else {
        scaleByCalls(first, count);
      }
      update.add(first, count);
    }
  }

  /** Both triangles: the one that is never written is looked through when a fault is searched. */
  private void clear() {
    double[] zeros = scratch.array(0);
    java.util.Arrays.fill(zeros, 0);
    for (int from = 0; from < n * n; from += zeros.length) {
      out.store(from, Math.min(zeros.length, n * n - from), zeros, 0);
    }
  }

  /** Faster than through arrays of the heap, where rows are long enough. */
  private void scaleByCalls(int first, int count) {
    double[] scales = scratch.array(1);
    scale.load(first, count, scales, 0);
    cblas_dcopy(
        count * n, rowsOfX.position(x.base() + (long) first * n), 1, rowsOfRoom.position(0), 1);
    for (int k = 0; k < count; k++) {
      cblas_dscal(n, scales[k], rowsOfRoom.position((long) k * n), 1);
    }
  }

  private void scale(int first, int count) {
    double[] rows = scratch.array(0);
    double[] scales = scratch.array(1);
    for (int done = 0; done < count; done += group) {
      int samples = Math.min(group, count - done);
      x.load((first + done) * n, samples * n, rows, 0);
      scale.load(first + done, samples, scales, 0);
      for (int k = 0; k < samples; k++) {
        multiply(scales[k], rows, k * n, (k + 1) * n);
      }
      room.store(done * n, samples * n, rows, 0);
    }
  }

  /** On its own: the compiler makes vectors of a loop inside a loop only where that is long. */
  private static void multiply(double factor, double[] numbers, int from, int to) {
    for (int i = from; i < to; i++) {
      numbers[i] *= factor;
    }
  }
}
