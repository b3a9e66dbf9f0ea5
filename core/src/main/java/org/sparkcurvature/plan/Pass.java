package org.sparkcurvature.plan;

import java.util.Collection;

/** From the steps of a block to other steps that compute the same. */
@FunctionalInterface
interface Pass {
  /**
   * Changes steps in place.
   *
   * @param steps what lowering and the passes before left
   * @param results buffers that are wanted when the block is done
   */
  void over(StepEmitter steps, Collection<Buffer> results);
}
