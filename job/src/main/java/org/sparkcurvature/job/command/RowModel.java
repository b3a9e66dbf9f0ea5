package org.sparkcurvature.job.command;

import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.sparkcurvature.graph.Model;
import org.sparkcurvature.graph.Shape;
import org.sparkcurvature.job.config.InputConfig;
import org.sparkcurvature.job.config.ModelConfig;
import org.sparkcurvature.job.config.ParameterConfig;
import org.sparkcurvature.job.config.RunConfiguration;
import org.sparkcurvature.job.config.TensorConfig;
import org.sparkcurvature.job.language.CompiledModel;
import org.sparkcurvature.job.language.LossModel;
import org.sparkcurvature.job.source.Source;

/**
 * Expressions of a fitted model for rows that need hold no more than these read: no outcome, where
 * they do not speak of it.
 *
 * @param source the rows
 * @param model with the expressions as definitions, the first of them in the place of the loss
 * @param parsed the same before it had shapes
 * @param wrt the parameters that are estimated and that the expressions depend on
 * @param shapes every parameter's shape
 * @param values every parameter's elements, on the natural scale
 */
record RowModel(
    Source source,
    Model model,
    LossModel parsed,
    List<String> wrt,
    Map<String, Shape> shapes,
    Map<String, double[]> values) {

  /**
   * Opens the rows.
   *
   * @param configuration with the tensors and definitions that the expressions speak of
   * @param expressions by the names that they are to have as definitions; the first one is a scalar
   * @param groups expressions by which rows are grouped, those of {@code effects.by}
   * @param held columns that have one value in all rows
   */
  static RowModel of(
      RunContext run,
      RunConfiguration configuration,
      Map<String, String> expressions,
      List<String> groups,
      Map<String, String> held) {
    ModelConfig model = configuration.model();
    InputConfig input = configuration.input();
    Map<String, String> definitions = new LinkedHashMap<>(model.definitions());
    expressions.forEach(definitions::putIfAbsent);
    String first = expressions.keySet().iterator().next();
    LossModel whole =
        run.parsedJob()
            .withShapes(
                () ->
                    LossModel.parse(
                        input.tensors().keySet(),
                        model.parameters().keySet(),
                        definitions,
                        first,
                        Optional.empty()));
    Set<String> reached = whole.reachedFrom(expressions.keySet());
    Map<String, TensorConfig> tensors = kept(input.tensors(), reached);
    if (tensors.isEmpty()) {
      // Rows are counted by something.
      input.tensors().entrySet().stream()
          .limit(1)
          .forEach(tensor -> tensors.put(tensor.getKey(), tensor.getValue()));
    }
    Map<String, String> used = kept(definitions, reached);
    LossModel parsed =
        run.parsedJob()
            .withShapes(
                () ->
                    LossModel.parse(
                        tensors.keySet(),
                        model.parameters().keySet(),
                        used,
                        first,
                        Optional.empty()));
    Source source =
        Source.open(
            run.session().spark(), input.with(tensors, held), groups, "curvature.effects.by");
    run.place().ifPresent(folder -> folder.reads(source.listing()));
    GivenParameters given = GivenParameters.of(configuration, source);
    CompiledModel compiled =
        run.parsedJob().withShapes(() -> parsed.compile(source.shapes(), given.shapes()));
    List<String> wrt =
        model.parameters().entrySet().stream()
            .filter(entry -> entry.getValue().standing() != ParameterConfig.Standing.FIXED)
            .map(Map.Entry::getKey)
            .filter(reached::contains)
            .toList();
    return new RowModel(
        source.checkedFor(compiled.loss(), List.copyOf(expressions.keySet())),
        compiled.loss(),
        parsed,
        wrt,
        given.shapes(),
        given.values());
  }

  private static <T> Map<String, T> kept(Map<String, T> all, Set<String> names) {
    Map<String, T> kept = new LinkedHashMap<>(all);
    kept.keySet().retainAll(new LinkedHashSet<>(names));
    return kept;
  }
}
