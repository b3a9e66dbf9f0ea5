package org.sparkcurvature.backend;

import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A product of column-major matrices, out = coefficient left right + kept out, bound to its memory:
 * running it makes no objects.
 */
interface MatrixProduct extends AutoCloseable {

  /** A matrix in the numbers of a storage that follow its first {@code from} columns. */
  record Operand(Storage storage, int from, int rows, int columns, boolean transposed) {
    INDArray view() {
      return storage.matrix(offset(), rows, columns);
    }

    /** Where it begins now. */
    long offset() {
      return storage.base() + (long) from * rows;
    }

    /** The transpose of what is multiplied. */
    Operand turned() {
      return new Operand(storage, from, rows, columns, !transposed);
    }

    /** Rows of what is multiplied. */
    int outer() {
      return transposed ? columns : rows;
    }

    /** Columns of what is multiplied. */
    int inner() {
      return transposed ? rows : columns;
    }
  }

  /** The product, by the library that reaches the operands' memory. */
  static MatrixProduct of(
      Operand left, Operand right, Operand out, double coefficient, double kept) {
    return out.storage().isSeparate()
        ? new Nd4jProduct(left, right, out, coefficient, kept)
        : new BlasProduct(left, right, out, coefficient, kept);
  }

  void run();

  @Override
  void close();
}
