package org.sparkcurvature.job.groups;

import java.util.ArrayList;
import java.util.List;
import org.sparkcurvature.engine.Engine;

/**
 * Evaluates the rows of many groups, each at its own point, in blocks that they share. Belongs to
 * one task.
 */
final class Evaluator implements AutoCloseable {
  private final RowForm form;
  private final RowForm.Input[] inputs;
  private final RowForm.Tensor[] tensors;

  /** The engine's arrays of {@link #inputs}, and of {@link #tensors}. */
  private final double[][] inputArrays;

  private final double[][] tensorArrays;

  /** Numbers of a predictor in a row, by tensor. */
  private final int[] widths;

  private final Engine engine;
  private final boolean hasPearson;
  private final String pearson;
  private final Squares squares = new Squares(Sums.RUN);
  private final List<Segment> segments = new ArrayList<>();
  private double[] predicted = {};
  private int filled;

  /** Rows at a point. */
  interface Request {
    double[] NOT_MOVED = {};

    GroupRows rows();

    Space space();

    /** The point, length k. */
    double[] point();

    /** What is added to each predictor; empty: nothing. */
    default double[] shift() {
      return NOT_MOVED;
    }

    /**
     * Takes the results of a run of rows.
     *
     * @param position of the results of the first
     */
    void take(GroupRows.Slice rows, int count, Results results, int position);
  }

  /**
   * Results of a block, of the unweighted loss by its q predictors.
   *
   * @param value one number a row
   * @param gradient q numbers a row
   * @param hessian the upper triangle, row by row
   * @param pearson one number a row; empty where there is none
   * @param squares sums what they are factors of
   */
  record Results(
      double[] value, double[] gradient, double[] hessian, double[] pearson, Squares squares) {}

  /** Rows of a request in a block. */
  private record Segment(Request request, long from, int count, int position) {}

  Evaluator(GroupProblem problem) {
    this.form = problem.form();
    this.engine = problem.loss().open(problem.parameters());
    this.inputs = form.inputs().toArray(RowForm.Input[]::new);
    this.tensors = form.tensors().toArray(RowForm.Tensor[]::new);
    this.inputArrays =
        form.inputs().stream().map(i -> engine.input(i.name())).toArray(double[][]::new);
    this.tensorArrays =
        form.tensors().stream().map(t -> engine.input(t.name())).toArray(double[][]::new);
    this.widths =
        form.tensors().stream()
            .mapToInt(t -> t.block() < 0 ? 0 : 1 + form.blocks().get(t.block()).size())
            .toArray();
    this.hasPearson = !problem.pearson().isEmpty();
    this.pearson = hasPearson ? "value_" + problem.pearson().get(0) : "";
  }

  /** The most rows of a block. */
  int blockRows() {
    return engine.blockRows();
  }

  /** Evaluates all rows of all requests. */
  void evaluate(List<? extends Request> requests) {
    for (Request request : requests) {
      long rows = request.rows().count();
      for (long from = 0; from < rows; ) {
        int count = (int) Math.min(rows - from, engine.blockRows() - filled);
        fill(request, from, count);
        segments.add(new Segment(request, from, count, filled));
        from += count;
        filled += count;
        if (filled == engine.blockRows()) {
          run();
        }
      }
    }
    if (filled > 0) {
      run();
    }
  }

  private void fill(Request request, long from, int count) {
    GroupRows.Slice slice = request.rows().read(from, count);
    double[] array = slice.array();
    for (int k = 0; k < inputs.length; k++) {
      int size = inputs[k].size();
      for (int e = 0; e < size; e++) {
        int column = slice.column(inputs[k].at() + e);
        place(array, column, count, inputArrays[k], filled * size + e, size);
      }
    }
    double[] z = request.point();
    double[] shift = request.shift();
    Space space = request.space();
    for (int t = 0; t < tensors.length; t++) {
      RowForm.Tensor tensor = tensors[t];
      double[] target = tensorArrays[t];
      int size = tensor.size();
      for (int e = 0; e < size; e++) {
        double added = shift.length == 0 ? 0 : shift[tensor.number() + e];
        int to = filled * size + e;
        if (tensor.block() < 0) {
          double value = z[space.dimension(tensor.first() + e)] + added;
          for (int row = 0; row < count; row++, to += size) {
            target[to] = value;
          }
          continue;
        }
        int first = space.first(tensor.block());
        int length = space.size(tensor.block());
        int at = slice.column(tensor.at() + e * widths[t]);
        if (size == 1) {
          predict(array, at, slice.step(), count, added, z, first, length, target, to);
        } else {
          if (predicted.length < count) {
            predicted = new double[count];
          }
          predict(array, at, slice.step(), count, added, z, first, length, predicted, 0);
          place(predicted, 0, count, target, to, size);
        }
      }
    }
  }

  /** Writes numbers {@code size} apart. */
  private static void place(double[] from, int at, int count, double[] to, int first, int size) {
    if (size == 1) {
      System.arraycopy(from, at, to, first, count);
      return;
    }
    for (int row = 0, place = first; row < count; row++, place += size) {
      to[place] = from[at + row];
    }
  }

  /** The constant of each row, and its coefficients times a point's elements. */
  private static void predict(
      double[] array,
      int at,
      int step,
      int count,
      double added,
      double[] z,
      int first,
      int length,
      double[] target,
      int to) {
    for (int row = 0; row < count; row++) {
      target[to + row] = array[at + row] + added;
    }
    Columns.add(array, at + step, step, count, z, first, length, target, to);
  }

  private void run() {
    engine.evaluateAny(filled);
    Results results =
        new Results(
            engine.column("value"),
            engine.column("gradient"),
            engine.column("hessian"),
            hasPearson ? engine.column(pearson) : new double[0],
            squares);
    for (Segment segment : segments) {
      GroupRows.Slice slice = segment.request().rows().read(segment.from(), segment.count());
      segment.request().take(slice, segment.count(), results, segment.position());
    }
    segments.clear();
    filled = 0;
  }

  @Override
  public void close() {
    engine.close();
  }
}
