package org.sparkcurvature.backend;

/**
 * A matrix product by the BLAS that ND4J's processor backend brings. ND4J itself would take a
 * product with a vector for a matrix product, at eight times the time.
 *
 * <p>OpenBLAS multiplies small matrices where they lie, and copies larger ones first, which costs
 * as much as the product where these are long and thin. Such products are made of small ones.
 */
final class BlasProduct implements MatrixProduct {
  private final Operand left;
  private final Operand right;
  private final Operand out;
  private final double coefficient;
  private final double kept;
  private final Blas blas;

  /** How much of the summed index, and how many columns, are multiplied at once. */
  private final int depth;

  private final int width;

  BlasProduct(Operand left, Operand right, Operand out, double coefficient, double kept) {
    // A row times a matrix is the transposed matrix times a column.
    boolean row = left.outer() == 1 && right.inner() != 1;
    this.left = row ? right.turned() : left;
    this.right = row ? left.turned() : right;
    this.out = out;
    this.coefficient = coefficient;
    this.kept = kept;
    this.blas = Blas.on(this.left.storage(), this.right.storage(), out.storage());
    this.depth = Math.min(Blas.depth(this.left.outer(), this.right.inner()), this.left.inner());
    boolean whole = this.left.transposed() || depth < this.left.inner();
    this.width = whole ? this.right.inner() : Blas.width(this.left.outer(), this.left.inner());
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
      for (int k = 0; k < left.inner(); k += depth) {
        for (int column = 0; column < right.inner(); column += width) {
          multiply(k, column);
        }
      }
    }
  }

  /** The part of the product that sums from {@code k} on, for the columns from this one on. */
  private void multiply(int k, int column) {
    blas.multiply(
        left.transposed(),
        right.transposed(),
        left.outer(),
        Math.min(width, right.inner() - column),
        Math.min(depth, left.inner() - k),
        coefficient,
        left.offset() + (left.transposed() ? k : (long) k * left.rows()),
        left.rows(),
        right.offset()
            + (right.transposed()
                ? column + (long) k * right.rows()
                : k + (long) column * right.rows()),
        right.rows(),
        k == 0 ? kept : 1,
        out.offset() + (long) column * left.outer(),
        left.outer());
  }

  /** The memory is the storages'. */
  @Override
  public void close() {}
}
