package org.sparkcurvature.job.command;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.sparkcurvature.job.estimate.FreeModel;
import org.sparkcurvature.job.sink.ResultFiles;

/**
 * A model that a program has fitted, with its parameters, and their covariance where it is known.
 */
public final class ProgramModel {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final String configuration;
  private final byte[] parameters;
  private final Optional<GivenCovariance> covariance;

  private ProgramModel(
      String configuration, byte[] parameters, Optional<GivenCovariance> covariance) {
    this.configuration = configuration;
    this.parameters = parameters;
    this.covariance = covariance;
  }

  String configuration() {
    return configuration;
  }

  /** {@code parameters.json}, its bytes. */
  byte[] parameters() {
    return parameters;
  }

  Optional<GivenCovariance> covariance() {
    return covariance;
  }

  /** As JSON, which {@link #of(String)} reads again. */
  public String json() {
    Map<String, Object> object = new LinkedHashMap<>();
    object.put("configuration", configuration);
    object.put("parameters", new String(parameters, StandardCharsets.UTF_8));
    covariance.ifPresent(given -> object.put("covariance", given.fields()));
    try {
      return JSON.writeValueAsString(object);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a model can be written as JSON", e);
    }
  }

  /**
   * From JSON.
   *
   * @throws IOException if it is none of a model
   */
  public static ProgramModel of(String json) throws IOException {
    JsonNode object = JSON.readTree(json);
    if (!object.path("configuration").isTextual() || !object.path("parameters").isTextual()) {
      throw new IOException("it holds no model");
    }
    return new ProgramModel(
        object.get("configuration").asText(),
        object.get("parameters").asText().getBytes(StandardCharsets.UTF_8),
        object.has("covariance")
            ? Optional.of(GivenCovariance.of(object.get("covariance")))
            : Optional.empty());
  }

  static ProgramModel of(
      Running run,
      Estimation estimation,
      double[] x,
      Set<String> notEstimated,
      Optional<GivenCovariance> covariance) {
    FreeModel model = estimation.model();
    return new ProgramModel(
        run.assignment().loaded().resolved(),
        ResultFiles.parametersAsFile(
            model.natural(x),
            model.shapes(),
            estimation.names(),
            notEstimated,
            HeldElements.of(model),
            run.configuration().input().tensors()),
        covariance);
  }
}
