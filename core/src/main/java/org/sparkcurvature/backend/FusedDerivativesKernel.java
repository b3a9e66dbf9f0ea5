package org.sparkcurvature.backend;

import java.util.List;
import org.sparkcurvature.ops.Elementwise;
import org.sparkcurvature.plan.steps.FusedDerivatives;
import org.sparkcurvature.plan.steps.Lanes;

/** An elementwise function and its derivatives at one operand, a chunk of lanes at a time. */
final class FusedDerivativesKernel implements Kernel {
  private final Elementwise.Family family;
  private final List<Lanes> members;
  private final Storage operand;
  private final OutputSink[] outs;
  private final Scratch scratch;
  private final double[][] results;
  private final int size;
  private final boolean sampled;

  FusedDerivativesKernel(FusedDerivatives step, Memory memory, Scratch scratch) {
    this.members = step.members();
    this.family = members.get(0).function().row().family().orElseThrow();
    this.operand = memory.of(step.operand());
    this.outs =
        members.stream().map(member -> memory.target(member.out())).toArray(OutputSink[]::new);
    this.scratch = scratch;
    this.results = new double[family.orders()][];
    this.size = step.out().size();
    this.sampled = step.out().sampled();
    for (int k = 0; k < family.orders() + 2; k++) {
      scratch.reserve(k, Scratch.CHUNK);
    }
  }

  @Override
  public void run(int rows) {
    for (int order = 0; order < results.length; order++) {
      results[order] = scratch.array(2 + order);
    }
    int total = size * (sampled ? rows : 1);
    for (int from = 0; from < total; from += Scratch.CHUNK) {
      int count = Math.min(Scratch.CHUNK, total - from);
      operand.load(from, count, scratch.array(0), 0);
      family.loop().run(scratch.array(0), scratch.array(1), results, count);
      for (int k = 0; k < outs.length; k++) {
        outs[k].store(from, count, results[members.get(k).function().partial().size()], 0);
      }
    }
  }
}
