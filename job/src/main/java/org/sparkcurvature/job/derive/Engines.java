package org.sparkcurvature.job.derive;

import java.io.Serializable;
import java.util.HashMap;
import java.util.Map;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.sparkcurvature.engine.CompiledSpec;
import org.sparkcurvature.engine.DerivativeSpec;
import org.sparkcurvature.engine.Engine;
import org.sparkcurvature.job.reduce.Wire;
import org.sparkcurvature.job.source.Source;

/**
 * What the tasks of a pass compute with: sent to each executor once, and planned there by the first
 * task that opens an engine; once for all passes of a fit, which differ in parameters alone. A
 * plain class of bytes and numbers, because Kryo, too, has to write it.
 */
final class Engines implements Serializable {
  private static final long serialVersionUID = 1L;

  private final byte[] spec;
  private final HashMap<String, double[]> parameters;
  private final double[] vectors;
  private transient CompiledSpec planned;

  private Engines(DerivativeSpec spec, Map<String, double[]> parameters, double[] vectors) {
    this.spec = Wire.bytes(spec);
    this.parameters = new HashMap<>(parameters);
    this.vectors = vectors.clone();
  }

  /**
   * Sends a specification to whoever reads {@code source}.
   *
   * @param parameters every parameter's elements, row-major
   */
  static Broadcast<Engines> send(
      Source source, DerivativeSpec spec, Map<String, double[]> parameters) {
    return send(source, spec, parameters, new double[0]);
  }

  /**
   * As the other {@code send}, for a request with products.
   *
   * @param vectors what derivatives are multiplied with, one of length P after the other; empty to
   *     leave them at 0
   */
  static Broadcast<Engines> send(
      Source source, DerivativeSpec spec, Map<String, double[]> parameters, double[] vectors) {
    return JavaSparkContext.fromSparkContext(source.spark().sparkContext())
        .broadcast(new Engines(spec, parameters, vectors));
  }

  /**
   * The specification with its plan; whoever asks first waits until it is made, and so do others.
   */
  synchronized CompiledSpec planned() {
    if (planned == null) {
      planned = Plans.of(spec);
    }
    return planned;
  }

  /** An engine for one task, which closes it. */
  Engine open() {
    Engine engine = planned().open(parameters);
    if (vectors.length > 0) {
      engine.setVectors(vectors);
    }
    return engine;
  }
}
