package org.sparkcurvature.plan;

import java.util.Collection;

/**
 * From the steps of a block to other steps that compute the same.
 *
 * @param name what it does, in a few words
 * @param run does it
 */
record Pass(String name, Run run) {

  /** Changes steps in place. */
  @FunctionalInterface
  interface Run {
    /**
     * @param steps what lowering left
     * @param results buffers that are wanted when the block is done
     */
    void over(StepEmitter steps, Collection<Buffer> results);
  }
}
