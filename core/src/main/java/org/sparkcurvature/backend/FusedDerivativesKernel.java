package org.sparkcurvature.backend;

import java.util.List;
import org.sparkcurvature.ops.Elementwise;
import org.sparkcurvature.plan.steps.FusedDerivatives;

/** Elementwise functions and derivatives of one operand, a chunk of lanes at a time. */
final class FusedDerivativesKernel implements Kernel {
  /** Arrays of the loop beside those of results. */
  private static final int OTHERS = 3;

  private static final Elementwise.Loop NEGATE =
      Elementwise.row("negate").loop(List.of()).orElseThrow();

  private final Elementwise.Family family;
  private final Elementwise.Member[] members;
  private final Storage operand;
  private final OutputSink[] outs;
  private final Scratch scratch;
  private final double[][] results;
  private final boolean[] wanted;
  private final int size;
  private final boolean sampled;

  FusedDerivativesKernel(FusedDerivatives step, Memory memory, Scratch scratch) {
    this.members = step.members().stream().map(step::place).toArray(Elementwise.Member[]::new);
    this.family = members[0].family();
    this.operand = memory.of(step.operand());
    this.outs =
        step.members().stream()
            .map(member -> memory.target(member.out()))
            .toArray(OutputSink[]::new);
    this.scratch = scratch;
    this.results = new double[family.results()][];
    this.wanted = new boolean[family.results()];
    List.of(members).forEach(member -> wanted[member.result()] = true);
    this.size = step.out().size();
    this.sampled = step.out().sampled();
    for (int k = 0; k < OTHERS + family.results(); k++) {
      scratch.reserve(k, Scratch.CHUNK);
    }
  }

  @Override
  public void run(int rows) {
    for (int k = 0; k < results.length; k++) {
      results[k] = wanted[k] ? scratch.array(OTHERS + k) : null;
    }
    double[] values = scratch.array(0);
    int total = size * (sampled ? rows : 1);
    for (int from = 0; from < total; from += Scratch.CHUNK) {
      int count = Math.min(Scratch.CHUNK, total - from);
      operand.load(from, count, values, 0);
      family.loop().run(values, scratch.array(1), scratch.array(2), results, count);
      for (int k = 0; k < outs.length; k++) {
        double[] result = results[members[k].result()];
        if (members[k].negated()) {
          NEGATE.run(result, values, values, values, count);
          result = values;
        }
        outs[k].store(from, count, result, 0);
      }
    }
  }
}
