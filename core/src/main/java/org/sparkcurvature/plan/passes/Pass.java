package org.sparkcurvature.plan.passes;

import java.util.Collection;
import org.sparkcurvature.plan.steps.Buffer;
import org.sparkcurvature.plan.steps.StepBuilder;

/** From the steps of a block to other steps that compute the same. */
@FunctionalInterface
public interface Pass {
  /**
   * Changes steps in place.
   *
   * @param steps what lowering and the passes before left
   * @param results buffers that are wanted when the block is done, and stay as they are
   */
  void run(StepBuilder steps, Collection<Buffer> results);
}
