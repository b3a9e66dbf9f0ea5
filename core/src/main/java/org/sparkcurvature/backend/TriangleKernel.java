package org.sparkcurvature.backend;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.sparkcurvature.plan.steps.StridedOperand;
import org.sparkcurvature.plan.steps.Triangle;

/** The upper triangles of products that are not summed, a chunk of samples at a time. */
final class TriangleKernel implements Kernel {
  private final Factors factors;
  private final int count;
  private final OutputSink out;

  /** Where the result is wanted, if that is not the plan's memory. */
  private final Optional<DirectOutput> directOutput;

  private final Adding adding;
  private final Scratch scratch;
  private final boolean sampled;
  private final int order;
  private final int half;
  private final int group;
  private final double coefficient;

  /** Factors that are the same along a row, and those that are not. */
  private final int[] fixed;

  private final int[] moving;
  private final int[] rowStrides;
  private final int[] columnStrides;

  TriangleKernel(Triangle step, Memory memory, Scratch scratch) {
    List<StridedOperand> strided = step.factors();
    this.scratch = scratch;
    this.out = memory.target(step.out());
    this.directOutput = out instanceof DirectOutput d ? Optional.of(d) : Optional.empty();
    this.sampled = step.out().sampled();
    this.order = step.order();
    this.half = step.out().size();
    this.coefficient = step.coefficient();
    this.count = strided.size();
    this.rowStrides = strided.stream().mapToInt(w -> w.outStrides().get(0)).toArray();
    this.columnStrides = strided.stream().mapToInt(w -> w.outStrides().get(1)).toArray();
    this.fixed = IntStream.range(0, count).filter(f -> columnStrides[f] == 0).toArray();
    this.moving = IntStream.range(0, count).filter(f -> columnStrides[f] != 0).toArray();
    int widest = strided.stream().mapToInt(w -> w.buffer().size()).reduce(half, Math::max);
    this.group = sampled ? Scratch.samples(widest) : 1;
    this.factors = new Factors(strided, memory, scratch, group);
    int room = directOutput.isPresent() ? 0 : group * half;
    scratch.reserve(count, room);
    this.adding = Adding.of(step, memory, scratch, count + 1, room);
    scratch.reserve(count + 2, order);
    boolean gathers = Arrays.stream(moving).anyMatch(f -> columnStrides[f] != 1);
    scratch.reserve(count + 3, gathers ? order * order : 0);
  }

  @Override
  public void run(int rows) {
    int all = sampled ? rows : 1;
    double[] result = scratch.array(count);
    factors.loadShared();
    for (int first = 0; first < all; first += group) {
      int samples = Math.min(group, all - first);
      factors.load(first, samples);
      for (int s = 0; s < samples; s++) {
        if (directOutput.isPresent()) {
          triangle(s, directOutput.get().array(), directOutput.get().position(first + s));
        } else {
          triangle(s, result, s * half);
        }
      }
      if (directOutput.isPresent()) {
        directOutput.get().bounded(Math.max(1, Math.abs(coefficient)) * factors.bound(samples));
      } else {
        adding.add(first * half, samples * half, result);
        out.store(first * half, samples * half, result, 0);
      }
    }
  }

  private void triangle(int sample, double[] y, int yi) {
    double[] rows = scratch.array(count + 2);
    Arrays.fill(rows, 0, order, coefficient);
    for (int f : fixed) {
      double[] x = scratch.array(f);
      int from = factors.begin(f, sample);
      for (int row = 0; row < order; row++) {
        rows[row] *= x[from + row * rowStrides[f]];
      }
    }
    if (moving.length == 0) {
      fill(rows, y, yi);
      return;
    }
    for (int k = 0; k < moving.length; k++) {
      int f = moving[k];
      double[] x = scratch.array(f);
      int from = factors.begin(f, sample);
      int next = rowStrides[f] + columnStrides[f];
      if (columnStrides[f] != 1) {
        x = gathered(x, from, rowStrides[f], columnStrides[f]);
        from = 0;
        next = order + 1;
      }
      if (k == 0) {
        scale(rows, x, from, next, y, yi);
      } else {
        multiply(x, from, next, y, yi);
      }
    }
  }

  private void fill(double[] rows, double[] y, int yi) {
    int at = yi;
    for (int row = 0; row < order; row++) {
      Arrays.fill(y, at, at + order - row, rows[row]);
      at += order - row;
    }
  }

  /** The matrix that a factor walks otherwise than along its memory. */
  private double[] gathered(double[] x, int from, int rowStride, int columnStride) {
    double[] matrix = scratch.array(count + 3);
    for (int row = 0; row < order; row++) {
      for (int column = row; column < order; column++) {
        matrix[row * order + column] = x[from + row * rowStride + column * columnStride];
      }
    }
    return matrix;
  }

  /** Rows of x, each a number shorter, times a number for each; they begin {@code next} apart. */
  private void scale(double[] rows, double[] x, int xi, int next, double[] y, int yi) {
    int at = yi;
    int from = xi;
    for (int row = 0; row < order; row++) {
      int length = order - row;
      Rows.scale(rows[row], x, from, y, at, length);
      at += length;
      from += next;
    }
  }

  private void multiply(double[] x, int xi, int next, double[] y, int yi) {
    int at = yi;
    int from = xi;
    for (int row = 0; row < order; row++) {
      int length = order - row;
      Rows.multiply(x, from, y, at, length);
      at += length;
      from += next;
    }
  }
}
