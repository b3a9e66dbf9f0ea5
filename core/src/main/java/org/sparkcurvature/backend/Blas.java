package org.sparkcurvature.backend;

import static org.bytedeco.openblas.global.openblas_nolapack.CblasColMajor;
import static org.bytedeco.openblas.global.openblas_nolapack.CblasLower;
import static org.bytedeco.openblas.global.openblas_nolapack.CblasNoTrans;
import static org.bytedeco.openblas.global.openblas_nolapack.CblasTrans;

import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.openblas.global.openblas_nolapack;

/**
 * The BLAS that ND4J's processor backend brings, on storages that the host shares with it, in their
 * precision. Matrices are column-major and named by where their numbers begin; each {@code leading}
 * is the distance of a matrix's columns.
 */
interface Blas {

  /** The most multiply-adds of a product whose matrices OpenBLAS reads where they lie. */
  int SMALL = 1_000_000;

  /** How much of the summed index is worth a call, and how many multiply-adds. */
  int DEPTH = 48;

  int WORTH_A_CALL = 20_000;

  /** Columns that are worth a call. */
  int WIDTH = 32;

  /**
   * How much of the summed index to multiply at once, where the result is this large: as much as
   * makes a small product; everything where that is too little.
   */
  static int depth(int rows, int columns) {
    long size = (long) rows * columns;
    return size * DEPTH > SMALL
        ? Integer.MAX_VALUE
        : (int) Math.max(DEPTH, WORTH_A_CALL / Math.max(1, size));
  }

  /**
   * How many columns of the right matrix to multiply at once, where the left one is this large and
   * not transposed.
   */
  static int width(int rows, int inner) {
    long size = (long) rows * inner;
    return size * WIDTH > SMALL ? Integer.MAX_VALUE : (int) (SMALL / Math.max(1, size));
  }

  /** {@code c = coefficient a b + kept c}, each of a and b transposed where that is said. */
  void multiply(
      boolean transposeA,
      boolean transposeB,
      int rows,
      int columns,
      int inner,
      double coefficient,
      long a,
      int leadingA,
      long b,
      int leadingB,
      double kept,
      long c,
      int leadingC);

  /** {@code c = coefficient a b + kept c} with a vector b, a [rows, columns] as it lies. */
  void multiplyVector(
      boolean transposeA,
      int rows,
      int columns,
      double coefficient,
      long a,
      long b,
      double kept,
      long c);

  /** Adds scale a a' to c, of which the upper triangle lies in memory row by row. */
  void addOuter(int order, double scale, long a, long c);

  /** What a and b are read from, and c is written to. */
  static Blas on(Storage a, Storage b, Storage c) {
    return c.isDouble()
        ? new Doubles(
            new DoublePointer(a.pointer()),
            new DoublePointer(b.pointer()),
            new DoublePointer(c.pointer()))
        : new Floats(
            new FloatPointer(a.pointer()),
            new FloatPointer(b.pointer()),
            new FloatPointer(c.pointer()));
  }

  private static int operation(boolean transposed) {
    return transposed ? CblasTrans : CblasNoTrans;
  }

  /** In double precision. */
  record Doubles(DoublePointer a, DoublePointer b, DoublePointer c) implements Blas {
    @Override
    public void multiply(
        boolean transposeA,
        boolean transposeB,
        int rows,
        int columns,
        int inner,
        double coefficient,
        long fromA,
        int leadingA,
        long fromB,
        int leadingB,
        double kept,
        long fromC,
        int leadingC) {
      openblas_nolapack.cblas_dgemm(
          CblasColMajor,
          operation(transposeA),
          operation(transposeB),
          rows,
          columns,
          inner,
          coefficient,
          a.position(fromA),
          leadingA,
          b.position(fromB),
          leadingB,
          kept,
          c.position(fromC),
          leadingC);
    }

    @Override
    public void multiplyVector(
        boolean transposeA,
        int rows,
        int columns,
        double coefficient,
        long fromA,
        long fromB,
        double kept,
        long fromC) {
      openblas_nolapack.cblas_dgemv(
          CblasColMajor,
          operation(transposeA),
          rows,
          columns,
          coefficient,
          a.position(fromA),
          rows,
          b.position(fromB),
          1,
          kept,
          c.position(fromC),
          1);
    }

    @Override
    public void addOuter(int order, double scale, long fromA, long fromC) {
      openblas_nolapack.cblas_dspr(
          CblasColMajor, CblasLower, order, scale, a.position(fromA), 1, c.position(fromC));
    }
  }

  /** In single precision. */
  record Floats(FloatPointer a, FloatPointer b, FloatPointer c) implements Blas {
    @Override
    public void multiply(
        boolean transposeA,
        boolean transposeB,
        int rows,
        int columns,
        int inner,
        double coefficient,
        long fromA,
        int leadingA,
        long fromB,
        int leadingB,
        double kept,
        long fromC,
        int leadingC) {
      openblas_nolapack.cblas_sgemm(
          CblasColMajor,
          operation(transposeA),
          operation(transposeB),
          rows,
          columns,
          inner,
          (float) coefficient,
          a.position(fromA),
          leadingA,
          b.position(fromB),
          leadingB,
          (float) kept,
          c.position(fromC),
          leadingC);
    }

    @Override
    public void multiplyVector(
        boolean transposeA,
        int rows,
        int columns,
        double coefficient,
        long fromA,
        long fromB,
        double kept,
        long fromC) {
      openblas_nolapack.cblas_sgemv(
          CblasColMajor,
          operation(transposeA),
          rows,
          columns,
          (float) coefficient,
          a.position(fromA),
          rows,
          b.position(fromB),
          1,
          (float) kept,
          c.position(fromC),
          1);
    }

    @Override
    public void addOuter(int order, double scale, long fromA, long fromC) {
      openblas_nolapack.cblas_sspr(
          CblasColMajor, CblasLower, order, (float) scale, a.position(fromA), 1, c.position(fromC));
    }
  }
}
