package org.sparkcurvature.job.language;

import static java.util.Objects.requireNonNull;

import java.util.Optional;
import org.sparkcurvature.graph.Model;

/**
 * A model in core's form.
 *
 * @param loss the loss of one sample, with all input tensors, parameters and definitions, used or
 *     not
 * @param penalty the penalty as a loss without input tensors: the same parameters in the same
 *     order, no definitions
 */
public record CompiledModel(Model loss, Optional<Model> penalty) {
  public CompiledModel {
    requireNonNull(loss);
    requireNonNull(penalty);
  }
}
