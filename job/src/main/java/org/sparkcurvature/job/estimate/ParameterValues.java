package org.sparkcurvature.job.estimate;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.sparkcurvature.engine.DerivativeSpec;
import org.sparkcurvature.engine.Engine;
import org.sparkcurvature.engine.NonFiniteException;
import org.sparkcurvature.engine.Precision;
import org.sparkcurvature.engine.Request;
import org.sparkcurvature.engine.SampleResult;
import org.sparkcurvature.graph.Model;
import org.sparkcurvature.graph.Shape;
import org.sparkcurvature.job.errors.Errors;

/**
 * Functions of parameters alone, computed on the driver by the engine that computes losses: a model
 * without input tensors has one sample.
 */
public final class ParameterValues {
  /** One sample is one block, however small this is. */
  private static final long BLOCK_BYTES = 1;

  private final Model functions;
  private final List<String> wrt;

  /**
   * @param functions whose definitions are the functions
   * @param wrt parameters that Jacobians are taken with respect to
   */
  ParameterValues(Model functions, List<String> wrt) {
    this.functions = functions;
    this.wrt = List.copyOf(wrt);
  }

  /** The model whose definitions the functions are. */
  public Model model() {
    return functions;
  }

  /** The shape of a function. */
  public Shape shape(String name) {
    return functions.named(name).shape();
  }

  /**
   * Values of functions.
   *
   * @param free every parameter's free elements
   * @param names of functions
   * @return by name: K elements, row-major
   * @throws org.sparkcurvature.job.errors.JobException with exit code 4 if one is not finite
   */
  public Map<String, double[]> values(Map<String, double[]> free, List<String> names) {
    return columns(free, names, SampleResult::valueOf, Request.PerSample.NONE.withValuesOf(names));
  }

  /**
   * Jacobians of functions with respect to free elements.
   *
   * @param free every parameter's free elements
   * @param names of functions
   * @return by name: K x P, row-major
   * @throws org.sparkcurvature.job.errors.JobException with exit code 4 if one is not finite
   */
  public Map<String, double[]> jacobians(Map<String, double[]> free, List<String> names) {
    return columns(
        free, names, SampleResult::jacobianOf, Request.PerSample.NONE.withJacobiansOf(names));
  }

  /** The Jacobians of functions, one below the other: row-major, of P columns. */
  public double[] jacobian(Map<String, double[]> free, List<String> names) {
    Map<String, double[]> jacobians = jacobians(free, names);
    return names.stream().flatMapToDouble(name -> Arrays.stream(jacobians.get(name))).toArray();
  }

  private Map<String, double[]> columns(
      Map<String, double[]> free,
      List<String> names,
      Function<String, SampleResult> result,
      Request.PerSample asked) {
    Map<String, double[]> columns = new LinkedHashMap<>();
    if (names.isEmpty()) {
      return columns;
    }
    DerivativeSpec spec =
        new DerivativeSpec(
            functions, Request.by(wrt).withSamples(asked), Precision.DOUBLE, BLOCK_BYTES);
    Function<String, Integer> length =
        column ->
            spec.columns().stream()
                .filter(described -> described.name().equals(column))
                .findFirst()
                .orElseThrow()
                .length();
    try (Engine engine = spec.open(free)) {
      engine.evaluate(1);
      for (String name : names) {
        String column = result.apply(name).column();
        columns.put(name, Arrays.copyOf(engine.column(column), length.apply(column)));
      }
    } catch (NonFiniteException e) {
      throw Errors.notFinite(e.where() + " (a function of the parameters)", List.of());
    }
    return columns;
  }
}
