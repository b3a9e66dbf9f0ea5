package org.sparkcurvature.backend;

import java.util.List;
import org.sparkcurvature.ops.Lines;
import org.sparkcurvature.plan.steps.Buffer;
import org.sparkcurvature.plan.steps.OfLines;

/** A function of lines: some samples' lines are put one behind the other and computed at once. */
final class LinesKernel implements Kernel {
  private final OfLines step;
  private final List<Storage> operands;
  private final OutputSink out;
  private final Scratch scratch;
  private final int lines;
  private final int group;

  /** Of each operand: its elements of a line, and where they are put. */
  private final int[] parts;

  private final double[][] in;

  LinesKernel(OfLines step, Memory memory, Scratch scratch) {
    this.step = step;
    this.operands = step.operands().stream().map(memory::of).toList();
    this.out = memory.target(step.out());
    this.scratch = scratch;
    this.lines = step.heads() * step.axis().outer() * step.axis().inner();
    int n = step.axis().extent();
    this.parts = step.function().parts().stream().mapToInt(part -> part.size(n)).toArray();
    this.in = new double[operands.size()][];
    int size = lines * Math.max(step.function().result().size(n), n);
    this.group = step.out().sampled() ? Scratch.samples(size) : 1;
    for (int k = 0; k < operands.size() + 3; k++) {
      scratch.reserve(k, group * size);
    }
    scratch.reserve(1, Math.max(group * size, 2 * n));
  }

  @Override
  public void run(int rows) {
    int n = step.axis().extent();
    int count = step.out().sampled() ? rows : 1;
    double[] result = scratch.array(0);
    double[] moved = scratch.array(2);
    for (int k = 0; k < in.length; k++) {
      in[k] = scratch.array(3 + k);
    }
    for (int first = 0; first < count; first += group) {
      int samples = Math.min(group, count - first);
      for (int k = 0; k < in.length; k++) {
        load(k, first, samples, in[k], moved);
      }
      step.function().run(in, result, scratch.array(1), samples * lines, n);
      int inner = step.axis().inner();
      int size = step.out().size();
      Lines.Part part = step.function().result();
      if (inner == 1) {
        out.store(first * size, samples * size, result, 0);
      } else {
        transpose(result, moved, samples * lines / inner, inner, part.size(n));
        out.store(first * size, samples * size, moved, 0);
      }
    }
  }

  /** The lines of an operand: of each sample, for each leading position, outer and inner ones. */
  private void load(int k, int first, int samples, double[] to, double[] moved) {
    Buffer buffer = step.operands().get(k);
    int size = buffer.size();
    int inner = step.axis().inner();
    int part = parts[k];
    int repeats = lines * part / size;
    int loaded = buffer.sampled() ? samples : 1;
    double[] target = inner == 1 || part == 1 ? to : moved;
    operands.get(k).load(buffer.sampled() ? first * size : 0, loaded * size, target, 0);
    if (target == moved) {
      transpose(moved, to, loaded * size / (inner * part), part, inner);
    }
    if (repeats == 1 && loaded == samples) {
      return;
    }
    // From the last sample to the first: a copy lands behind its source, on samples that have been
    // copied already.
    for (int s = samples - 1; s >= 0; s--) {
      for (int r = repeats - 1; r >= 0; r--) {
        System.arraycopy(to, loaded == 1 ? 0 : s * size, to, (s * repeats + r) * size, size);
      }
    }
  }

  /** Matrices of {@code rows} by {@code columns}, one behind the other, transposed. */
  private static void transpose(double[] from, double[] to, int matrices, int rows, int columns) {
    for (int m = 0, at = 0; m < matrices; m++, at += rows * columns) {
      for (int r = 0; r < rows; r++) {
        for (int c = 0; c < columns; c++) {
          to[at + c * rows + r] = from[at + r * columns + c];
        }
      }
    }
  }
}
