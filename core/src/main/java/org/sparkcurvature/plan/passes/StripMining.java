package org.sparkcurvature.plan.passes;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.sparkcurvature.plan.steps.Accumulate;
import org.sparkcurvature.plan.steps.Buffer;
import org.sparkcurvature.plan.steps.BufferSet;
import org.sparkcurvature.plan.steps.Gram;
import org.sparkcurvature.plan.steps.Rearrange;
import org.sparkcurvature.plan.steps.ScatterAdd;
import org.sparkcurvature.plan.steps.Step;
import org.sparkcurvature.plan.steps.SummedProduct;

/**
 * Which steps of a block run for a strip of its samples at a time, and which when all strips are
 * done. What is computed for each sample goes strip by strip, so that a step finds in the cache
 * what the step before it left there. So do sums over samples that are small beside what is summed;
 * large ones would be read and written for every strip, and are formed at the end, over the whole
 * block, where there is room for what they sum.
 */
public final class StripMining {
  /** Where large sums over samples are formed. */
  public enum Sums {
    /** When all strips of a block are done: what they sum is kept until then. */
    OF_BLOCKS,
    /** Strip by strip, which reads and writes the sums as often, and needs less memory. */
    OF_STRIPS
  }

  /** Sums of up to this many times one sample's addends are formed strip by strip. */
  private static final int SMALL = 32;

  private final List<Step> perStrip = new ArrayList<>();
  private final List<Step> atEnd = new ArrayList<>();

  /** What steps leave that sum over samples: those of every strip, and those at the end. */
  private final Set<Buffer> sums = new BufferSet();

  private final Set<Buffer> late = new BufferSet();

  /** Which steps of {@link #atEnd} leave a buffer, by their places there. */
  private final Map<Buffer, List<Integer>> placesAtEnd = new HashMap<>();

  /** Whether matrix products that sum over samples go strip by strip however large. */
  private final boolean all;

  /**
   * @param steps the steps of a block, in order
   * @param changing buffers whose contents change from block to block
   * @param large where large sums are formed
   */
  public StripMining(List<Step> steps, Set<Buffer> changing, Sums large) {
    this.all = large == Sums.OF_STRIPS;
    boolean samplesReadSums = false;
    for (Step step : steps) {
      Buffer out = step.out();
      boolean readsSums = readsSums(step, changing);
      samplesReadSums |= out.sampled() && readsSums;
      if (all && !readsSums && late.contains(out) && beginsBefore(step)) {
        continue;
      }
      boolean early = out.sampled() || !readsSums && !late.contains(out) && isSum(step);
      if (!early) {
        placesAtEnd.computeIfAbsent(out, b -> new ArrayList<>()).add(atEnd.size());
      }
      (early ? perStrip : atEnd).add(step);
      (early ? sums : late).add(out);
    }
    if (samplesReadSums) {
      // Samples that depend on a sum over all of them must wait for it.
      perStrip.clear();
      atEnd.clear();
      atEnd.addAll(steps);
    }
  }

  private static boolean readsSums(Step step, Set<Buffer> changing) {
    for (Buffer in : step.inputs()) {
      if (!in.equals(step.out()) && !in.sampled() && changing.contains(in)) {
        return true;
      }
    }
    return false;
  }

  /**
   * A product that adds to what is moved there at the end begins that sum instead, strip by strip,
   * and what is moved there is added.
   */
  private boolean beginsBefore(Step step) {
    List<Integer> before = placesAtEnd.getOrDefault(step.out(), List.of());
    if (!(step instanceof SummedProduct product
        && before.size() == 1
        && atEnd.get(before.get(0)) instanceof Rearrange move
        && move.into() == Accumulate.REPLACE)) {
      return false;
    }
    perStrip.add(product.replacing());
    atEnd.set(before.get(0), move.addedTo(move.out(), move.node()));
    return true;
  }

  /** Whether this is a sum over samples that goes strip by strip. */
  private boolean isSum(Step step) {
    if (step instanceof SummedProduct product) {
      long added = (long) product.inner() * (product.rows() + product.columns());
      return (sums.contains(product.out()) || product.into() == Accumulate.REPLACE)
          && (all || product.out().size() <= SMALL * added);
    }
    if (step instanceof ScatterAdd place) {
      // What a strip adds to is all that it touches.
      return sums.contains(place.out()) || place.into() == Accumulate.REPLACE;
    }
    return step instanceof Gram gram && (all || gram.x().size() <= 2 * SMALL * 2);
  }

  public List<Step> perStrip() {
    return perStrip;
  }

  public List<Step> atEnd() {
    return atEnd;
  }
}
