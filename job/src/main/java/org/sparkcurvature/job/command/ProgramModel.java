package org.sparkcurvature.job.command;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.sparkcurvature.engine.Layout;
import org.sparkcurvature.graph.Shape;
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
  private final Optional<Layout> byGroups;

  private ProgramModel(
      String configuration,
      byte[] parameters,
      Optional<GivenCovariance> covariance,
      Optional<Layout> byGroups) {
    this.configuration = configuration;
    this.parameters = parameters;
    this.covariance = covariance;
    this.byGroups = byGroups;
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

  /** The parameters that each group has of its own, if groups have. */
  Optional<Layout> byGroups() {
    return byGroups;
  }

  /** As JSON, which {@link #of(String)} reads again. */
  public String json() {
    Map<String, Object> object = new LinkedHashMap<>();
    object.put("configuration", configuration);
    object.put("parameters", new String(parameters, StandardCharsets.UTF_8));
    covariance.ifPresent(given -> object.put("covariance", given.fields()));
    byGroups.ifPresent(layout -> object.put("by_groups", entries(layout)));
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
            : Optional.empty(),
        object.has("by_groups") ? Optional.of(layout(object.get("by_groups"))) : Optional.empty());
  }

  private static List<Object> entries(Layout layout) {
    List<Object> entries = new ArrayList<>();
    layout
        .entries()
        .forEach(
            entry ->
                entries.add(
                    Map.of(
                        "name", entry.name(),
                        "offset", entry.offset(),
                        "shape", entry.shape().extents())));
    return entries;
  }

  /** As {@code layout.json} has it. */
  static Layout layout(JsonNode entries) {
    List<Layout.Entry> found = new ArrayList<>();
    for (JsonNode entry : entries) {
      List<Integer> extents = new ArrayList<>();
      entry.path("shape").forEach(extent -> extents.add(extent.asInt()));
      found.add(
          new Layout.Entry(
              entry.path("name").asText(), entry.path("offset").asInt(), new Shape(extents)));
    }
    return new Layout(found);
  }

  static ProgramModel of(
      RunContext run,
      Estimation estimation,
      double[] x,
      Set<String> notEstimated,
      Optional<GivenCovariance> covariance) {
    FreeModel model = estimation.model();
    return new ProgramModel(
        run.parsedJob().loaded().resolved(),
        ResultFiles.parametersAsFile(
            model.natural(x),
            model.shapes(),
            estimation.names(),
            notEstimated,
            HeldElements.of(model),
            run.configuration().input().tensors()),
        covariance,
        Optional.empty());
  }

  /** Of a fit by groups, whose estimates are in their own table. */
  static ProgramModel byGroups(RunContext run, Estimation estimation, double[] start) {
    FreeModel model = estimation.model();
    ProgramModel common =
        of(run, estimation, start, Set.copyOf(model.shapes().keySet()), Optional.empty());
    return new ProgramModel(
        common.configuration,
        common.parameters,
        Optional.empty(),
        Optional.of(model.naturalLayout()));
  }
}
