package org.sparkcurvature.job.groups;

import java.util.ArrayList;
import java.util.List;

/**
 * A place from which Newton's method goes where it is to, for a group whose loss is not finite, or
 * bends too much, where it was to begin. Each tensor of predictors in its turn is moved by the same
 * number in all rows, and stays where the loss is least: the logarithm of a mean of 10,000 is found
 * as 8 or 16, whatever the units.
 */
final class StartSearch {
  private static final int SMALLEST = -4;
  private static final int USUAL = 6;
  private static final int LARGEST = 40;

  private final RowForm form;
  private final GroupRows rows;
  private final Space space;
  private final Evaluator evaluator;

  private StartSearch(RowForm form, GroupRows rows, Space space, Evaluator evaluator) {
    this.form = form;
    this.rows = rows;
    this.space = space;
    this.evaluator = evaluator;
  }

  /**
   * Looks.
   *
   * @return where the loss is least; {@code from} itself where nothing is better
   */
  static double[] from(
      RowForm form, GroupRows rows, Space space, double[] from, Evaluator evaluator) {
    StartSearch search = new StartSearch(form, rows, space, evaluator);
    double[] best = from;
    // Twice: where one has its place, another may have a better one.
    for (int pass = 0; pass < 2; pass++) {
      for (RowForm.Tensor tensor : form.tensors()) {
        best = search.along(tensor, best);
      }
    }
    return best;
  }

  private double[] along(RowForm.Tensor tensor, double[] from) {
    double[] ones = ones(tensor);
    double[] usual = numbers(SMALLEST, USUAL);
    Best best = best(from, ones, usual);
    if (best.at() == 0 && Double.isFinite(best.value())
        || Math.abs(best.at()) > 0 && Math.abs(best.at()) < usual[usual.length - 1]) {
      return best.at() == 0 ? from : moved(from, ones, best.at());
    }
    best = best(from, ones, numbers(-LARGEST, LARGEST));
    return best.at() == 0 ? from : moved(from, ones, best.at());
  }

  /** 0 and the powers of 2 with both signs. */
  private static double[] numbers(int from, int to) {
    double[] numbers = new double[1 + 2 * (to - from + 1)];
    for (int j = from; j <= to; j++) {
      numbers[1 + 2 * (j - from)] = -Math.scalb(1.0, j);
      numbers[2 + 2 * (j - from)] = Math.scalb(1.0, j);
    }
    return numbers;
  }

  /** The point nearest to one whose predictors are 1 in all rows. */
  private double[] ones(RowForm.Tensor tensor) {
    double[] ones = new double[space.size()];
    if (tensor.block() < 0) {
      for (int e = 0; e < tensor.size(); e++) {
        ones[space.dimension(tensor.first() + e)] = 1;
      }
      return ones;
    }
    int width = 1 + form.blocks().get(tensor.block()).size();
    int first = space.first(tensor.block());
    int length = space.size(tensor.block());
    int chunk = 1024;
    for (long from = 0; from < rows.count(); from += chunk) {
      int count = (int) Math.min(chunk, rows.count() - from);
      GroupRows.Slice slice = rows.read(from, count);
      for (int e = 0; e < tensor.size(); e++) {
        for (int k = 0; k < length; k++) {
          int at = slice.column(tensor.at() + e * width + 1 + k);
          for (int row = 0; row < count; row++) {
            ones[first + k] += slice.array()[at + row];
          }
        }
      }
    }
    return ones;
  }

  /** Where the loss is least, and what it is there. */
  private record Best(double at, double value) {}

  private Best best(double[] from, double[] ones, double[] numbers) {
    List<Probe> probes = new ArrayList<>();
    for (double number : numbers) {
      probes.add(new Probe(form, rows, space, moved(from, ones, number)));
    }
    evaluator.evaluate(probes);
    double least = Double.POSITIVE_INFINITY;
    double at = 0;
    for (int i = 0; i < numbers.length; i++) {
      double value = probes.get(i).value();
      // What falls by rounding alone is not worth the way: a logarithm of a variance goes far.
      boolean lower =
          least == Double.POSITIVE_INFINITY ? value < least : value < least - 8 * Math.ulp(least);
      if (lower) {
        least = value;
        at = numbers[i];
      }
    }
    return new Best(at, least);
  }

  private static double[] moved(double[] from, double[] ones, double by) {
    double[] moved = from.clone();
    for (int k = 0; k < moved.length; k++) {
      moved[k] += by * ones[k];
    }
    return moved;
  }

  /** The loss of rows at a point. */
  static final class Probe implements Evaluator.Request {
    private final RowForm form;
    private final GroupRows rows;
    private final Space space;
    private final double[] point;
    private final Sums sums = new Sums(1);

    Probe(RowForm form, GroupRows rows, Space space, double[] point) {
      this.form = form;
      this.rows = rows;
      this.space = space;
      this.point = point;
    }

    /** The sum, once it was evaluated. */
    double value() {
      return sums.take()[0];
    }

    @Override
    public GroupRows rows() {
      return rows;
    }

    @Override
    public Space space() {
      return space;
    }

    @Override
    public double[] point() {
      return point;
    }

    @Override
    public void take(GroupRows.Slice taken, int count, Evaluator.Results results, int position) {
      int weights = taken.column(form.weightAt());
      for (int row = 0; row < count; row++) {
        double weight = taken.array()[weights + row];
        sums.part()[0] += weight * results.value()[position + row];
        sums.next(1);
      }
    }
  }
}
