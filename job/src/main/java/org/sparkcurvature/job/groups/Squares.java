package org.sparkcurvature.job.groups;

/**
 * Sums over rows of {@code f a} and of {@code s a a'}, for a vector a in each row and factors f and
 * s. A sum adds its rows in their order, and so each addition waits for the one before: two rows of
 * the matrix go together, up to ten sums at a time, to keep the processor busy. Belongs to one
 * task.
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
   * @param at where the vectors' first elements begin, row after row
   * @param step from there to where the next elements begin
   * @param k length of the vectors
   * @param linear where the sums of {@code f a} are, k of them
   * @param square where those of {@code s a a'} are, the upper triangle row by row
   */
  void add(
      double[] rows, int at, int step, int count, int k, double[] sums, int linear, int square) {
    // The linear sums go with the first row of the matrix.
    double[] factors = second;
    double[] other = right;
    for (int row = 0; row < count; row++) {
      other[row] = factors[row] * rows[at + row];
    }
    addColumns(rows, at, step, count, first, k, sums, linear, square);
    addRows(rows, at, step, count, 1, k, sums, square + k);
  }

  /** Adds rows, of {@link #second} alone. */
  void add(double[] rows, int at, int step, int count, int k, double[] sums) {
    addRows(rows, at, step, count, 0, k, sums, 0);
  }

  /** Adds the rows of the matrix from one on. */
  private void addRows(
      double[] rows, int at, int step, int count, int from, int k, double[] sums, int square) {
    int to = square;
    int i = from;
    for (; i + 1 < k; i += 2) {
      int below = to + k - i;
      int done = k - i < 4 ? 2 : 4;
      if (done == 2) {
        addCorner(rows, at + i * step, step, count, sums, to, below);
      } else {
        addCornerOfFour(rows, at + i * step, step, count, sums, to, below);
      }
      int next = at + (i + done) * step;
      int rest = k - i - done;
      addColumns(rows, next, step, count, left, rest, sums, to + done, below + done - 1);
      to += 2 * (k - i) - 1;
    }
    if (i < k) {
      double[] factors = second;
      double sum = sums[to];
      int column = at + i * step;
      for (int row = 0; row < count; row++) {
        sum += factors[row] * rows[column + row] * rows[column + row];
      }
      sums[to] = sum;
    }
  }

  /** Adds two elements of a row and the one of the next that are nearest to the diagonal. */
  private void addCorner(
      double[] rows, int at, int step, int count, double[] sums, int to, int below) {
    double[] factors = second;
    double[] one = left;
    double[] other = right;
    double x0 = sums[to];
    double x1 = sums[to + 1];
    double y1 = sums[below];
    int next = at + step;
    for (int row = 0; row < count; row++) {
      double factor = factors[row];
      double a = rows[at + row];
      double b = rows[next + row];
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

  /** The same of four elements and of three. */
  private void addCornerOfFour(
      double[] rows, int at, int step, int count, double[] sums, int to, int below) {
    double[] factors = second;
    double[] one = left;
    double[] other = right;
    double x0 = sums[to];
    double x1 = sums[to + 1];
    double x2 = sums[to + 2];
    double x3 = sums[to + 3];
    double y1 = sums[below];
    double y2 = sums[below + 1];
    double y3 = sums[below + 2];
    int next = at + step;
    int third = next + step;
    int fourth = third + step;
    for (int row = 0; row < count; row++) {
      double factor = factors[row];
      double a = rows[at + row];
      double b = rows[next + row];
      double d = rows[third + row];
      double e = rows[fourth + row];
      double f = factor * a;
      double g = factor * b;
      one[row] = f;
      other[row] = g;
      x0 += f * a;
      x1 += f * b;
      x2 += f * d;
      x3 += f * e;
      y1 += g * b;
      y2 += g * d;
      y3 += g * e;
    }
    sums[to] = x0;
    sums[to + 1] = x1;
    sums[to + 2] = x2;
    sums[to + 3] = x3;
    sums[below] = y1;
    sums[below + 1] = y2;
    sums[below + 2] = y3;
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
      int step,
      int count,
      double[] one,
      int elements,
      double[] sums,
      int x,
      int y) {
    int c = 0;
    int first = at;
    for (; elements - c > 5 || elements - c == 4; c += 4, first += 4 * step) {
      addFour(rows, first, step, count, one, sums, x + c, y + c);
    }
    if (elements - c == 5) {
      addFive(rows, first, step, count, one, sums, x + c, y + c);
      return;
    }
    if (elements - c > 1) {
      addTwo(rows, first, step, count, one, sums, x + c, y + c);
      c += 2;
      first += 2 * step;
    }
    if (c < elements) {
      double[] other = right;
      double x0 = sums[x + c];
      double y0 = sums[y + c];
      for (int row = 0; row < count; row++) {
        double a = rows[first + row];
        x0 += one[row] * a;
        y0 += other[row] * a;
      }
      sums[x + c] = x0;
      sums[y + c] = y0;
    }
  }

  private void addFive(
      double[] rows, int first, int step, int count, double[] one, double[] sums, int x, int y) {
    double[] other = right;
    double x0 = sums[x];
    double x1 = sums[x + 1];
    double x2 = sums[x + 2];
    double x3 = sums[x + 3];
    double x4 = sums[x + 4];
    double y0 = sums[y];
    double y1 = sums[y + 1];
    double y2 = sums[y + 2];
    double y3 = sums[y + 3];
    double y4 = sums[y + 4];
    int second = first + step;
    int third = second + step;
    int fourth = third + step;
    int fifth = fourth + step;
    for (int row = 0; row < count; row++) {
      double f = one[row];
      double g = other[row];
      double a = rows[first + row];
      double b = rows[second + row];
      double d = rows[third + row];
      double e = rows[fourth + row];
      double h = rows[fifth + row];
      x0 += f * a;
      x1 += f * b;
      x2 += f * d;
      x3 += f * e;
      x4 += f * h;
      y0 += g * a;
      y1 += g * b;
      y2 += g * d;
      y3 += g * e;
      y4 += g * h;
    }
    sums[x] = x0;
    sums[x + 1] = x1;
    sums[x + 2] = x2;
    sums[x + 3] = x3;
    sums[x + 4] = x4;
    sums[y] = y0;
    sums[y + 1] = y1;
    sums[y + 2] = y2;
    sums[y + 3] = y3;
    sums[y + 4] = y4;
  }

  private void addFour(
      double[] rows, int first, int step, int count, double[] one, double[] sums, int x, int y) {
    double[] other = right;
    double x0 = sums[x];
    double x1 = sums[x + 1];
    double x2 = sums[x + 2];
    double x3 = sums[x + 3];
    double y0 = sums[y];
    double y1 = sums[y + 1];
    double y2 = sums[y + 2];
    double y3 = sums[y + 3];
    int second = first + step;
    int third = second + step;
    int fourth = third + step;
    for (int row = 0; row < count; row++) {
      double f = one[row];
      double g = other[row];
      double a = rows[first + row];
      double b = rows[second + row];
      double d = rows[third + row];
      double e = rows[fourth + row];
      x0 += f * a;
      x1 += f * b;
      x2 += f * d;
      x3 += f * e;
      y0 += g * a;
      y1 += g * b;
      y2 += g * d;
      y3 += g * e;
    }
    sums[x] = x0;
    sums[x + 1] = x1;
    sums[x + 2] = x2;
    sums[x + 3] = x3;
    sums[y] = y0;
    sums[y + 1] = y1;
    sums[y + 2] = y2;
    sums[y + 3] = y3;
  }

  private void addTwo(
      double[] rows, int first, int step, int count, double[] one, double[] sums, int x, int y) {
    double[] other = right;
    double x0 = sums[x];
    double x1 = sums[x + 1];
    double y0 = sums[y];
    double y1 = sums[y + 1];
    int second = first + step;
    for (int row = 0; row < count; row++) {
      double f = one[row];
      double g = other[row];
      double a = rows[first + row];
      double b = rows[second + row];
      x0 += f * a;
      x1 += f * b;
      y0 += g * a;
      y1 += g * b;
    }
    sums[x] = x0;
    sums[x + 1] = x1;
    sums[y] = y0;
    sums[y + 1] = y1;
  }
}
