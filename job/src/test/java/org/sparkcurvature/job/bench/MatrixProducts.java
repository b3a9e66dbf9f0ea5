package org.sparkcurvature.job.bench;

import java.util.ArrayList;
import java.util.List;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.sparkcurvature.backend.Backend;

/**
 * The product X'X of a matrix of many rows, its rows shared by threads: the least a Hessian takes.
 */
final class MatrixProducts implements AutoCloseable {

  /** What one thread multiplies: its rows of X, as they lie in memory, and the result. */
  private record Part(INDArray x, INDArray out, boolean columnMajor) {
    void multiply() {
      Nd4j.gemm(x, x, out, columnMajor, !columnMajor, 1, 0);
    }
  }

  private final List<List<Part>> ways = new ArrayList<>();

  MatrixProducts(int rows, int columns, int threads) {
    // Loads BLAS as the engine does, which chooses its kernels.
    Backend.here();
    for (boolean columnMajor : new boolean[] {true, false}) {
      List<Part> parts = new ArrayList<>();
      for (int k = 0; k < threads; k++) {
        long count = rows / threads;
        INDArray x =
            columnMajor
                ? Nd4j.createUninitializedDetached(DataType.DOUBLE, 'f', count, columns)
                : Nd4j.createUninitializedDetached(DataType.DOUBLE, 'f', columns, count);
        x.assign(0.5);
        INDArray out = Nd4j.createUninitializedDetached(DataType.DOUBLE, 'f', columns, columns);
        parts.add(new Part(x, out, columnMajor));
      }
      ways.add(parts);
    }
  }

  /** Milliseconds, in the faster of the two orders of memory. */
  double milliseconds() {
    return ways.stream()
        .mapToDouble(parts -> Stopwatch.medians(2, 7, () -> atOnce(parts))[0])
        .min()
        .orElseThrow();
  }

  private static void atOnce(List<Part> parts) {
    List<Thread> threads = parts.stream().map(part -> new Thread(part::multiply)).toList();
    threads.forEach(Thread::start);
    for (Thread thread : threads) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  @Override
  public void close() {
    for (List<Part> parts : ways) {
      for (Part part : parts) {
        part.x().close();
        part.out().close();
      }
    }
  }
}
