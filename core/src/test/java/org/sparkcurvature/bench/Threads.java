package org.sparkcurvature.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.IntConsumer;
import org.bytedeco.openblas.global.openblas_nolapack;

/** The threads that a benchmark may use: Java's, each with BLAS's own under it. */
final class Threads implements AutoCloseable {
  private final int count;
  private final ExecutorService pool;

  Threads(int count) {
    this.count = count;
    this.pool = Executors.newFixedThreadPool(count);
  }

  /** As many as OMP_NUM_THREADS says, else one. */
  static Threads ofEnvironment() {
    String said = System.getenv("OMP_NUM_THREADS");
    return new Threads(said == null ? 1 : Integer.parseInt(said));
  }

  int count() {
    return count;
  }

  /** From now on matrix products use this many threads each. */
  void nativeEach(int threads) {
    openblas_nolapack.blas_set_num_threads(threads);
  }

  /** Runs parts 0 to {@code parts} at once, and waits for all. */
  void each(int parts, IntConsumer work) {
    if (parts == 1) {
      work.accept(0);
      return;
    }
    List<Future<?>> running = new ArrayList<>();
    for (int k = 0; k < parts; k++) {
      int part = k;
      running.add(pool.submit(() -> work.accept(part)));
    }
    try {
      for (Future<?> one : running) {
        one.get();
      }
    } catch (InterruptedException | ExecutionException failed) {
      throw new IllegalStateException(failed);
    }
  }

  @Override
  public void close() {
    pool.shutdown();
  }
}
