package org.sparkcurvature.job.groups;

import java.util.Arrays;
import org.sparkcurvature.job.solve.Vectors;

/**
 * An orthonormal basis of what the coefficients A of a group's predictors span, found column by
 * column: {@code A theta = Q T theta_kept}. Fits in it do not know the columns' units, means or
 * correlations. Columns that those before them determine are none of it, as R leaves them out.
 *
 * <p>A is read row by row. Where its columns are far from depending on each other the factor of
 * {@code A'A} is accurate enough; otherwise A is read again, and the factor updated by
 * Householder's reflections, run by run.
 */
final class Basis {
  /** What is left of a column that others determine, beside the column: rounding. */
  private static final double ROUNDING = 1e-10;

  /** Rows that are reflected together with the factor of those before. */
  private static final int RUN = 256;

  /** Above this share of its column a pivot of A'A has ten digits. */
  private static final double APART = 1e-6;

  private final int columns;

  /** The upper triangle of A'A row by row. */
  private final double[] gram;

  private double[] run = {};
  private int filled;
  private double[] triangle;

  /** Of the triangle, where columns are far from depending on each other; otherwise empty. */
  private double[] inverse = {};

  private int[] kept = {};
  private double[] norms = {};
  private double[][] dependent = {};

  Basis(int columns) {
    this.columns = columns;
    this.gram = new double[columns * (columns + 1) / 2];
  }

  /**
   * Adds rows of A to A'A.
   *
   * @param at where the first column begins
   * @param step from a column to the next
   */
  void addSquares(double[] rows, int at, int step, int count) {
    Squares squares = new Squares(Math.min(Sums.RUN, count));
    Arrays.fill(squares.second(), 1);
    for (int done = 0; done < count; done += Sums.RUN) {
      int run = Math.min(Sums.RUN, count - done);
      squares.add(rows, at + done, step, run, columns, gram);
    }
  }

  /** An element of A'A, for {@code j <= i}. */
  private double gram(int i, int j) {
    return gram[j * columns - j * (j - 1) / 2 + i - j];
  }

  /** Whether all rows of A are to be added, after their squares. */
  boolean needsRows() {
    int n = columns;
    double[] square = new double[n * n];
    for (int i = 0; i < n; i++) {
      for (int j = 0; j <= i; j++) {
        square[i * n + j] = gram(i, j);
      }
    }
    double[] factor = new double[n * n];
    if (!SmallMatrix.factor(square, 0, new double[n], n, APART, factor)) {
      run = new double[(RUN + n) * n];
      filled = n;
      return true;
    }
    kept = new int[n];
    norms = new double[n];
    dependent = new double[n][];
    triangle = new double[n * n];
    for (int i = 0; i < n; i++) {
      kept[i] = i;
      norms[i] = Math.sqrt(gram(i, i));
      for (int j = i; j < n; j++) {
        triangle[i * n + j] = factor[j * n + i];
      }
    }
    invert();
    return false;
  }

  /** The inverse of the triangle, by which both ways go then: it need not be exact. */
  private void invert() {
    int n = columns;
    inverse = new double[n * n];
    for (int j = 0; j < n; j++) {
      inverse[j * n + j] = 1 / triangle[j * n + j];
      for (int i = j - 1; i >= 0; i--) {
        double sum = 0;
        for (int k = i + 1; k <= j; k++) {
          sum += triangle[i * n + k] * inverse[k * n + j];
        }
        inverse[i * n + j] = -sum / triangle[i * n + i];
      }
    }
  }

  /** Adds rows of A, as {@link #addSquares} does. */
  void add(double[] rows, int at, int step, int count) {
    for (int row = 0; row < count; row++) {
      for (int column = 0; column < columns; column++) {
        run[filled * columns + column] = rows[at + column * step + row];
      }
      filled++;
      if (filled == RUN + columns) {
        reflect();
      }
    }
  }

  /** Brings the factor and the rows behind it to triangular form. */
  private void reflect() {
    int n = columns;
    for (int j = 0; j < n; j++) {
      double largest = 0;
      for (int i = j; i < filled; i++) {
        largest = Math.max(largest, Math.abs(run[i * n + j]));
      }
      if (largest == 0) {
        continue;
      }
      double square = 0;
      for (int i = j; i < filled; i++) {
        double scaled = run[i * n + j] / largest;
        square += scaled * scaled;
      }
      double norm = largest * Math.sqrt(square);
      double head = run[j * n + j];
      double alpha = head > 0 ? -norm : norm;
      double first = head - alpha;
      // v = (first, the rest of the column); H = I - 2 v v' / v'v, and v'v = -2 alpha first.
      for (int c = j + 1; c < n; c++) {
        double sum = first * run[j * n + c];
        for (int i = j + 1; i < filled; i++) {
          sum += run[i * n + j] * run[i * n + c];
        }
        double factor = sum / (alpha * first);
        run[j * n + c] += factor * first;
        for (int i = j + 1; i < filled; i++) {
          run[i * n + c] += factor * run[i * n + j];
        }
      }
      run[j * n + j] = alpha;
      for (int i = j + 1; i < filled; i++) {
        run[i * n + j] = 0;
      }
    }
    Arrays.fill(run, n * n, filled * n, 0);
    filled = n;
  }

  /** Looks at all rows: which columns are kept, and what the others are made of. */
  void finish() {
    reflect();
    int n = columns;
    double[][] q = new double[n][];
    double[][] t = new double[n][];
    int[] order = new int[n];
    double[][] combinations = new double[n][];
    norms = new double[n];
    int rank = 0;
    for (int j = 0; j < n; j++) {
      double[] column = new double[n];
      for (int i = 0; i <= j; i++) {
        column[i] = run[i * n + j];
      }
      norms[j] = Vectors.norm(column);
      double[] on = new double[rank + 1];
      // Twice is enough.
      for (int pass = 0; pass < 2; pass++) {
        for (int k = 0; k < rank; k++) {
          double product = Vectors.dot(q[k], column);
          on[k] += product;
          for (int i = 0; i < n; i++) {
            column[i] -= product * q[k][i];
          }
        }
      }
      double rest = Vectors.norm(column);
      if (!(rest > ROUNDING * norms[j])) {
        combinations[j] = Arrays.copyOf(on, rank);
        continue;
      }
      for (int i = 0; i < n; i++) {
        column[i] /= rest;
      }
      on[rank] = rest;
      q[rank] = column;
      t[rank] = on;
      order[rank] = j;
      rank++;
    }
    kept = Arrays.copyOf(order, rank);
    triangle = new double[rank * rank];
    for (int k = 0; k < rank; k++) {
      for (int i = 0; i <= k; i++) {
        triangle[i * rank + k] = t[k][i];
      }
    }
    dependent = new double[n][];
    for (int j = 0; j < n; j++) {
      if (combinations[j] != null) {
        double[] coefficients = Arrays.copyOf(combinations[j], rank);
        back(coefficients);
        dependent[j] = coefficients;
      }
    }
  }

  /** The columns that are kept, ascending. */
  int[] kept() {
    return kept;
  }

  /** The norm of each column. */
  double[] norms() {
    return norms;
  }

  /** Whether a column is determined by those kept before it. */
  boolean isDependent(int column) {
    return dependent[column] != null;
  }

  /** The direction along which nothing changes: 1 at a dependent column. */
  double[] direction(int column) {
    double[] direction = new double[columns];
    direction[column] = 1;
    for (int k = 0; k < kept.length; k++) {
      direction[kept[k]] = -dependent[column][k];
    }
    return direction;
  }

  /** Replaces the rows of A by those of Q, in the first columns. */
  void toBasis(double[] rows, int at, int step, int count) {
    int rank = kept.length;
    double[] factors = new double[rank];
    if (inverse.length > 0) {
      // From the last column on: one of Q is made of those of A up to its own.
      for (int k = rank - 1; k >= 0; k--) {
        for (int i = 0; i <= k; i++) {
          factors[i] = inverse[i * rank + k];
        }
        int own = at + k * step;
        Columns.scale(rows, own, count, factors[k]);
        Columns.add(rows, at, step, count, factors, 0, k, rows, own);
      }
      return;
    }
    // q T = a, from the left; kept[k] is at least k.
    for (int k = 0; k < rank; k++) {
      for (int i = 0; i < k; i++) {
        factors[i] = -triangle[i * rank + k];
      }
      int own = at + k * step;
      System.arraycopy(rows, at + kept[k] * step, rows, own, count);
      Columns.add(rows, at, step, count, factors, 0, k, rows, own);
      double pivot = triangle[k * rank + k];
      for (int row = 0; row < count; row++) {
        rows[own + row] /= pivot;
      }
    }
  }

  /** {@code T theta} for the elements of the kept columns. */
  double[] toBasis(double[] theta) {
    int rank = kept.length;
    double[] gamma = new double[rank];
    for (int i = 0; i < rank; i++) {
      for (int k = i; k < rank; k++) {
        gamma[i] += triangle[i * rank + k] * theta[k];
      }
    }
    return gamma;
  }

  /** {@code T^-1}, of the kept columns, row-major. */
  double[] back() {
    int rank = kept.length;
    if (inverse.length > 0) {
      return inverse;
    }
    double[] whole = new double[rank * rank];
    double[] column = new double[rank];
    for (int k = 0; k < rank; k++) {
      Arrays.fill(column, 0);
      column[k] = 1;
      back(column);
      for (int i = 0; i < rank; i++) {
        whole[i * rank + k] = column[i];
      }
    }
    return whole;
  }

  /** {@code T^-1 gamma}, in its place: elements of the kept columns. */
  void back(double[] gamma) {
    int rank = kept.length;
    if (inverse.length > 0) {
      for (int i = 0; i < rank; i++) {
        double sum = 0;
        for (int k = i; k < rank; k++) {
          sum += inverse[i * rank + k] * gamma[k];
        }
        gamma[i] = sum;
      }
      return;
    }
    for (int i = rank - 1; i >= 0; i--) {
      double sum = gamma[i];
      for (int k = i + 1; k < rank; k++) {
        sum -= triangle[i * rank + k] * gamma[k];
      }
      gamma[i] = sum / triangle[i * rank + i];
    }
  }
}
