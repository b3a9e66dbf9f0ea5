package org.sparkcurvature.plan.steps;

/**
 * Room for one tensor.
 *
 * @param id its number in the plan
 * @param sampled whether it holds a tensor for every sample of a block
 * @param size elements of one tensor
 */
public record Buffer(int id, boolean sampled, int size) {

  /** How plans write it: its elements, M for the samples of a block. */
  String describe() {
    return (sampled ? "[M, " : "[") + size + "]";
  }
}
