package org.sparkcurvature.engine;

import java.util.Optional;
import org.sparkcurvature.graph.Node;

/**
 * A block of a matrix.
 *
 * @param row offset of its first row
 * @param column offset of its first column
 * @param rows number of rows
 * @param columns number of columns
 * @param cells which of its elements there are
 * @param node its elements, row-major
 * @param part the part of a matrix that it lies in, where parts are wanted
 */
record ResultBlock(
    int row, int column, int rows, int columns, Cells cells, Node node, Optional<Part> part) {

  ResultBlock(int row, int column, int rows, int columns, Cells cells, Node node) {
    this(row, column, rows, columns, cells, node, Optional.empty());
  }

  /**
   * Whether it lies on the diagonal of a symmetric matrix, of which only the upper triangle is
   * used.
   */
  boolean isDiagonal() {
    return cells != Cells.VECTOR && row == column;
  }

  /** The first column of row r that is used. */
  int skip(int r) {
    return isDiagonal() ? r : 0;
  }

  /** Where the used elements of row r begin. */
  int from(int r) {
    return cells == Cells.UPPER_TRIANGLE
        ? Math.toIntExact(packedRow(r, rows))
        : r * columns + skip(r);
  }

  /** Elements there are. */
  int size() {
    return cells == Cells.UPPER_TRIANGLE ? rows * (rows + 1) / 2 : rows * columns;
  }

  /**
   * A part of a matrix.
   *
   * @param rectangle which
   * @param start where it begins among the parts that lie one behind the other
   */
  record Part(Request.Rectangle rectangle, int start) {

    /** Where the element at this row and column of the matrix lies. */
    int at(int row, int column) {
      return start + (row - rectangle.row()) * rectangle.columns() + column - rectangle.column();
    }
  }

  /** Which elements a block holds. */
  enum Cells {
    /** All; the block is a part of a matrix that is symmetric. */
    RECTANGLE,
    /** Those on and above the diagonal, row by row. */
    UPPER_TRIANGLE,
    /** All; the block is a part of a vector, or of a matrix without symmetry. */
    VECTOR
  }

  /** Where row {@code row} of a packed upper triangle of order p begins. */
  static long packedRow(int row, int p) {
    return (long) row * p - (long) row * (row - 1) / 2;
  }
}
