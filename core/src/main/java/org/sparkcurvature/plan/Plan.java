package org.sparkcurvature.plan;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.sparkcurvature.graph.Node;

/**
 * Steps that compute a set of nodes for one block of samples.
 *
 * @param once steps that depend on parameters alone, run before the first block
 * @param perBlock steps run for every block, in this order
 * @param results where each node asked for is found
 * @param inputs where each leaf's values are put: inputs, parameters, the weight
 * @param constants buffers that hold one number in every element, set once
 * @param slots which slot of memory each buffer uses, by buffer id; buffers that are never live
 *     together share one
 * @param slotSizes elements of each slot: of one sample where it is sampled
 * @param slotSampled whether each slot holds a tensor for every sample
 * @param delivered results that no step reads, written straight to where they are wanted: they have
 *     no slot
 * @param meaning what each step, by identity, computes
 */
public record Plan(
    List<Step> once,
    List<Step> perBlock,
    Map<Node, Buffer> results,
    Map<Node, Buffer> inputs,
    Map<Buffer, Double> constants,
    int[] slots,
    int[] slotSizes,
    boolean[] slotSampled,
    Set<Buffer> delivered,
    Map<Step, Node> meaning) {
  private static final int ROWS = 1024;

  /** Elements that one more sample in a block needs. */
  public long elementsPerSample() {
    long sum = 0;
    for (int k = 0; k < slotSizes.length; k++) {
      sum += slotSampled[k] ? slotSizes[k] : 0;
    }
    return sum;
  }

  /** Elements needed whatever the size of a block. */
  public long sharedElements() {
    long sum = 0;
    for (int k = 0; k < slotSizes.length; k++) {
      sum += slotSampled[k] ? 0 : slotSizes[k];
    }
    return sum;
  }

  /** The largest number of elements that one sample has in one slot. */
  public int widestSample() {
    int widest = 1;
    for (int k = 0; k < slotSizes.length; k++) {
      widest = slotSampled[k] ? Math.max(widest, slotSizes[k]) : widest;
    }
    return widest;
  }

  /** Roughly how long a sample of a large block takes. */
  public double nanoseconds() {
    return perBlock.stream().mapToDouble(step -> Costs.nanoseconds(step, ROWS)).sum() / ROWS;
  }

  /** Roughly how long a block takes whatever its samples: what is done to sums. */
  public double nanosecondsPerBlock() {
    return perBlock.stream()
        .filter(step -> !step.out().sampled())
        .mapToDouble(step -> Costs.passes(step) * step.out().size())
        .sum();
  }

  /** Multiply-adds and function evaluations of a block of this many samples. */
  public double operations(long rows) {
    return perBlock.stream().mapToDouble(step -> step.operations(rows)).sum();
  }
}
