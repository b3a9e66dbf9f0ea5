package org.sparkcurvature.bench;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.sparkcurvature.engine.DerivativeSpec;
import org.sparkcurvature.engine.Engine;
import org.sparkcurvature.engine.Precision;
import org.sparkcurvature.engine.Request;
import org.sparkcurvature.engine.Sums;

/**
 * A case's derivatives, from arrays of inputs to arrays of results: copying samples into blocks,
 * all derivatives, merging what threads have summed, and copying the results of samples out.
 * Planning is not part of it.
 */
final class Run implements AutoCloseable {
  private static final long BLOCK_BYTES = 64 << 20;

  private final Case which;
  private final Threads threads;
  private final DerivativeSpec spec;
  private final Map<String, Case.Tensor> inputs;
  private final double[] vectors;
  private final List<Engine> engines = new ArrayList<>();
  private final Map<String, double[]> columns = new HashMap<>();

  /** Engines, each in a thread of its own, that share the samples. */
  Run(Case which, Map<String, Case.Tensor> inputs, Threads threads, int parts) {
    this.which = which;
    this.threads = threads;
    this.inputs = inputs;
    this.spec = new DerivativeSpec(which.model(), which.request(), Precision.DOUBLE, BLOCK_BYTES);
    this.vectors = which.vectors(spec.layout().length());
    spec.columns().forEach(c -> columns.put(c.name(), new double[which.samples() * c.length()]));
    Map<String, double[]> parameters = new HashMap<>();
    which.parameters().forEach((name, tensor) -> parameters.put(name, tensor.values()));
    for (int k = 0; k < parts; k++) {
      engines.add(spec.open(parameters));
    }
  }

  /** Computes everything; results by name. */
  Map<String, double[]> results() {
    threads.nativeEach(threads.count() / engines.size());
    List<Sums> sums = new ArrayList<>();
    engines.forEach(engine -> sums.add(Sums.zero(spec)));
    threads.each(engines.size(), part -> run(part, sums.get(part)));
    Sums all = sums.get(0);
    sums.subList(1, sums.size()).forEach(all::merge);

    Map<String, double[]> results = new LinkedHashMap<>(columns);
    Request.Global global = which.request().global();
    if (global.value()) {
      results.put("value", new double[] {all.value()});
    }
    if (global.gradient()) {
      results.put("gradient", all.gradient());
    }
    if (global.products() > 0) {
      results.put("products", all.products());
    }
    if (global.hessian() != Request.HessianForm.NONE) {
      results.put("hessian", all.curvature(Request.Curvature.HESSIAN));
    }
    return results;
  }

  private void run(int part, Sums sums) {
    Engine engine = engines.get(part);
    if (vectors.length > 0) {
      engine.setVectors(vectors);
    }
    int end = (int) ((long) which.samples() * (part + 1) / engines.size());
    int first = (int) ((long) which.samples() * part / engines.size());
    for (; first < end; first += engine.blockRows()) {
      int count = Math.min(engine.blockRows(), end - first);
      for (Map.Entry<String, Case.Tensor> input : inputs.entrySet()) {
        engine.supply(input.getKey(), input.getValue().values(), first);
      }
      for (DerivativeSpec.Column column : spec.columns()) {
        engine.deliver(column.name(), columns.get(column.name()), first);
      }
      engine.evaluate(count);
      if (!which.request().global().equals(Request.Global.NONE)) {
        engine.addTo(sums);
      }
    }
  }

  @Override
  public void close() {
    engines.forEach(Engine::close);
  }
}
