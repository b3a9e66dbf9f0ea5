package org.sparkcurvature.ops;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.sparkcurvature.diff.Differentiator;
import org.sparkcurvature.engine.DerivativeSpec;
import org.sparkcurvature.engine.Engine;
import org.sparkcurvature.engine.Precision;
import org.sparkcurvature.engine.Request;
import org.sparkcurvature.engine.Sums;
import org.sparkcurvature.graph.Graph;
import org.sparkcurvature.graph.Model;
import org.sparkcurvature.graph.Node;
import org.sparkcurvature.graph.Shape;

/**
 * One operation run by the engine: the loss is the sum of its values, each times a factor of its
 * own.
 */
final class Evaluation {
  /** Whether the arguments by which derivatives are taken differ from sample to sample. */
  enum Arguments {
    INPUTS,
    PARAMETERS
  }

  private static final String FACTORS = "factors";
  private static final String RESULT = "result";

  private final Row row;
  private final Arguments as;
  private final Model model;
  private final List<String> wrt = new ArrayList<>();
  private final List<Integer> offsets = new ArrayList<>();

  /** Per-sample results of one run. */
  record Result(
      List<double[]> values, List<double[]> gradients, List<double[]> hessians, Sums sums) {}

  Evaluation(Row row, List<List<Integer>> shapes, Arguments as) {
    this.row = row;
    this.as = as;
    Graph graph = new Graph();
    Map<String, Node> inputs = new LinkedHashMap<>();
    Map<String, Node> parameters = new LinkedHashMap<>();
    List<Node> arguments = new ArrayList<>();
    int offset = 0;
    for (int k = 0; k < shapes.size(); k++) {
      Shape shape = new Shape(shapes.get(k));
      if (row.arguments().get(k) instanceof Row.Written written) {
        arguments.add(graph.constant(written.value()));
        continue;
      }
      boolean parameter = as == Arguments.PARAMETERS && row.isDifferentiated(k);
      Node node = parameter ? graph.parameter(name(k), shape) : graph.input(name(k), shape);
      (parameter ? parameters : inputs).put(name(k), node);
      arguments.add(node);
      if (row.isDifferentiated(k)) {
        wrt.add(name(k));
        for (int i = 0; i < shape.size(); i++) {
          offsets.add(offset++);
        }
      }
    }
    Node result =
        FunctionRegistry.names().contains(row.name())
            ? FunctionRegistry.call(graph, row.name(), arguments, row.axis())
            : graph.add(new Apply(row.name()), arguments);
    Node factors = graph.input(FACTORS, result.shape());
    inputs.put(FACTORS, factors);
    if (wrt.isEmpty()) {
      wrt.add(FACTORS);
    }
    Node loss =
        FunctionRegistry.call(
            graph,
            "sum",
            List.of(FunctionRegistry.call(graph, "multiply", List.of(factors, result), none())),
            none());
    this.model = new Model(graph, inputs, parameters, Map.of(RESULT, result), loss);
  }

  private static OptionalInt none() {
    return OptionalInt.empty();
  }

  private static String name(int argument) {
    return "argument" + argument;
  }

  /** Whether there is anything to differentiate by. */
  boolean isDifferentiated() {
    return !wrt.get(0).equals(FACTORS);
  }

  int resultSize() {
    return model.named(RESULT).shape().size();
  }

  /**
   * Runs the engine, with the unit vectors as those by which the Hessian is multiplied; the order
   * of wrt is turned round where the arguments are inputs, and results are put back in the order of
   * the arguments, so that both sides of every cross derivative are seen.
   *
   * @param samples arguments of every sample; parameters are those of the first
   * @param factors factors of every sample
   * @param weights a weight for every sample
   * @param mode how second derivatives are taken
   */
  Result run(
      List<double[][]> samples,
      double[][] factors,
      double[] weights,
      Precision precision,
      Differentiator.Mode mode) {
    List<String> order = new ArrayList<>(wrt);
    if (as == Arguments.INPUTS) {
      Collections.reverse(order);
    }
    Request request =
        Request.by(order)
            .withSums(
                as == Arguments.PARAMETERS
                    ? Request.Global.NONE
                        .withValue()
                        .withGradient()
                        .withHessian()
                        .withProducts(offsets.size())
                    : Request.Global.NONE)
            .withSamples(
                Request.PerSample.NONE
                    .withValue()
                    .withGradient()
                    .withHessian(Request.SampleHessianForm.FULL)
                    .withValuesOf(RESULT));
    DerivativeSpec spec = new DerivativeSpec(model, request, precision, 1 << 20);
    int p = spec.layout().length();
    int[] places = places(order, samples.get(0));
    Map<String, double[]> parameters = new LinkedHashMap<>();
    model
        .parameters()
        .forEach((name, node) -> parameters.put(name, samples.get(0)[index(name)].clone()));
    try (Engine engine = spec.open(parameters, mode)) {
      fill(engine, samples, factors, weights);
      if (request.global().products() > 0) {
        double[] units = new double[p * p];
        for (int k = 0; k < p; k++) {
          units[k * p + k] = 1;
        }
        engine.setVectors(units);
      }
      Map<String, double[]> before = new LinkedHashMap<>();
      model.inputs().keySet().forEach(name -> before.put(name, engine.input(name).clone()));
      engine.evaluate(samples.size());
      Sums sums = Sums.zero(spec);
      engine.addTo(sums);
      before.forEach((name, values) -> unchanged(name, values, engine.input(name)));
      parameters.forEach((name, values) -> unchanged(name, samples.get(0)[index(name)], values));
      List<double[]> values = new ArrayList<>();
      List<double[]> gradients = new ArrayList<>();
      List<double[]> hessians = new ArrayList<>();
      for (int sample = 0; sample < samples.size(); sample++) {
        int n = resultSize();
        values.add(
            Arrays.copyOfRange(engine.column("value_" + RESULT), sample * n, (sample + 1) * n));
        double[] gradient = new double[p];
        double[] hessian = new double[p * p];
        for (int i = 0; i < p; i++) {
          gradient[places[i]] = engine.column("gradient")[sample * p + i];
          for (int j = 0; j < p; j++) {
            hessian[places[i] * p + places[j]] = engine.column("hessian")[(sample * p + i) * p + j];
          }
        }
        gradients.add(gradient);
        hessians.add(hessian);
      }
      return new Result(values, gradients, hessians, sums);
    }
  }

  private static int index(String name) {
    return Integer.parseInt(name.substring("argument".length()));
  }

  /** Where each element of the flattened wrt lies in the order of the arguments. */
  private int[] places(List<String> order, double[][] values) {
    if (!isDifferentiated()) {
      int[] places = new int[resultSize()];
      Arrays.setAll(places, k -> k);
      return places;
    }
    int[] places = new int[offsets.size()];
    int at = 0;
    for (String name : order) {
      int from = 0;
      for (int k = 0; k < index(name); k++) {
        from += row.isDifferentiated(k) ? values[k].length : 0;
      }
      for (int i = 0; i < values[index(name)].length; i++) {
        places[at++] = from + i;
      }
    }
    return places;
  }

  private void fill(Engine engine, List<double[][]> samples, double[][] factors, double[] weights) {
    for (int sample = 0; sample < samples.size(); sample++) {
      for (String name : model.inputs().keySet()) {
        double[] values = name.equals(FACTORS) ? factors[sample] : samples.get(sample)[index(name)];
        System.arraycopy(values, 0, engine.input(name), sample * values.length, values.length);
      }
      engine.weights()[sample] = weights[sample];
    }
  }

  private static void unchanged(String name, double[] before, double[] after) {
    if (!Arrays.equals(before, after)) {
      throw new AssertionError("the engine wrote into " + name);
    }
  }
}
