package org.sparkcurvature.job.groups;

/**
 * Sums over rows of {@code f a} and of {@code s a a'}, for a vector a in each row and factors f and
 * s. A sum adds its rows in their order, and so each addition waits for the one before: two rows of
 * the matrix go together, eight sums at a time, to keep the processor busy. Belongs to one task.
 */
final class Squares {
  private final double[] first;
  private final double[] second;
  private final double[] left;
  private final double[] right;

  /**
   * @param rows the most that are added together
   */
  Squares(int rows) {
    first = new double[rows];
    second = new double[rows];
    left = new double[rows];
    right = new double[rows];
  }

  /** Factors f of the rows that are added next. */
  double[] first() {
    return first;
  }

  /** Factors s of the rows that are added next. */
  double[] second() {
    return second;
  }

  /**
   * Adds rows, of {@link #first} and {@link #second}.
   *
   * @param at where the first row's vector begins
   * @param stride from a row to the next
   * @param k length of the vectors
   * @param linear where the sums of {@code f a} are, k of them
   * @param square where those of {@code s a a'} are, the upper triangle row by row
   */
  void add(
      double[] rows, int at, int stride, int count, int k, double[] sums, int linear, int square) {
    // The linear sums go with the first row of the matrix.
    double[] factors = second;
    double[] other = right;
    for (int row = 0, from = at; row < count; row++, from += stride) {
      other[row] = factors[row] * rows[from];
    }
    addColumns(rows, at, stride, count, first, k, sums, linear, square);
    addRows(rows, at, stride, count, 1, k, sums, square + k);
  }

  /** Adds rows, of {@link #second} alone. */
  void add(double[] rows, int at, int stride, int count, int k, double[] sums) {
    addRows(rows, at, stride, count, 0, k, sums, 0);
  }

  /** Adds the rows of the matrix from one on. */
  private void addRows(
      double[] rows, int at, int stride, int count, int from, int k, double[] sums, int square) {
    int to = square;
    int i = from;
    for (; i + 1 < k; i += 2) {
      addCorner(rows, at + i, stride, count, sums, to, to + k - i);
      int below = to + k - i + 1;
      addColumns(rows, at + i + 2, stride, count, left, k - i - 2, sums, to + 2, below);
      to += 2 * (k - i) - 1;
    }
    if (i < k) {
      double[] factors = second;
      double sum = sums[to];
      for (int row = 0, place = at + i; row < count; row++, place += stride) {
        sum += factors[row] * rows[place] * rows[place];
      }
      sums[to] = sum;
    }
  }

  /** Adds two elements of a row and the one of the next that are nearest to the diagonal. */
  private void addCorner(
      double[] rows, int at, int stride, int count, double[] sums, int to, int below) {
    double[] factors = second;
    double[] one = left;
    double[] other = right;
    double x0 = sums[to];
    double x1 = sums[to + 1];
    double y1 = sums[below];
    for (int row = 0, from = at; row < count; row++, from += stride) {
      double factor = factors[row];
      double a = rows[from];
      double b = rows[from + 1];
      double f = factor * a;
      double g = factor * b;
      one[row] = f;
      other[row] = g;
      x0 += f * a;
      x1 += f * b;
      y1 += g * b;
    }
    sums[to] = x0;
    sums[to + 1] = x1;
    sums[below] = y1;
  }

  /**
   * Adds the sums over rows of two factors, the second of them {@link #right}, times so many
   * elements.
   *
   * @param x where the sums of the first factor are
   * @param y where those of the second are
   */
  private void addColumns(
      double[] rows,
      int at,
      int stride,
      int count,
      double[] one,
      int elements,
      double[] sums,
      int x,
      int y) {
    double[] other = right;
    int c = 0;
    for (; c + 3 < elements; c += 4) {
      int u = x + c;
      int v = y + c;
      double x0 = sums[u];
      double x1 = sums[u + 1];
      double x2 = sums[u + 2];
      double x3 = sums[u + 3];
      double y0 = sums[v];
      double y1 = sums[v + 1];
      double y2 = sums[v + 2];
      double y3 = sums[v + 3];
      for (int row = 0, from = at + c; row < count; row++, from += stride) {
        double f = one[row];
        double g = other[row];
        double a = rows[from];
        double b = rows[from + 1];
        double d = rows[from + 2];
        double e = rows[from + 3];
        x0 += f * a;
        x1 += f * b;
        x2 += f * d;
        x3 += f * e;
        y0 += g * a;
        y1 += g * b;
        y2 += g * d;
        y3 += g * e;
      }
      sums[u] = x0;
      sums[u + 1] = x1;
      sums[u + 2] = x2;
      sums[u + 3] = x3;
      sums[v] = y0;
      sums[v + 1] = y1;
      sums[v + 2] = y2;
      sums[v + 3] = y3;
    }
    for (; c + 1 < elements; c += 2) {
      int u = x + c;
      int v = y + c;
      double x0 = sums[u];
      double x1 = sums[u + 1];
      double y0 = sums[v];
      double y1 = sums[v + 1];
      for (int row = 0, from = at + c; row < count; row++, from += stride) {
        double f = one[row];
        double g = other[row];
        double a = rows[from];
        double b = rows[from + 1];
        x0 += f * a;
        x1 += f * b;
        y0 += g * a;
        y1 += g * b;
      }
      sums[u] = x0;
      sums[u + 1] = x1;
      sums[v] = y0;
      sums[v + 1] = y1;
    }
    if (c < elements) {
      double x0 = sums[x + c];
      double y0 = sums[y + c];
      for (int row = 0, from = at + c; row < count; row++, from += stride) {
        double a = rows[from];
        x0 += one[row] * a;
        y0 += other[row] * a;
      }
      sums[x + c] = x0;
      sums[y + c] = y0;
    }
  }
}
