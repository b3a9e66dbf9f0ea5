package org.sparkcurvature.backend;

import org.sparkcurvature.plan.steps.WeightedGram;

/**
 * J' diag(d) J, sample by sample: rows are scaled, multiplied by a call of BLAS, and the triangle
 * is taken, while all of it is in the nearest cache. Where BLAS has memory of its own, by loops.
 */
final class WeightedGramKernel implements Kernel {
  private final WeightedGram step;
  private final Storage matrix;
  private final Storage diagonal;
  private final Storage room;
  private final OutputSink out;
  private final Blas blas;
  private final Scratch scratch;
  private final Adding adding;
  private final int inner;
  private final int order;
  private final int half;
  private final int group;

  WeightedGramKernel(WeightedGram step, Memory memory, Scratch scratch) {
    this.step = step;
    this.matrix = memory.of(step.matrix());
    this.diagonal = memory.of(step.diagonal());
    this.room = memory.of(step.room());
    this.out = memory.target(step.out());
    this.inner = step.inner();
    this.order = step.order();
    this.half = step.out().size();
    this.blas = room.isSeparate() ? null : Blas.on(matrix, room, room);
    this.scratch = scratch;
    this.group = Scratch.samples(inner * order);
    scratch.reserve(0, group * inner * order);
    scratch.reserve(1, group * inner);
    scratch.reserve(2, order * Math.max(inner, order));
    scratch.reserve(3, group * half);
    this.adding = Adding.of(step, memory, scratch, 4, group * half);
  }

  @Override
  public void run(int rows) {
    double[] matrices = scratch.array(0);
    double[] diagonals = scratch.array(1);
    double[] triangles = scratch.array(3);
    int size = inner * order;
    for (int first = 0; first < rows; first += group) {
      int samples = Math.min(group, rows - first);
      matrix.load(first * size, samples * size, matrices, 0);
      diagonal.load(first * inner, samples * inner, diagonals, 0);
      for (int s = 0; s < samples; s++) {
        double[] scaled = scratch.array(2);
        for (int k = 0; k < inner; k++) {
          Rows.scale(
              step.coefficient() * diagonals[s * inner + k],
              matrices,
              s * size + k * order,
              scaled,
              k * order,
              order);
        }
        if (blas == null) {
          multiply(scaled, matrices, s * size, triangles, s * half);
        } else {
          multiply(first + s, triangles, s * half);
        }
      }
      adding.add(first * half, samples * half, triangles);
      out.store(first * half, samples * half, triangles, 0);
    }
  }

  /** Of column-major matrices [order, inner]: one as it lies, the other one transposed. */
  private void multiply(int sample, double[] triangles, int at) {
    double[] numbers = scratch.array(2);
    int size = inner * order;
    room.store(0, size, numbers, 0);
    blas.multiply(
        false,
        true,
        order,
        order,
        inner,
        1,
        matrix.base() + (long) sample * size,
        order,
        0,
        order,
        0,
        size,
        order);
    room.load(size, order * order, numbers, 0);
    int to = at;
    for (int row = 0; row < order; row++) {
      System.arraycopy(numbers, row * order + row, triangles, to, order - row);
      to += order - row;
    }
  }

  private void multiply(double[] scaled, double[] matrices, int from, double[] triangles, int at) {
    int to = at;
    for (int row = 0; row < order; row++) {
      for (int column = row; column < order; column++) {
        double sum = 0;
        for (int k = 0; k < inner; k++) {
          sum += scaled[k * order + row] * matrices[from + k * order + column];
        }
        triangles[to++] = sum;
      }
    }
  }
}
