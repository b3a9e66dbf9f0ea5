package org.sparkcurvature.kernels;

import static org.bytedeco.openblas.global.openblas_nolapack.CblasColMajor;
import static org.bytedeco.openblas.global.openblas_nolapack.CblasNoTrans;
import static org.bytedeco.openblas.global.openblas_nolapack.CblasTrans;
import static org.bytedeco.openblas.global.openblas_nolapack.cblas_dgemm;
import static org.bytedeco.openblas.global.openblas_nolapack.cblas_dgemv;
import static org.bytedeco.openblas.global.openblas_nolapack.cblas_sgemm;
import static org.bytedeco.openblas.global.openblas_nolapack.cblas_sgemv;

import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.javacpp.FloatPointer;

/**
 * A matrix product by the BLAS that ND4J's processor backend brings. ND4J itself would take a
 * product with a vector for a matrix product, at eight times the time.
 */
final class BlasProduct implements MatrixProduct {
  private final Runnable call;

  BlasProduct(Operand left, Operand right, Operand out, double coefficient, double kept) {
    boolean vector = left.outer() == 1 || right.inner() == 1;
    Operand matrix = right.inner() == 1 ? left : right;
    Operand x = right.inner() == 1 ? right : left;
    // A row times a matrix is the transposed matrix times a column.
    boolean turned = right.inner() == 1 ? left.transposed() : !right.transposed();
    this.call =
        out.storage().isDouble()
            ? vector
                ? matrixVector(matrix, turned, x, out, coefficient, kept)
                : matrixMatrix(left, right, out, coefficient, kept)
            : vector
                ? matrixVector(matrix, turned, x, out, (float) coefficient, (float) kept)
                : matrixMatrix(left, right, out, (float) coefficient, (float) kept);
  }

  private static int operation(boolean transposed) {
    return transposed ? CblasTrans : CblasNoTrans;
  }

  private static DoublePointer doubles(Operand operand) {
    return new DoublePointer(operand.storage().pointer()).position(operand.offset());
  }

  private static FloatPointer floats(Operand operand) {
    return new FloatPointer(operand.storage().pointer()).position(operand.offset());
  }

  private static Runnable matrixVector(
      Operand matrix,
      boolean turned,
      Operand vector,
      Operand out,
      double coefficient,
      double kept) {
    DoublePointer a = doubles(matrix);
    DoublePointer x = doubles(vector);
    DoublePointer y = doubles(out);
    int rows = matrix.rows();
    int columns = matrix.columns();
    int operation = operation(turned);
    return () ->
        cblas_dgemv(
            CblasColMajor, operation, rows, columns, coefficient, a, rows, x, 1, kept, y, 1);
  }

  private static Runnable matrixVector(
      Operand matrix, boolean turned, Operand vector, Operand out, float coefficient, float kept) {
    FloatPointer a = floats(matrix);
    FloatPointer x = floats(vector);
    FloatPointer y = floats(out);
    int rows = matrix.rows();
    int columns = matrix.columns();
    int operation = operation(turned);
    return () ->
        cblas_sgemv(
            CblasColMajor, operation, rows, columns, coefficient, a, rows, x, 1, kept, y, 1);
  }

  private static Runnable matrixMatrix(
      Operand left, Operand right, Operand out, double coefficient, double kept) {
    DoublePointer a = doubles(left);
    DoublePointer b = doubles(right);
    DoublePointer c = doubles(out);
    int m = left.outer();
    int n = right.inner();
    int k = left.inner();
    int leftOperation = operation(left.transposed());
    int rightOperation = operation(right.transposed());
    int leftRows = left.rows();
    int rightRows = right.rows();
    return () ->
        cblas_dgemm(
            CblasColMajor,
            leftOperation,
            rightOperation,
            m,
            n,
            k,
            coefficient,
            a,
            leftRows,
            b,
            rightRows,
            kept,
            c,
            m);
  }

  private static Runnable matrixMatrix(
      Operand left, Operand right, Operand out, float coefficient, float kept) {
    FloatPointer a = floats(left);
    FloatPointer b = floats(right);
    FloatPointer c = floats(out);
    int m = left.outer();
    int n = right.inner();
    int k = left.inner();
    int leftOperation = operation(left.transposed());
    int rightOperation = operation(right.transposed());
    int leftRows = left.rows();
    int rightRows = right.rows();
    return () ->
        cblas_sgemm(
            CblasColMajor,
            leftOperation,
            rightOperation,
            m,
            n,
            k,
            coefficient,
            a,
            leftRows,
            b,
            rightRows,
            kept,
            c,
            m);
  }

  @Override
  public void run() {
    call.run();
  }

  /** The memory is the storages'. */
  @Override
  public void close() {}
}
