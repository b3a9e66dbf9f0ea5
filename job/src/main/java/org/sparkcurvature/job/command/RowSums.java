package org.sparkcurvature.job.command;

import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.sparkcurvature.engine.Request;
import org.sparkcurvature.graph.Model;
import org.sparkcurvature.graph.Shape;
import org.sparkcurvature.job.config.ModelConfig;
import org.sparkcurvature.job.estimate.FreeModel;
import org.sparkcurvature.job.language.CompiledModel;
import org.sparkcurvature.job.language.LossModel;

/**
 * Sums over rows of expressions e_k of a model, all in one pass: they are the gradient of {@code
 * sum_k t_k e_k} by t, whatever t is.
 */
final class RowSums {
  private static final String FACTORS = "factors_of_summands__";

  private RowSums() {}

  /**
   * The weighted sums.
   *
   * @param values every parameter's elements, on the natural scale
   * @param expressions scalars in the terms of the model, at least one
   */
  static double[] of(
      Running run, Estimation estimation, Map<String, double[]> values, List<String> expressions) {
    ModelConfig model = run.configuration().model();
    Set<String> parameters = new LinkedHashSet<>(model.parameters().keySet());
    parameters.add(FACTORS);
    LossModel parsed =
        LossModel.parse(
            run.configuration().input().tensors().keySet(),
            parameters,
            model.definitions(),
            "dot(%s, concat(%s))".formatted(FACTORS, String.join(", ", expressions)),
            Optional.empty());
    Map<String, Shape> shapes = new LinkedHashMap<>(estimation.model().shapes());
    shapes.put(FACTORS, Shape.of(expressions.size()));
    CompiledModel compiled = parsed.compile(estimation.source().shapes(), shapes);
    Model functions = parsed.functions(Map.of(), Map.of()).compile(shapes, Map.of());
    Map<String, double[]> given = new LinkedHashMap<>(values);
    given.put(FACTORS, new double[expressions.size()]);
    FreeModel sums = new FreeModel(compiled, functions, List.of(FACTORS), shapes, Map.of(), given);
    Request.Global asked = Request.Global.NONE.withGradient();
    return estimation
        .objective()
        .of(sums)
        .sums(new double[expressions.size()], asked)
        .gradient()
        .orElseThrow();
  }
}
