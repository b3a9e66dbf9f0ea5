package org.sparkcurvature.job.language;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.sparkcurvature.engine.DerivativeSpec;
import org.sparkcurvature.engine.Engine;
import org.sparkcurvature.engine.Precision;
import org.sparkcurvature.engine.Request;
import org.sparkcurvature.graph.Model;
import org.sparkcurvature.graph.Shape;
import org.sparkcurvature.rewrite.Rewriter;

/**
 * A loss in words, at one point for each row: input tensors and parameters with their elements.
 *
 * @param loss the loss
 * @param definitions expressions by name
 * @param inputs every input tensor's elements, row after row
 * @param parameters every parameter's elements
 * @param shapes of all tensors
 * @param rows how many rows
 */
record Expression(
    String loss,
    Map<String, String> definitions,
    Map<String, double[]> inputs,
    Map<String, double[]> parameters,
    Map<String, Shape> shapes,
    int rows) {

  /** The loss, its gradient and its Hessian (upper triangle) at a row. */
  record Results(double value, double[] gradient, double[] hessian) {}

  /** A loss of scalar parameters at one point. */
  static Expression of(String loss, Map<String, Double> point) {
    Map<String, double[]> parameters = new LinkedHashMap<>();
    Map<String, Shape> shapes = new LinkedHashMap<>();
    point.forEach(
        (name, value) -> {
          parameters.put(name, new double[] {value});
          shapes.put(name, Shape.SCALAR);
        });
    return new Expression(loss, Map.of(), Map.of(), parameters, shapes, 1);
  }

  Model model() {
    Map<String, Shape> tensors = new LinkedHashMap<>();
    inputs.keySet().forEach(name -> tensors.put(name, shapes.get(name)));
    Map<String, Shape> parameterShapes = new LinkedHashMap<>();
    parameters.keySet().forEach(name -> parameterShapes.put(name, shapes.get(name)));
    return LossModel.parse(
            tensors.keySet(), parameterShapes.keySet(), definitions, loss, Optional.empty())
        .compile(tensors, parameterShapes)
        .loss();
  }

  List<Rewriter.Applied> rewritings(List<String> wrt) {
    return spec(wrt).rewritings();
  }

  private DerivativeSpec spec(List<String> wrt) {
    return new DerivativeSpec(
        model(),
        Request.by(wrt)
            .withSamples(
                Request.PerSample.NONE
                    .withValue()
                    .withGradient()
                    .withHessian(Request.SampleHessianForm.PACKED)),
        Precision.DOUBLE,
        1 << 22);
  }

  /** Results of every row. */
  List<Results> evaluate(List<String> wrt) {
    DerivativeSpec spec = spec(wrt);
    int p = spec.layout().length();
    List<Results> results = new ArrayList<>();
    try (Engine engine = spec.open(parameters)) {
      inputs.forEach(
          (name, values) -> System.arraycopy(values, 0, engine.input(name), 0, values.length));
      Arrays.fill(engine.weights(), 0, rows, 1);
      engine.evaluate(rows);
      int packed = p * (p + 1) / 2;
      for (int row = 0; row < rows; row++) {
        results.add(
            new Results(
                engine.column("value")[row],
                Arrays.copyOfRange(engine.column("gradient"), row * p, (row + 1) * p),
                Arrays.copyOfRange(engine.column("hessian"), row * packed, (row + 1) * packed)));
      }
    }
    return results;
  }
}
