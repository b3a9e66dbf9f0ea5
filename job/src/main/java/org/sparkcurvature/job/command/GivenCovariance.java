package org.sparkcurvature.job.command;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import org.sparkcurvature.engine.Layout;
import org.sparkcurvature.graph.Shape;
import org.sparkcurvature.job.config.HadoopUriReader;
import org.sparkcurvature.job.config.UriReader;
import org.sparkcurvature.job.errors.Errors;
import org.sparkcurvature.job.infer.InferSummary;
import org.sparkcurvature.job.sink.ResultReader;

/**
 * The covariance of estimates that infer or estimate wrote into a folder.
 *
 * @param folder where it was read
 * @param key the configuration's key that names the folder
 * @param offsets where each parameter's elements begin in it
 * @param sizes how many elements each parameter has
 * @param order K
 * @param matrix [K, K], row-major
 * @param degreesOfFreedom of the t distribution that estimates were compared with; empty: normal
 */
record GivenCovariance(
    String folder,
    String key,
    Map<String, Integer> offsets,
    Map<String, Integer> sizes,
    int order,
    double[] matrix,
    OptionalDouble degreesOfFreedom) {

  private static final String THESE = "the estimates";

  /**
   * Reads it.
   *
   * @param key the configuration's key that names the folder
   * @throws org.sparkcurvature.job.errors.JobException with exit code 2 if there is none
   */
  static GivenCovariance read(Optional<String> folder, String key) {
    String from =
        folder.orElseThrow(
            () ->
                Errors.configuration(
                    "standard errors need the covariance of the estimates",
                    key,
                    "name the folder that estimate or infer wrote, or type --from FOLDER"));
    UriReader reader = new HadoopUriReader(Session::hadoop);
    String place = from.endsWith("/") ? from : from + "/";
    try {
      double[] matrix = ResultReader.npy(reader.read(place + "covariance.npy"));
      JsonNode layout = new ObjectMapper().readTree(reader.read(place + "layout.json"));
      JsonNode estimates = new ObjectMapper().readTree(reader.read(place + "estimates.json"));
      Map<String, Integer> offsets = new LinkedHashMap<>();
      Map<String, Integer> sizes = new LinkedHashMap<>();
      int order = 0;
      for (JsonNode entry : layout) {
        String name = entry.path("name").asText();
        int size = entry.path("names").size();
        sizes.put(name, size);
        offsets.put(name, entry.path("offset").asInt());
        order += size;
      }
      if (matrix.length != order * order) {
        throw new IllegalArgumentException("covariance.npy and layout.json do not belong together");
      }
      JsonNode df = estimates.path("degrees_of_freedom");
      return new GivenCovariance(
          from,
          key,
          offsets,
          sizes,
          order,
          matrix,
          df.isNumber() ? OptionalDouble.of(df.asDouble()) : OptionalDouble.empty());
    } catch (IOException | IllegalArgumentException e) {
      throw Errors.configuration(
          "there is no covariance at " + from + " (" + e.getMessage() + ")",
          key,
          "name a folder that estimate or infer wrote");
    }
  }

  /** That of estimates that were made just now. */
  static GivenCovariance of(Layout layout, InferSummary summary) {
    Map<String, Integer> offsets = new LinkedHashMap<>();
    Map<String, Integer> sizes = new LinkedHashMap<>();
    layout
        .entries()
        .forEach(
            entry -> {
              offsets.put(entry.name(), entry.offset());
              sizes.put(entry.name(), entry.shape().size());
            });
    return new GivenCovariance(
        THESE,
        THESE,
        offsets,
        sizes,
        layout.length(),
        summary.covariance().toSquare(),
        summary.degreesOfFreedom());
  }

  /** What {@link #of(JsonNode)} reads again. */
  Map<String, Object> fields() {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("offsets", offsets);
    fields.put("sizes", sizes);
    fields.put("order", order);
    fields.put("matrix", matrix);
    degreesOfFreedom.ifPresent(df -> fields.put("degrees_of_freedom", df));
    return fields;
  }

  /** From the fields of a model that was saved. */
  static GivenCovariance of(JsonNode fields) {
    Map<String, Integer> offsets = new LinkedHashMap<>();
    Map<String, Integer> sizes = new LinkedHashMap<>();
    fields.path("offsets").properties().forEach(e -> offsets.put(e.getKey(), e.getValue().asInt()));
    fields.path("sizes").properties().forEach(e -> sizes.put(e.getKey(), e.getValue().asInt()));
    double[] matrix = new double[fields.path("matrix").size()];
    for (int k = 0; k < matrix.length; k++) {
      matrix[k] = fields.path("matrix").get(k).asDouble();
    }
    JsonNode df = fields.path("degrees_of_freedom");
    return new GivenCovariance(
        THESE,
        THESE,
        offsets,
        sizes,
        fields.path("order").asInt(),
        matrix,
        df.isNumber() ? OptionalDouble.of(df.asDouble()) : OptionalDouble.empty());
  }

  /**
   * The covariance of some parameters, one after the other: [P, P], row-major. What the result does
   * not hold was not estimated, and has the variance 0.
   *
   * @param shapes of all of the model's parameters
   * @throws org.sparkcurvature.job.errors.JobException with exit code 2 if it is of another model
   */
  double[] of(List<String> parameters, Map<String, Shape> shapes) {
    sizes.forEach((name, size) -> refuseOther(name, size, Optional.ofNullable(shapes.get(name))));
    int p = parameters.stream().mapToInt(name -> shapes.get(name).size()).sum();
    int[] places = new int[p];
    int at = 0;
    for (String name : parameters) {
      for (int k = 0; k < shapes.get(name).size(); k++) {
        places[at++] = offsets.containsKey(name) ? offsets.get(name) + k : -1;
      }
    }
    double[] part = new double[p * p];
    for (int i = 0; i < p; i++) {
      for (int j = 0; j < p; j++) {
        part[i * p + j] =
            places[i] < 0 || places[j] < 0 ? 0 : matrix[places[i] * order + places[j]];
      }
    }
    return part;
  }

  private void refuseOther(String name, int size, Optional<Shape> shape) {
    if (shape.map(Shape::size).filter(own -> own == size).isEmpty()) {
      throw Errors.configuration(
          "%s has %d elements of %s, and the model has %s"
              .formatted(
                  folder, size, name, shape.map(own -> String.valueOf(own.size())).orElse("none")),
          key,
          "name the result of this model");
    }
  }
}
