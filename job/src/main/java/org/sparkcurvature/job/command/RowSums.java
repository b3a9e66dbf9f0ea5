package org.sparkcurvature.job.command;

import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.sparkcurvature.engine.Request;
import org.sparkcurvature.graph.Model;
import org.sparkcurvature.graph.Shape;
import org.sparkcurvature.job.config.ModelConfig;
import org.sparkcurvature.job.estimate.FreeModel;
import org.sparkcurvature.job.estimate.SummedObjective;
import org.sparkcurvature.job.language.CompiledModel;
import org.sparkcurvature.job.language.LossModel;
import org.sparkcurvature.job.watch.FittedValues;

/**
 * Sums over rows of expressions e_k of a model, all in one pass: they are the gradient of {@code
 * sum_k t_k e_k} by t, whatever t is.
 */
final class RowSums {
  private static final String FACTORS = "factors_of_summands__";

  static final String MEAN = "mean_of_rows__";
  static final String OBSERVED = "observed_of_rows__";
  static final String VARIANCE = "variance_of_rows__";

  /** The weight of a row, in the expressions of {@link #ofWeights}. */
  static final String WEIGHT = "weight_of_rows__";

  private RowSums() {}

  /**
   * The weighted sums.
   *
   * @param values every parameter's elements, on the natural scale
   * @param expressions scalars in the terms of the model, at least one
   */
  static double[] of(
      RunContext run,
      Estimation estimation,
      Map<String, double[]> values,
      List<String> expressions) {
    return seen(run, estimation, values, expressions, Map.of()).sums();
  }

  /**
   * The sum over rows of an expression that reads the row's weight as {@link #WEIGHT}, and is not
   * multiplied by it.
   */
  static double ofWeights(
      RunContext run, Estimation estimation, Map<String, double[]> values, String expression) {
    FreeModel sum = model(run, estimation, values, List.of(expression), Map.of(), Set.of(WEIGHT));
    return estimation
        .objective()
        .ofWeights(sum, WEIGHT)
        .sums(new double[1], Request.Global.NONE.withGradient())
        .gradient()
        .orElseThrow()[0];
  }

  /**
   * Sums, and what rows were like.
   *
   * @param fitted where that was asked for
   */
  record Seen(double[] sums, Optional<FittedValues> fitted) {}

  /**
   * The sums, and a look at the rows while they are summed.
   *
   * @param looked the expressions of mean, observation and variance, under these names; or none
   */
  static Seen seen(
      RunContext run,
      Estimation estimation,
      Map<String, double[]> values,
      List<String> expressions,
      Map<String, String> looked) {
    FreeModel sums = model(run, estimation, values, expressions, looked, Set.of());
    Request.Global asked = Request.Global.NONE.withGradient();
    SummedObjective.Seen seen =
        estimation
            .objective()
            .of(sums)
            .sums(
                new double[expressions.size()],
                asked,
                looked.isEmpty()
                    ? Optional.empty()
                    : Optional.of(
                        new FittedValues.Moments(
                            MEAN,
                            OBSERVED,
                            VARIANCE,
                            run.configuration().infer().weights().dividesVariance())));
    return new Seen(seen.objective().gradient().orElseThrow(), seen.fitted());
  }

  /**
   * The loss whose gradient by its factors is what is summed.
   *
   * @param scalars tensors that the input has not, one number of each row
   */
  private static FreeModel model(
      RunContext run,
      Estimation estimation,
      Map<String, double[]> values,
      List<String> expressions,
      Map<String, String> looked,
      Set<String> scalars) {
    ModelConfig model = run.configuration().model();
    Set<String> parameters = new LinkedHashSet<>(model.parameters().keySet());
    parameters.add(FACTORS);
    Set<String> tensors = new LinkedHashSet<>(run.configuration().input().tensors().keySet());
    tensors.addAll(scalars);
    LossModel parsed =
        LossModel.parse(
            tensors,
            parameters,
            Stream.of(model.definitions(), looked)
                .flatMap(definitions -> definitions.entrySet().stream())
                .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue)),
            "dot(%s, concat(%s))".formatted(FACTORS, String.join(", ", expressions)),
            Optional.empty());
    Map<String, Shape> shapes = new LinkedHashMap<>(estimation.model().shapes());
    shapes.put(FACTORS, Shape.of(expressions.size()));
    Map<String, Shape> inputs = new LinkedHashMap<>(estimation.source().shapes());
    scalars.forEach(name -> inputs.put(name, Shape.of()));
    CompiledModel compiled = parsed.compile(inputs, shapes);
    Model functions = parsed.functions().compile(shapes, Map.of());
    Map<String, double[]> given = new LinkedHashMap<>(values);
    given.put(FACTORS, new double[expressions.size()]);
    return new FreeModel(compiled, functions, List.of(FACTORS), shapes, Map.of(), given);
  }
}
