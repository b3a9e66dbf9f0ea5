package org.sparkcurvature.job.solve;

import java.util.stream.IntStream;

/**
 * A symmetric matrix, held as its upper triangle packed row by row: (0,0) (0,1) .. (0,n-1) (1,1) ..
 * ; length n(n+1)/2. It is never held as a square.
 */
public final class SymmetricMatrix {
  private final int order;
  private final double[] packed;

  private SymmetricMatrix(int order, double[] packed) {
    this.order = order;
    this.packed = packed;
  }

  /**
   * The matrix of this upper triangle. The array is not copied; the caller gives it away.
   *
   * @param order n, at least 1
   * @param packed length n(n+1)/2
   * @throws IllegalArgumentException if the length is another one
   */
  public static SymmetricMatrix ofPacked(int order, double[] packed) {
    if (order < 1 || packed.length != packedLength(order)) {
      throw new IllegalArgumentException(
          "a symmetric matrix of order %d has %d packed elements, not %d"
              .formatted(order, packedLength(order), packed.length));
    }
    return new SymmetricMatrix(order, packed);
  }

  /** n(n+1)/2; an array of Java can hold it for n up to 65,535. */
  public static long packedLength(int order) {
    return (long) order * (order + 1L) / 2;
  }

  /** n: the number of rows and of columns. */
  public int order() {
    return order;
  }

  /** Element (row, column), in either order. */
  public double at(int row, int column) {
    return row <= column ? packed[index(row, column)] : packed[index(column, row)];
  }

  /** Whether no element is NaN or infinite. */
  public boolean isFinite() {
    for (double element : packed) {
      if (!Double.isFinite(element)) {
        return false;
      }
    }
    return true;
  }

  /** The diagonal, length n, a fresh array. */
  public double[] diagonal() {
    double[] diagonal = new double[order];
    for (int i = 0; i < order; i++) {
      diagonal[i] = packed[index(i, i)];
    }
    return diagonal;
  }

  /**
   * Copies a rectangle, row-major.
   *
   * @param row first row
   * @param column first column
   * @param rows number of rows
   * @param columns number of columns
   * @param into receives rows x columns elements from its beginning
   */
  public void copyBlock(int row, int column, int rows, int columns, double[] into) {
    // On and right of the diagonal a row is contiguous; left of it the transposed row is, read
    // along j so that a cache line serves all rows of the block.
    for (int i = row; i < row + rows; i++) {
      int from = Math.max(i, column);
      int length = column + columns - from;
      if (length > 0) {
        System.arraycopy(packed, index(i, from), into, (i - row) * columns + from - column, length);
      }
    }
    for (int j = column; j < Math.min(column + columns, row + rows); j++) {
      for (int i = Math.max(j + 1, row); i < row + rows; i++) {
        into[(i - row) * columns + j - column] = packed[index(j, i)];
      }
    }
  }

  /** The whole matrix, row-major (and column-major, being symmetric): n x n, a fresh array. */
  public double[] toSquare() {
    double[] square = new double[Math.multiplyExact(order, order)];
    copyBlock(0, 0, order, order, square);
    return square;
  }

  /** The square of the first {@code length} rows and columns; this matrix where these are all. */
  public SymmetricMatrix leading(int length) {
    return length == order ? this : part(IntStream.range(0, length).toArray());
  }

  /** The rows and columns of these indices, in their order. */
  public SymmetricMatrix part(int[] indices) {
    double[] part = new double[Math.toIntExact(packedLength(indices.length))];
    int at = 0;
    for (int i = 0; i < indices.length; i++) {
      for (int j = i; j < indices.length; j++) {
        part[at++] = at(indices[i], indices[j]);
      }
    }
    return new SymmetricMatrix(indices.length, part);
  }

  /** Where element (row, column), row at most column, lies in the packed array. */
  private int index(int row, int column) {
    return index(order, row, column);
  }

  /** The same for a packed array of another matrix. */
  public static int index(int order, int row, int column) {
    return Math.toIntExact((long) row * order - (long) row * (row - 1) / 2 + column - row);
  }

  /**
   * Adds {@code (first v) (second v)'} to a packed upper triangle: two factors, since their product
   * may overflow where neither does.
   *
   * @param packed to which is added
   * @param at where the triangle begins there
   * @param vector holds v
   * @param from where v begins there
   * @param order length of v
   */
  public static void addOuter(
      double[] packed, int at, double[] vector, int from, int order, double first, double second) {
    int next = at;
    for (int i = from; i < from + order; i++) {
      double scaled = first * vector[i];
      for (int j = i; j < from + order; j++) {
        packed[next++] += scaled * (second * vector[j]);
      }
    }
  }

  /** The sum of packed upper triangles, in their order. */
  public static SymmetricMatrix sumOf(int order, Iterable<double[]> parts) {
    double[] sum = new double[Math.toIntExact(packedLength(order))];
    for (double[] part : parts) {
      for (int k = 0; k < sum.length; k++) {
        sum[k] += part[k];
      }
    }
    return ofPacked(order, sum);
  }
}
