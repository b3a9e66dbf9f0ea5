package org.sparkcurvature.kernels;

/**
 * A matrix product by the BLAS that ND4J's processor backend brings. ND4J itself would take a
 * product with a vector for a matrix product, at eight times the time.
 */
final class BlasProduct implements MatrixProduct {
  private final Operand left;
  private final Operand right;
  private final Operand out;
  private final double coefficient;
  private final double kept;
  private final Blas blas;

  BlasProduct(Operand left, Operand right, Operand out, double coefficient, double kept) {
    // A row times a matrix is the transposed matrix times a column.
    boolean row = left.outer() == 1 && right.inner() != 1;
    this.left = row ? right.turned() : left;
    this.right = row ? left.turned() : right;
    this.out = out;
    this.coefficient = coefficient;
    this.kept = kept;
    this.blas = Blas.on(this.left.storage(), this.right.storage(), out.storage());
  }

  @Override
  public void run() {
    if (right.inner() == 1) {
      blas.multiplyVector(
          left.transposed(),
          left.rows(),
          left.columns(),
          coefficient,
          left.offset(),
          right.offset(),
          kept,
          out.offset());
    } else {
      blas.multiply(
          left.transposed(),
          right.transposed(),
          left.outer(),
          right.inner(),
          left.inner(),
          coefficient,
          left.offset(),
          left.rows(),
          right.offset(),
          right.rows(),
          kept,
          out.offset(),
          left.outer());
    }
  }

  /** The memory is the storages'. */
  @Override
  public void close() {}
}
