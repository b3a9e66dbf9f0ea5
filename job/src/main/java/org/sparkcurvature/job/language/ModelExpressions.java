package org.sparkcurvature.job.language;

import static java.util.Objects.requireNonNull;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.sparkcurvature.job.config.ExpressionReader;
import org.sparkcurvature.job.config.ModelConfig;
import org.sparkcurvature.job.config.Problem;

/**
 * Reads the expressions of a configuration by Spark's parser. Loading that takes half a second of a
 * process that does nothing else with Spark, so that it is loaded only where it is needed: what is
 * plainly wrong is told without it.
 */
public final class ModelExpressions implements ExpressionReader {
  private final Runnable before;

  /**
   * @param before is run each time that Spark's parser is about to be used
   */
  public ModelExpressions(Runnable before) {
    this.before = requireNonNull(before);
  }

  @Override
  public List<Problem> problems(Set<String> tensors, Set<String> parameters, ModelConfig model) {
    List<Problem> plain =
        looks(tensors, parameters, model).stream()
            .flatMap(Optional::stream)
            .flatMap(List::stream)
            .map(fault -> fault.toProblem(Optional.empty()))
            .toList();
    if (!plain.isEmpty()) {
      return plain;
    }
    before.run();
    return LossModel.problems(tensors, parameters, model);
  }

  /** Whether something is plainly wrong, or only the parser can tell. */
  @Override
  public boolean seemWrong(Set<String> tensors, Set<String> parameters, ModelConfig model) {
    return looks(tensors, parameters, model).stream()
        .anyMatch(found -> found.isEmpty() || !found.get().isEmpty());
  }

  private static List<Optional<List<Fault>>> looks(
      Set<String> tensors, Set<String> parameters, ModelConfig model) {
    Dictionary dictionary = new Dictionary(tensors, parameters, model.definitions().keySet());
    return LossModel.formulas(model.definitions(), model.loss(), model.penalty()).stream()
        .filter(formula -> !formula.text().isBlank())
        .map(formula -> PlainFaults.of(formula, dictionary))
        .toList();
  }
}
