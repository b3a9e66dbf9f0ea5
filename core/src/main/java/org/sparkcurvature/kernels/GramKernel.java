package org.sparkcurvature.kernels;

import static org.bytedeco.openblas.global.openblas_nolapack.cblas_dcopy;
import static org.bytedeco.openblas.global.openblas_nolapack.cblas_dscal;

import org.bytedeco.javacpp.DoublePointer;
import org.sparkcurvature.plan.Step;

/**
 * The sum over samples of s x x', a symmetric product with half the multiply-adds of a product of
 * two matrices. A batch of samples is scaled by the root of |s|, those of positive s in front and
 * those of negative s behind, and added or subtracted while it is in the cache.
 */
final class GramKernel implements Kernel {

  /** Adds sign times the product of {@code count} scaled rows from row {@code from} on. */
  @FunctionalInterface
  private interface Update {
    void add(int from, int count, double sign);
  }

  /** Rows shorter than this are scaled by a loop. */
  private static final int WORTH_A_CALL = 32;

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

  GramKernel(Step.Gram step, Memory memory, Scratch scratch) {
    this.x = memory.of(step.x());
    this.scale = memory.of(step.scale());
    this.room = memory.of(step.room());
    this.out = memory.of(step.out());
    this.memory = memory;
    this.scratch = scratch;
    this.n = step.x().size();
    this.batch = step.room().size() / n;
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
    Blas blas = Blas.on(room, room, out);
    return (from, count, sign) -> blas.addSymmetric(n, count, sign, (long) from * n, 0);
  }

  /** ND4J has no symmetric product: the whole matrix is multiplied. */
  private Update byNd4j() {
    return (from, count, sign) -> {
      try (Nd4jProduct product =
          new Nd4jProduct(
              new MatrixProduct.Operand(room, from, n, count, false),
              new MatrixProduct.Operand(room, from, n, count, true),
              new MatrixProduct.Operand(out, 0, n, n, false),
              sign,
              1)) {
        product.run();
      }
    };
  }

  @Override
  public void run(int rows) {
    if (memory.isAtStart()) {
      clear();
    }
    for (int first = 0; first < rows; first += batch) {
      int count = Math.min(batch, rows - first);
      int positive = scaleInPlace(first, count) ? count : scale(first, count);
      if (positive > 0) {
        add(0, positive, 1);
      }
      if (positive < count) {
        add(batch - count + positive, count - positive, -1);
      }
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

  private void add(int from, int count, double sign) {
    room.beforeProduct();
    out.beforeProduct();
    update.add(from, count, sign);
    out.afterProduct();
  }

  /**
   * Copies rows into the room as they are, and scales each by a call of BLAS: faster than through
   * arrays of the heap, where rows are long enough and none is to be subtracted.
   */
  private boolean scaleInPlace(int first, int count) {
    if (rowsOfX == null || n < WORTH_A_CALL) {
      return false;
    }
    double[] scales = scratch.array(1);
    scale.load(first, count, scales, 0);
    for (int k = 0; k < count; k++) {
      if (scales[k] < 0) {
        return false;
      }
    }
    cblas_dcopy(
        count * n, rowsOfX.position(x.base() + (long) first * n), 1, rowsOfRoom.position(0), 1);
    for (int k = 0; k < count; k++) {
      cblas_dscal(n, Math.sqrt(scales[k]), rowsOfRoom.position((long) k * n), 1);
    }
    return true;
  }

  /** Puts scaled rows into the room; returns how many are in front. */
  private int scale(int first, int count) {
    double[] rows = scratch.array(0);
    double[] scales = scratch.array(1);
    int positive = 0;
    int negative = batch;
    for (int done = 0; done < count; done += group) {
      int samples = Math.min(group, count - done);
      x.load((first + done) * n, samples * n, rows, 0);
      scale.load(first + done, samples, scales, 0);
      int run = 0;
      for (int k = 0; k < samples; k++) {
        double root = Math.sqrt(Math.abs(scales[k]));
        for (int i = k * n; i < (k + 1) * n; i++) {
          rows[i] *= root;
        }
        if (scales[k] < 0) {
          room.store(positive * n, (k - run) * n, rows, run * n);
          positive += k - run;
          run = k + 1;
          negative--;
          room.store(negative * n, n, rows, k * n);
        }
      }
      room.store(positive * n, (samples - run) * n, rows, run * n);
      positive += samples - run;
    }
    return positive;
  }
}
