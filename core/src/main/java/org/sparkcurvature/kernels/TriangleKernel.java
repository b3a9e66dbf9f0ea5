package org.sparkcurvature.kernels;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.sparkcurvature.plan.Step;

/** The upper triangles of products that are not summed, a chunk of samples at a time. */
final class TriangleKernel implements Kernel {
  private final List<Step.Walk> walks;
  private final Storage[] factors;
  private final Numbers out;

  /** Where the result is wanted, if that is not the plan's memory. */
  private final Optional<Delivery> delivery;

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
  private final int[] sampleStrides;

  TriangleKernel(Step.Triangle step, Memory memory, Scratch scratch) {
    this.walks = step.factors();
    this.scratch = scratch;
    this.out = memory.target(step.out());
    this.delivery = out instanceof Delivery d ? Optional.of(d) : Optional.empty();
    this.sampled = step.out().sampled();
    this.order = step.order();
    this.half = step.out().size();
    this.coefficient = step.coefficient();
    this.factors = walks.stream().map(w -> memory.of(w.buffer())).toArray(Storage[]::new);
    this.rowStrides = walks.stream().mapToInt(w -> w.outStrides().get(0)).toArray();
    this.columnStrides = walks.stream().mapToInt(w -> w.outStrides().get(1)).toArray();
    this.sampleStrides =
        walks.stream().mapToInt(w -> w.buffer().sampled() ? w.buffer().size() : 0).toArray();
    this.fixed = IntStream.range(0, factors.length).filter(f -> columnStrides[f] == 0).toArray();
    this.moving = IntStream.range(0, factors.length).filter(f -> columnStrides[f] != 0).toArray();
    int widest = Math.max(half, Arrays.stream(sampleStrides).max().orElse(1));
    this.group = sampled ? Scratch.samples(widest) : 1;
    for (int f = 0; f < factors.length; f++) {
      scratch.reserve(f, Math.max(walks.get(f).buffer().size(), group * sampleStrides[f]));
    }
    int room = delivery.isPresent() ? 0 : group * half;
    scratch.reserve(factors.length, room);
    scratch.reserve(factors.length + 2, order);
    boolean gathers = Arrays.stream(moving).anyMatch(f -> columnStrides[f] != 1);
    scratch.reserve(factors.length + 3, gathers ? order * order : 0);
    this.adding = Adding.of(step, memory, scratch, factors.length + 1, room);
  }

  @Override
  public void run(int rows) {
    int count = sampled ? rows : 1;
    double[] result = scratch.array(factors.length);
    for (int f = 0; f < factors.length; f++) {
      if (sampleStrides[f] == 0) {
        factors[f].load(0, walks.get(f).buffer().size(), scratch.array(f), 0);
      }
    }
    for (int first = 0; first < count; first += group) {
      int samples = Math.min(group, count - first);
      for (int f = 0; f < factors.length; f++) {
        int size = sampleStrides[f];
        if (size > 0) {
          factors[f].load(first * size, samples * size, scratch.array(f), 0);
        }
      }
      for (int s = 0; s < samples; s++) {
        if (delivery.isPresent()) {
          triangle(s, delivery.get().array(), delivery.get().position(first + s));
        } else {
          triangle(s, result, s * half);
        }
      }
      if (delivery.isPresent()) {
        delivery.get().bounded(bound(samples));
      } else {
        adding.add(first * half, samples * half, result);
        out.store(first * half, samples * half, result, 0);
      }
    }
  }

  /** No element of these samples is larger, and no product of some of its factors. */
  private double bound(int samples) {
    double bound = Math.max(1, Math.abs(coefficient));
    for (int f = 0; f < factors.length; f++) {
      int length =
          sampleStrides[f] == 0 ? walks.get(f).buffer().size() : samples * sampleStrides[f];
      bound *= Math.max(1, Delivery.magnitude(scratch.array(f), 0, length));
    }
    return bound;
  }

  private void triangle(int sample, double[] y, int yi) {
    double[] rows = scratch.array(factors.length + 2);
    Arrays.fill(rows, 0, order, coefficient);
    for (int f : fixed) {
      double[] x = scratch.array(f);
      int from = sample * sampleStrides[f];
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
      int from = sample * sampleStrides[f];
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
    double[] matrix = scratch.array(factors.length + 3);
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
