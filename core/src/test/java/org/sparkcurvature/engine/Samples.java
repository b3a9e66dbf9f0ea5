package org.sparkcurvature.engine;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.sparkcurvature.diff.Differentiator;
import org.sparkcurvature.graph.Model;
import org.sparkcurvature.graph.Node;

/**
 * A small data set, and evaluation of specifications over it.
 *
 * @param rows number of samples
 * @param inputs every input tensor, sample after sample
 * @param weights a weight per sample
 * @param parameters every parameter
 */
record Samples(
    int rows, Map<String, double[]> inputs, double[] weights, Map<String, double[]> parameters) {

  /** Normal numbers; weights between 0.5 and 1.5. */
  static Samples random(Model model, int rows, long seed) {
    Random random = new Random(seed);
    Map<String, double[]> inputs = new LinkedHashMap<>();
    model
        .inputs()
        .forEach((name, node) -> inputs.put(name, normal(random, rows * node.shape().size(), 1)));
    Map<String, double[]> parameters = new LinkedHashMap<>();
    model
        .parameters()
        .forEach((name, node) -> parameters.put(name, normal(random, node.shape().size(), 0.5)));
    double[] weights = new double[rows];
    for (int k = 0; k < rows; k++) {
      weights[k] = 0.5 + random.nextDouble();
    }
    return new Samples(rows, inputs, weights, parameters);
  }

  private static double[] normal(Random random, int length, double scale) {
    double[] values = new double[length];
    for (int k = 0; k < length; k++) {
      values[k] = scale * random.nextGaussian();
    }
    return values;
  }

  Samples with(String name, int at, double value) {
    Map<String, double[]> changedInputs = changed(inputs, name, at, value);
    return new Samples(rows, changedInputs, weights, changed(parameters, name, at, value));
  }

  private static Map<String, double[]> changed(
      Map<String, double[]> tensors, String name, int at, double value) {
    Map<String, double[]> copy = new LinkedHashMap<>(tensors);
    copy.computeIfPresent(
        name,
        (key, old) -> {
          double[] array = old.clone();
          array[at] = value;
          return array;
        });
    return copy;
  }

  /** Sums over all samples. */
  Sums sums(DerivativeSpec spec) {
    Sums sums = Sums.zero(spec);
    run(spec, (engine, first, count) -> engine.addTo(sums));
    return sums;
  }

  /** Sums over all samples, products of the Hessian with these vectors among them. */
  Sums sums(DerivativeSpec spec, double[] vectors) {
    Sums sums = Sums.zero(spec);
    run(
        spec,
        (engine, first, count) -> {
          engine.setVectors(vectors);
          engine.evaluate(count);
          engine.addTo(sums);
        });
    return sums;
  }

  /** Sums over all samples, second derivatives taken in this mode. */
  Sums sums(DerivativeSpec spec, Differentiator.Mode mode) {
    Sums sums = Sums.zero(spec);
    try (Engine engine = spec.open(parameters, mode)) {
      run(spec, engine, (e, first, count) -> e.addTo(sums));
    }
    return sums;
  }

  /** A per-sample column of all samples. */
  List<double[]> column(DerivativeSpec spec, String name) {
    try (Engine engine = spec.open(parameters)) {
      return column(spec, name, engine);
    }
  }

  /** A per-sample column of all samples, second derivatives taken in this mode. */
  List<double[]> column(DerivativeSpec spec, String name, Differentiator.Mode mode) {
    try (Engine engine = spec.open(parameters, mode)) {
      return column(spec, name, engine);
    }
  }

  private List<double[]> column(DerivativeSpec spec, String name, Engine opened) {
    int length =
        spec.columns().stream()
            .filter(c -> c.name().equals(name))
            .findFirst()
            .orElseThrow()
            .length();
    List<double[]> result = new ArrayList<>();
    run(
        spec,
        opened,
        (engine, first, count) -> {
          for (int k = 0; k < count; k++) {
            result.add(
                java.util.Arrays.copyOfRange(engine.column(name), k * length, (k + 1) * length));
          }
        });
    return result;
  }

  private interface Visit {
    void block(Engine engine, int first, int count);
  }

  private void run(DerivativeSpec spec, Visit visit) {
    try (Engine engine = spec.open(parameters)) {
      run(spec, engine, visit);
    }
  }

  private void run(DerivativeSpec spec, Engine engine, Visit visit) {
    for (int first = 0; first < rows; first += engine.blockRows()) {
      int count = Math.min(engine.blockRows(), rows - first);
      for (Map.Entry<String, Node> e : spec.model().inputs().entrySet()) {
        int size = e.getValue().shape().size();
        System.arraycopy(
            inputs.get(e.getKey()), first * size, engine.input(e.getKey()), 0, count * size);
      }
      System.arraycopy(weights, first, engine.weights(), 0, count);
      engine.evaluate(count);
      visit.block(engine, first, count);
    }
  }
}
