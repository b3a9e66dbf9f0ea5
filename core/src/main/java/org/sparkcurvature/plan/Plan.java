package org.sparkcurvature.plan;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.sparkcurvature.graph.Node;
import org.sparkcurvature.plan.steps.Buffer;
import org.sparkcurvature.plan.steps.Costs;
import org.sparkcurvature.plan.steps.Span;
import org.sparkcurvature.plan.steps.Step;

/**
 * Steps that compute a set of nodes for one block of samples.
 *
 * @param once steps that depend on parameters alone, run before the first block
 * @param perStrip steps run for every strip of a block's samples, in this order, sums over samples
 *     from one strip to the next going on
 * @param perBlock steps run for the whole block after that, in this order
 * @param results where each node asked for is found
 * @param inputs where each leaf's values are put: inputs, parameters, the weight
 * @param constants buffers that hold one number in every element, set once
 * @param slots which slot of memory each buffer uses, by buffer id; buffers that are never live
 *     together share one
 * @param slotSizes elements of each slot: of one sample where it is sampled
 * @param slotSpans what each slot has room for
 * @param delivered results that no step reads, written straight to where they are wanted: they have
 *     no slot
 */
public record Plan(
    List<Step> once,
    List<Step> perStrip,
    List<Step> perBlock,
    Map<Node, Buffer> results,
    Map<Node, Buffer> inputs,
    Map<Buffer, Double> constants,
    int[] slots,
    int[] slotSizes,
    Span[] slotSpans,
    Set<Buffer> delivered) {
  private static final int ROWS = 1024;

  /** Numbers that a strip may take: half of what a core's own cache holds. */
  private static final long CACHED = 1 << 17;

  /** What is done once for a strip may take one part in so many of its time. */
  private static final double PER_STRIP = 40;

  /** Elements that one more sample in a block needs. */
  public long elementsPerSample() {
    return elements(Span.BLOCK);
  }

  /** Elements that one more sample in a strip needs. */
  public long elementsPerSampleOfStrip() {
    return elements(Span.STRIP);
  }

  /** Elements needed whatever the size of a block. */
  public long sharedElements() {
    return elements(Span.ONE);
  }

  private long elements(Span span) {
    long sum = 0;
    for (int k = 0; k < slotSizes.length; k++) {
      sum += slotSpans[k] == span ? slotSizes[k] : 0;
    }
    return sum;
  }

  /**
   * Samples of a strip where memory does not matter: what a core's own cache holds, and more where
   * calls, and reading matrices that all samples share, would otherwise be felt.
   */
  public int stripRows() {
    double each = perStrip.stream().mapToDouble(step -> Costs.nanoseconds(step, ROWS)).sum() / ROWS;
    double amortised = PER_STRIP * nanosecondsPerStrip() / Math.max(1, each);
    long cached = CACHED / Math.max(1, elementsPerSample() + elementsPerSampleOfStrip());
    return (int) Math.max(1, Math.min(Integer.MAX_VALUE, Math.max((double) cached, amortised)));
  }

  /** Roughly how long a strip takes whatever its samples: calls, matrices that are read again. */
  public double nanosecondsPerStrip() {
    return perStrip.stream().mapToDouble(Costs::perStrip).sum();
  }

  /** All steps that a block takes, in their order. */
  public Stream<Step> steps() {
    return Stream.concat(perStrip.stream(), perBlock.stream());
  }

  /** The largest number of elements that one sample has in one slot. */
  public int widestSample() {
    int widest = 1;
    for (int k = 0; k < slotSizes.length; k++) {
      widest = slotSpans[k] == Span.ONE ? widest : Math.max(widest, slotSizes[k]);
    }
    return widest;
  }

  /** Roughly how long a sample of a large block takes. */
  public double nanoseconds() {
    return steps().mapToDouble(step -> Costs.nanoseconds(step, ROWS)).sum() / ROWS;
  }

  /** Roughly how long a block takes whatever its samples: what is done to sums. */
  public double nanosecondsPerBlock() {
    return steps()
        .filter(step -> !step.out().sampled())
        .mapToDouble(step -> Costs.passes(step) * step.out().size())
        .sum();
  }

  /** Multiply-adds and function evaluations of a block of this many samples. */
  public double operations(long rows) {
    return steps().mapToDouble(step -> step.operations(rows)).sum();
  }
}
