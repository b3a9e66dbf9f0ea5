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

  RowTerms(RowForm form, Space space) {
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

  /**
   * Adds the terms of rows, at most those of a run.
   *
   * @param first the first of them
   * @param position of its results
   */
  void add(
      GroupRows.Slice rows,
      int first,
      int count,
      Evaluator.Results results,
      int position,
      double[] sums) {
    double[] array = rows.array();
    int weights = rows.column(form.weightAt()) + first;
    double[] pearson = results.pearson();
    if (pearson.length > 0) {
      double sum = sums[PEARSON];
      for (int row = 0; row < count; row++) {
        sum += array[weights + row] * pearson[position + row];
      }
      sums[PEARSON] = sum;
    }
    if (q == 1 && lengths[0] >= 0) {
      addWeighted(array, weights, count, results, position, sums);
      int coefficients = rows.column(places[0]) + first;
      results
          .squares()
          .add(array, coefficients, rows.step(), count, k, sums, GRADIENT, GRADIENT + k);
      return;
    }
    double[] values = results.value();
    double value = sums[VALUE];
    double magnitude = sums[MAGNITUDE];
    for (int row = 0; row < count; row++) {
      double own = array[weights + row] * values[position + row];
      value += own;
      magnitude += Math.abs(own);
    }
    sums[VALUE] = value;
    sums[MAGNITUDE] = magnitude;
    for (int row = 0; row < count; row++) {
      double weight = array[weights + row];
      int upper = (position + row) * (q * (q + 1) / 2);
      for (int u = 0; u < q; u++) {
        double slope = weight * results.gradient()[(position + row) * q + u];
        addGradient(rows, first + row, u, slope, sums, GRADIENT);
        for (int v = u; v < q; v++) {
          addPair(rows, first + row, u, v, weight * results.hessian()[upper++], sums);
        }
      }
    }
  }

  /** Sums values, and weights the derivatives by the one predictor. */
  private void addWeighted(
      double[] array,
      int weights,
      int count,
      Evaluator.Results results,
      int position,
      double[] sums) {
    double[] values = results.value();
    double[] gradients = results.gradient();
    double[] hessians = results.hessian();
    double[] slopes = results.squares().first();
    double[] curvatures = results.squares().second();
    double value = sums[VALUE];
    double magnitude = sums[MAGNITUDE];
    for (int row = 0; row < count; row++) {
      double weight = array[weights + row];
      double own = weight * values[position + row];
      value += own;
      magnitude += Math.abs(own);
      slopes[row] = weight * gradients[position + row];
      curvatures[row] = weight * hessians[position + row];
    }
    sums[VALUE] = value;
    sums[MAGNITUDE] = magnitude;
  }

  private void addGradient(
      GroupRows.Slice rows, int row, int u, double factor, double[] sums, int to) {
    if (lengths[u] < 0) {
      sums[to + firsts[u]] += factor;
      return;
    }
    double[] array = rows.array();
    int at = rows.column(places[u]) + row;
    for (int i = 0; i < lengths[u]; i++, at += rows.step()) {
      sums[to + firsts[u] + i] += factor * array[at];
    }
  }

  private void addPair(GroupRows.Slice rows, int row, int u, int v, double factor, double[] sums) {
    if (factor == 0) {
      return;
    }
    double[] array = rows.array();
    int step = rows.step();
    int one = rows.column(places[u]) + row;
    int other = rows.column(places[v]) + row;
    for (int i = 0; i < Math.abs(lengths[u]); i++) {
      double a = factor * (lengths[u] < 0 ? 1 : array[one + i * step]);
      int di = firsts[u] + i;
      for (int j = u == v ? i : 0; j < Math.abs(lengths[v]); j++) {
        double product = a * (lengths[v] < 0 ? 1 : array[other + j * step]);
        int dj = firsts[v] + j;
        int place = hessian(Math.min(di, dj)) + Math.max(di, dj);
        // Of two predictors the diagonal has both orders.
        sums[place] += u != v && di == dj ? 2 * product : product;
      }
    }
  }

  /** The gradient of a row's weighted loss, length k. */
  void score(
      GroupRows.Slice rows, int row, Evaluator.Results results, int position, double[] score) {
    Arrays.fill(score, 0);
    double weight = rows.array()[rows.column(form.weightAt()) + row];
    for (int u = 0; u < q; u++) {
      addGradient(rows, row, u, weight * results.gradient()[position * q + u], score, 0);
    }
  }

  /**
   * The leverage of a row of a loss of one predictor: {@code w l'' a' H^-1 a}.
   *
   * @param inverse H^-1, k x k
   */
  double leverage(
      GroupRows.Slice rows, int row, Evaluator.Results results, int position, double[] inverse) {
    double[] array = rows.array();
    int at = rows.column(places[0]) + row;
    double form = 0;
    for (int i = 0; i < lengths[0]; i++) {
      double sum = 0;
      for (int j = 0; j < lengths[0]; j++) {
        sum += inverse[(firsts[0] + i) * k + firsts[0] + j] * array[at + j * rows.step()];
      }
      form += array[at + i * rows.step()] * sum;
    }
    return array[rows.column(this.form.weightAt()) + row] * results.hessian()[position] * form;
  }

  /**
   * The coefficients of a predictor of a row, as a vector of the space.
   *
   * @param vector length k, overwritten
   */
  void coefficients(GroupRows.Slice rows, int row, int u, double[] vector) {
    Arrays.fill(vector, 0);
    addGradient(rows, row, u, 1, vector, 0);
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
