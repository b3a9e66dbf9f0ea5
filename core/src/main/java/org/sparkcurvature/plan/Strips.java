package org.sparkcurvature.plan;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Which steps of a block run for a strip of its samples at a time, and which when all strips are
 * done. What is computed for each sample goes strip by strip, so that a step finds in the cache
 * what the step before it left there. So do sums over samples that are small beside what is summed;
 * large ones would be read and written for every strip, and are formed at the end, over the whole
 * block.
 */
final class Strips {
  /** A sum of at most so many times the elements that a sample adds to it is a small one. */
  private static final int SMALL = 32;

  private final List<Step> perStrip = new ArrayList<>();
  private final List<Step> atEnd = new ArrayList<>();

  /**
   * @param steps the steps of a block, in order
   * @param changing buffers whose contents change from block to block
   */
  Strips(List<Step> steps, Set<Buffer> changing) {
    Set<Buffer> sums = new HashSet<>();
    Set<Buffer> late = new HashSet<>();
    boolean samplesReadSums = false;
    for (Step step : steps) {
      Buffer out = step.out();
      boolean readsSums =
          step.inputs().stream()
              .anyMatch(in -> !in.equals(out) && !in.sampled() && changing.contains(in));
      samplesReadSums |= out.sampled() && readsSums;
      boolean early =
          out.sampled()
              || !readsSums && !late.contains(out) && isSmallSum(step, sums.contains(out));
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

  /** A sum over samples that is small; {@code begun} says whether it adds to one that is. */
  private static boolean isSmallSum(Step step, boolean begun) {
    if (step instanceof Step.SummedProduct product) {
      long added = (long) product.inner() * (product.rows() + product.columns());
      return (begun || product.into() == Step.Into.REPLACE)
          && product.out().size() <= SMALL * added;
    }
    return step instanceof Step.Gram gram && gram.x().size() <= 2 * SMALL * 2;
  }

  List<Step> perStrip() {
    return perStrip;
  }

  List<Step> atEnd() {
    return atEnd;
  }
}
