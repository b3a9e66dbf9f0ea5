package org.sparkcurvature.bench;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * How fast this machine multiplies matrices and copies, into results that are there already. A
 * product is measured with BLAS's own threads and with a thread of ours for each part of the
 * samples, in the orders of memory that its operands can have; the fastest counts.
 */
final class Limits implements AutoCloseable {
  /** Copies are measured on no fewer numbers than this: 256 MB, more than caches hold. */
  private static final int LEAST_COPIED = 1 << 25;

  private static final int REPETITIONS = 7;

  private final Threads threads;
  private double[] from = new double[0];
  private double[] to = new double[0];

  Limits(Threads threads) {
    this.threads = threads;
  }

  /** Milliseconds of [rows, samples] [samples, columns]: a product that sums over samples. */
  double summed(int rows, int samples, int columns) {
    return product(rows, samples, columns, Split.INNER);
  }

  /** Milliseconds of [samples, inner] [inner, columns]: a product with one matrix for all. */
  double shared(int samples, int inner, int columns) {
    return product(samples, inner, columns, Split.ROWS);
  }

  /** Which extent is that of the samples, which threads divide. */
  private enum Split {
    ROWS,
    INNER
  }

  private record Factors(INDArray left, INDArray right, INDArray out) implements AutoCloseable {
    void multiply(boolean leftTransposed, boolean rightTransposed) {
      Nd4j.gemm(left, right, out, leftTransposed, rightTransposed, 1, 0);
    }

    @Override
    public void close() {
      left.close();
      right.close();
      out.close();
    }
  }

  /** How a product is laid out and shared. */
  private record Way(boolean leftTransposed, boolean rightTransposed, int parts) {}

  private double product(int rows, int inner, int columns, Split split) {
    Way fastest = new Way(false, false, 1);
    double least = Double.POSITIVE_INFINITY;
    for (int parts : threads.count() > 1 ? new int[] {1, threads.count()} : new int[] {1}) {
      for (boolean left : new boolean[] {false, true}) {
        for (boolean right : new boolean[] {false, true}) {
          Way way = new Way(left, right, parts);
          double time = product(rows, inner, columns, split, way, 1);
          fastest = time < least ? way : fastest;
          least = Math.min(least, time);
        }
      }
    }
    return product(rows, inner, columns, split, fastest, REPETITIONS);
  }

  private double product(int rows, int inner, int columns, Split split, Way way, int repetitions) {
    int parts = way.parts();
    int r = split == Split.ROWS ? rows / parts : rows;
    int k = split == Split.INNER ? inner / parts : inner;
    List<Factors> factors = new ArrayList<>();
    for (int part = 0; part < parts; part++) {
      factors.add(
          new Factors(
              way.leftTransposed() ? matrix(k, r) : matrix(r, k),
              way.rightTransposed() ? matrix(columns, k) : matrix(k, columns),
              matrix(r, columns)));
    }
    threads.nativeEach(threads.count() / parts);
    double time =
        median(
            repetitions,
            () ->
                threads.each(
                    parts,
                    part ->
                        factors.get(part).multiply(way.leftTransposed(), way.rightTransposed())));
    factors.forEach(Factors::close);
    return time;
  }

  private static INDArray matrix(int rows, int columns) {
    INDArray matrix =
        Nd4j.createUninitializedDetached(DataType.DOUBLE, 'f', (long) rows, (long) columns);
    matrix.assign(0.5);
    return matrix;
  }

  /** Milliseconds that copying this many numbers takes. */
  double copy(long numbers) {
    int length = (int) Math.max(numbers, LEAST_COPIED);
    if (from.length != length) {
      from = new double[0];
      to = new double[0];
      from = new double[length];
      to = new double[length];
      Arrays.setAll(from, k -> k);
    }
    int parts = threads.count();
    double time =
        median(
            REPETITIONS,
            () ->
                threads.each(
                    parts,
                    part -> {
                      int first = (int) ((long) length * part / parts);
                      int last = (int) ((long) length * (part + 1) / parts);
                      System.arraycopy(from, first, to, first, last - first);
                    }));
    return time * numbers / length;
  }

  /** Milliseconds of the middle one of this many runs, after one that does not count. */
  static double median(int repetitions, Runnable run) {
    run.run();
    double[] times = new double[repetitions];
    for (int k = 0; k < repetitions; k++) {
      long start = System.nanoTime();
      run.run();
      times[k] = (System.nanoTime() - start) / 1e6;
    }
    Arrays.sort(times);
    return times[repetitions / 2];
  }

  @Override
  public void close() {
    threads.nativeEach(threads.count());
  }
}
