package org.sparkcurvature.job.config;

import java.util.List;
import java.util.Set;

/**
 * Reads the model's expressions, so that what is wrong in them is refused together with everything
 * else that is wrong in a configuration.
 */
@FunctionalInterface
public interface ExpressionReader {

  /** Leaves expressions unread. */
  ExpressionReader NONE = (tensors, parameters, model) -> List.of();

  /**
   * What is wrong in the expressions.
   *
   * @param tensors names of input tensors
   * @param parameters names of parameters, and of definitions that have no text
   * @param model the expressions; one whose text is empty has been refused already
   * @return problems at the expressions' paths, without location
   */
  List<Problem> problems(Set<String> tensors, Set<String> parameters, ModelConfig model);

  /**
   * Whether expressions are worth reading though a configuration is refused already for something
   * else. Reading them can take far longer than all else together.
   */
  default boolean seemWrong(Set<String> tensors, Set<String> parameters, ModelConfig model) {
    return true;
  }
}
