package org.sparkcurvature.job.command;

import java.util.LinkedHashMap;
import java.util.Map;
import org.sparkcurvature.graph.Shape;
import org.sparkcurvature.job.config.InitialValues;
import org.sparkcurvature.job.config.InputConfig;
import org.sparkcurvature.job.config.ParameterConfig;
import org.sparkcurvature.job.config.RunConfiguration;
import org.sparkcurvature.job.config.TensorConfig;
import org.sparkcurvature.job.errors.Errors;
import org.sparkcurvature.job.source.Source;

/**
 * The parameters that a configuration gives, once the shapes of the input tensors are known.
 *
 * @param shapes every parameter's shape
 * @param values every parameter's elements, row-major
 */
record GivenParameters(Map<String, Shape> shapes, Map<String, double[]> values) {

  /**
   * Gives each parameter its shape and its values.
   *
   * @throws org.sparkcurvature.job.errors.JobException with exit code 2 if a parameter does not
   *     have the shape of the tensor that labels it, or its values are not as many as its elements
   */
  static GivenParameters of(RunConfiguration configuration, Source source) {
    Map<String, Shape> shapes = new LinkedHashMap<>();
    Map<String, double[]> values = new LinkedHashMap<>();
    configuration
        .model()
        .parameters()
        .forEach(
            (name, parameter) -> {
              Shape shape = shape(name, parameter, configuration.input(), source.shapes());
              shapes.put(name, shape);
              values.put(name, values(name, parameter.initial(), shape));
            });
    return new GivenParameters(shapes, values);
  }

  private static Shape shape(
      String name, ParameterConfig parameter, InputConfig input, Map<String, Shape> tensors) {
    if (parameter.labelsOf().isEmpty()) {
      return parameter.shape().orElseThrow();
    }
    String tensor = parameter.labelsOf().get();
    Shape labelled =
        input.tensors().get(tensor) instanceof TensorConfig.Encoded encoded
            ? encoded.shapeOfLevels().orElseThrow()
            : tensors.get(tensor);
    if (!parameter.shape().orElse(labelled).equals(labelled)) {
      throw Errors.configuration(
          "the parameter %s has the shape %s, and the tensor %s that labels it has %s"
              .formatted(name, parameter.shape().get(), tensor, labelled),
          "curvature.model.parameters." + name,
          "give values for shape " + labelled + ", or name another tensor in labels");
    }
    return labelled;
  }

  private static double[] values(String name, InitialValues initial, Shape shape) {
    try {
      return initial.rowMajor(shape.size());
    } catch (IllegalArgumentException e) {
      throw Errors.configuration(
          "the parameter " + name + ": " + e.getMessage(),
          "curvature.model.parameters." + name,
          "give as many values as the shape " + shape + " has elements");
    }
  }
}
