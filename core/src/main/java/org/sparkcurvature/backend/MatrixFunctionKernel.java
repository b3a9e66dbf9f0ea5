package org.sparkcurvature.backend;

import java.util.List;
import org.sparkcurvature.plan.steps.OfMatrices;

/** A function of small matrices, sample after sample. */
final class MatrixFunctionKernel implements Kernel {
  private final OfMatrices step;
  private final List<Storage> operands;
  private final OutputSink out;
  private final Scratch scratch;

  /** How many samples are loaded at once. */
  private final int group;

  private final double[][] in;
  private final int[] at;

  MatrixFunctionKernel(OfMatrices step, Memory memory, Scratch scratch) {
    this.step = step;
    this.operands = step.operands().stream().map(memory::of).toList();
    this.out = memory.target(step.out());
    this.scratch = scratch;
    this.in = new double[operands.size()][];
    this.at = new int[operands.size()];
    int largest = step.out().size();
    for (int k = 0; k < in.length; k++) {
      largest = Math.max(largest, step.operands().get(k).size());
    }
    this.group = step.out().sampled() ? Scratch.samples(largest) : 1;
    scratch.reserve(0, group * step.out().size());
    scratch.reserve(1, step.function().room());
    for (int k = 0; k < in.length; k++) {
      scratch.reserve(2 + k, group * step.operands().get(k).size());
    }
  }

  @Override
  public void run(int rows) {
    int count = step.out().sampled() ? rows : 1;
    int size = step.out().size();
    double[] result = scratch.array(0);
    double[] room = scratch.array(1);
    for (int first = 0; first < count; first += group) {
      int samples = Math.min(group, count - first);
      for (int k = 0; k < in.length; k++) {
        load(k, first, samples);
      }
      for (int sample = 0; sample < samples; sample++) {
        for (int k = 0; k < in.length; k++) {
          boolean sampled = step.operands().get(k).sampled();
          at[k] = sampled ? sample * step.operands().get(k).size() : 0;
        }
        step.function().run(in, at, result, sample * size, room);
      }
      out.store(first * size, samples * size, result, 0);
    }
  }

  private void load(int k, int first, int samples) {
    int size = step.operands().get(k).size();
    boolean sampled = step.operands().get(k).sampled();
    in[k] = scratch.array(2 + k);
    operands.get(k).load(sampled ? first * size : 0, sampled ? samples * size : size, in[k], 0);
  }
}
