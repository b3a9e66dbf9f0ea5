package org.sparkcurvature.job.groups;

import java.util.Arrays;

/**
 * What a row adds to the sums of its group: the chain rule from predictors to the group's space.
 * The sums are the value, the value's magnitudes, Pearson's statistic, the gradient [k], and the
 * upper triangle of the Hessian row by row.
 */
final class RowTerms {
  static final int VALUE = 0;
  static final int MAGNITUDE = 1;
  static final int PEARSON = 2;
  static final int GRADIENT = 3;

  private final RowForm form;
  private final Space space;
  private final int k;
  private final int q;

  /** For each predictor: its first dimension, how many it has, and where its coefficients are. */
  private final int[] firsts;

  private final int[] lengths;
  private final int[] places;

  /** Weighted derivatives of a run of rows, and these times an element. */
  private final double[] first;

  private final double[] second;
  private final double[] scaled;

  /**
   * @param rows of the group
   */
  RowTerms(RowForm form, Space space, long rows) {
    int run = (int) Math.min(Sums.RUN, rows);
    this.first = new double[run];
    this.second = new double[run];
    this.scaled = new double[run];
    this.form = form;
    this.space = space;
    this.k = space.size();
    this.q = form.predictors();
    this.firsts = new int[q];
    this.lengths = new int[q];
    this.places = new int[q];
    for (RowForm.Tensor tensor : form.tensors()) {
      for (int e = 0; e < tensor.size(); e++) {
        int u = tensor.number() + e;
        if (tensor.block() < 0) {
          firsts[u] = space.dimension(tensor.first() + e);
          lengths[u] = -1;
        } else {
          firsts[u] = space.first(tensor.block());
          lengths[u] = space.size(tensor.block());
          places[u] = tensor.at() + e * (1 + form.blocks().get(tensor.block()).size()) + 1;
        }
      }
    }
  }

  /** Numbers of a row. */
  int stride() {
    return form.stride();
  }

  Space space() {
    return space;
  }

  /** How many numbers are summed. */
  int length() {
    return GRADIENT + k + k * (k + 1) / 2;
  }

  /** Where row i of the Hessian begins, less i. */
  int hessian(int i) {
    return GRADIENT + k + i * k - i * (i - 1) / 2 - i;
  }

  /** Adds the terms of rows, at most those of a run. */
  void add(
      double[] rows, int at, int count, Evaluator.Results results, int position, double[] sums) {
    int stride = form.stride();
    int weightAt = at + form.weightAt();
    double[] values = results.value();
    double value = sums[VALUE];
    double magnitude = sums[MAGNITUDE];
    for (int row = 0; row < count; row++) {
      double own = rows[weightAt + row * stride] * values[position + row];
      value += own;
      magnitude += Math.abs(own);
    }
    sums[VALUE] = value;
    sums[MAGNITUDE] = magnitude;
    if (results.pearson().length > 0) {
      for (int row = 0; row < count; row++) {
        sums[PEARSON] += rows[weightAt + row * stride] * results.pearson()[position + row];
      }
    }
    if (q == 1 && lengths[0] >= 0) {
      for (int row = 0; row < count; row++) {
        double weight = rows[weightAt + row * stride];
        first[row] = weight * results.gradient()[position + row];
        second[row] = weight * results.hessian()[position + row];
      }
      addSquares(rows, at + places[0], stride, count, sums);
      return;
    }
    for (int row = 0; row < count; row++) {
      int begin = at + row * stride;
      double weight = rows[weightAt + row * stride];
      int upper = (position + row) * (q * (q + 1) / 2);
      for (int u = 0; u < q; u++) {
        double slope = weight * results.gradient()[(position + row) * q + u];
        addGradient(rows, begin, u, slope, sums, GRADIENT);
        for (int v = u; v < q; v++) {
          addPair(rows, begin, u, v, weight * results.hessian()[upper++], sums);
        }
      }
    }
  }

  /** Sums over rows of {@code first a} and {@code second a a'}: few at a time, in registers. */
  private void addSquares(double[] rows, int at, int stride, int count, double[] sums) {
    addRow(rows, at, stride, count, first, 0, sums, GRADIENT);
    int to = GRADIENT + k;
    for (int i = 0; i < k; i++) {
      for (int row = 0, from = at + i; row < count; row++, from += stride) {
        scaled[row] = second[row] * rows[from];
      }
      addRow(rows, at, stride, count, scaled, i, sums, to);
      to += k - i;
    }
  }

  /** Adds the sums over rows of a factor times the elements from {@code i} on. */
  private void addRow(
      double[] rows,
      int at,
      int stride,
      int count,
      double[] factors,
      int i,
      double[] sums,
      int to) {
    int j = i;
    int place = to;
    for (; j + 3 < k; j += 4, place += 4) {
      double a = sums[place];
      double b = sums[place + 1];
      double c = sums[place + 2];
      double d = sums[place + 3];
      for (int row = 0, from = at + j; row < count; row++, from += stride) {
        double factor = factors[row];
        a += factor * rows[from];
        b += factor * rows[from + 1];
        c += factor * rows[from + 2];
        d += factor * rows[from + 3];
      }
      sums[place] = a;
      sums[place + 1] = b;
      sums[place + 2] = c;
      sums[place + 3] = d;
    }
    for (; j + 1 < k; j += 2, place += 2) {
      double a = sums[place];
      double b = sums[place + 1];
      for (int row = 0, from = at + j; row < count; row++, from += stride) {
        a += factors[row] * rows[from];
        b += factors[row] * rows[from + 1];
      }
      sums[place] = a;
      sums[place + 1] = b;
    }
    if (j < k) {
      double a = sums[place];
      for (int row = 0, from = at + j; row < count; row++, from += stride) {
        a += factors[row] * rows[from];
      }
      sums[place] = a;
    }
  }

  private void addGradient(double[] row, int at, int u, double factor, double[] sums, int to) {
    if (lengths[u] < 0) {
      sums[to + firsts[u]] += factor;
      return;
    }
    for (int i = 0; i < lengths[u]; i++) {
      sums[to + firsts[u] + i] += factor * row[at + places[u] + i];
    }
  }

  private void addPair(double[] row, int at, int u, int v, double factor, double[] sums) {
    if (factor == 0) {
      return;
    }
    for (int i = 0; i < Math.abs(lengths[u]); i++) {
      double a = factor * (lengths[u] < 0 ? 1 : row[at + places[u] + i]);
      int di = firsts[u] + i;
      for (int j = u == v ? i : 0; j < Math.abs(lengths[v]); j++) {
        double product = a * (lengths[v] < 0 ? 1 : row[at + places[v] + j]);
        int dj = firsts[v] + j;
        int place = hessian(Math.min(di, dj)) + Math.max(di, dj);
        // Of two predictors the diagonal has both orders.
        sums[place] += u != v && di == dj ? 2 * product : product;
      }
    }
  }

  /** The gradient of a row's weighted loss, length k. */
  void score(double[] row, int at, Evaluator.Results results, int position, double[] score) {
    Arrays.fill(score, 0);
    double weight = row[at + form.weightAt()];
    for (int u = 0; u < q; u++) {
      addGradient(row, at, u, weight * results.gradient()[position * q + u], score, 0);
    }
  }

  /**
   * The leverage of a row of a loss of one predictor: {@code w l'' a' H^-1 a}.
   *
   * @param inverse H^-1, k x k
   */
  double leverage(double[] row, int at, Evaluator.Results results, int position, double[] inverse) {
    double form = 0;
    for (int i = 0; i < lengths[0]; i++) {
      double sum = 0;
      for (int j = 0; j < lengths[0]; j++) {
        sum += inverse[(firsts[0] + i) * k + firsts[0] + j] * row[at + places[0] + j];
      }
      form += row[at + places[0] + i] * sum;
    }
    return row[at + this.form.weightAt()] * results.hessian()[position] * form;
  }

  /**
   * The coefficients of a predictor of a row, as a vector of the space.
   *
   * @param vector length k, overwritten
   */
  void coefficients(double[] row, int at, int u, double[] vector) {
    Arrays.fill(vector, 0);
    addGradient(row, at, u, 1, vector, 0);
  }

  /** q. */
  int predictors() {
    return q;
  }

  /** Whether a predictor is a parameter, the same in all rows. */
  boolean isParameter(int u) {
    return lengths[u] < 0;
  }
}
