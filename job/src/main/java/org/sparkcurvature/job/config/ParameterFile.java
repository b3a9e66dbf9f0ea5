package org.sparkcurvature.job.config;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.sparkcurvature.graph.Shape;

/**
 * A file of parameter values, {@code {"beta": {"shape": [3], "values": [...], "labels": [...]}}},
 * in the file's order; {@code labels} may be missing. {@code "estimated": false} stands where the
 * fit that wrote the file did not estimate the parameter, and {@code "held": [...]} names the
 * elements that it left out; what else an entry holds is not read. {@code "encodings": {"site":
 * {"column": "site", "levels": [...]}}} holds the levels of categorical columns.
 *
 * @param encodings levels by column or expression
 */
record ParameterFile(
    String location, Map<String, Entry> entries, Map<String, List<String>> encodings) {
  static final String ENCODINGS = "encodings";

  /**
   * @param values row-major, as many as the shape has elements, all finite
   * @param labels as many as values, or none
   * @param named whether the labels are whole names
   * @param estimated whether the fit that wrote the file may have estimated it
   * @param held the elements that the fit left out, row-major
   */
  record Entry(
      Shape shape,
      double[] values,
      List<String> labels,
      boolean named,
      boolean estimated,
      List<Integer> held) {

    ParameterConfig.Standing standing() {
      return estimated ? ParameterConfig.Standing.FREE : ParameterConfig.Standing.HELD;
    }
  }

  Optional<Entry> entry(String name) {
    return Optional.ofNullable(entries.get(name));
  }

  /** Reads the file that a setting names; empty after a problem with it. */
  static Optional<ParameterFile> read(Setting setting, UriReader reader) {
    Optional<String> location = setting.text();
    if (location.isEmpty() || setting.unset()) {
      return Optional.empty();
    }
    JsonNode root;
    try {
      root = mapper().readTree(reader.read(location.get()));
    } catch (JsonProcessingException e) {
      int line = e.getLocation() == null ? 1 : e.getLocation().getLineNr();
      setting.problem(
          "%s:%d is not JSON (%s)".formatted(location.get(), line, e.getOriginalMessage()),
          "give a parameters.json as `fit` writes it");
      return Optional.empty();
    } catch (IOException e) {
      setting.problem(
          UnreadableFile.reason(location.get(), e), "give the path or URI of a parameters.json");
      return Optional.empty();
    }
    return new Reading(setting, location.get()).file(root);
  }

  private static ObjectMapper mapper() {
    return new ObjectMapper()
        .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
        .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);
  }

  private record Reading(Setting setting, String location) {

    Optional<ParameterFile> file(JsonNode root) {
      if (!root.isObject()) {
        return refuse("holds no JSON object");
      }
      Map<String, Entry> entries = new LinkedHashMap<>();
      boolean complete = true;
      Map<String, List<String>> encodings = new LinkedHashMap<>();
      for (Map.Entry<String, JsonNode> field : root.properties()) {
        if (field.getKey().equals(ENCODINGS) && !field.getValue().has("values")) {
          complete &= encodings(field.getValue(), encodings);
          continue;
        }
        Optional<Entry> entry = entry(field.getKey(), field.getValue());
        entry.ifPresent(e -> entries.put(field.getKey(), e));
        complete &= entry.isPresent();
      }
      return complete
          ? Optional.of(new ParameterFile(location, entries, encodings))
          : Optional.empty();
    }

    private boolean encodings(JsonNode node, Map<String, List<String>> encodings) {
      for (Map.Entry<String, JsonNode> field : node.properties()) {
        JsonNode column = field.getValue().path("column");
        JsonNode levels = field.getValue().path("levels");
        if (!column.isTextual() || !levels.isArray() || levels.isEmpty()) {
          refuse("encodings.%s has no \"column\" and \"levels\"".formatted(field.getKey()));
          return false;
        }
        List<String> texts = new ArrayList<>();
        levels.forEach(level -> texts.add(level.asText()));
        encodings.put(column.asText(), List.copyOf(texts));
      }
      return true;
    }

    private Optional<Entry> entry(String name, JsonNode node) {
      if (!node.path("shape").isArray() || !node.path("values").isArray()) {
        return refuse(name + " has no lists \"shape\" and \"values\"");
      }
      List<Integer> extents = new ArrayList<>();
      long size = 1;
      for (JsonNode extent : node.get("shape")) {
        if (!extent.canConvertToInt() || !extent.isIntegralNumber() || extent.intValue() < 1) {
          return refuse(name + ".shape holds " + extent + ", no whole number of at least 1");
        }
        extents.add(extent.intValue());
        size = size > Integer.MAX_VALUE ? size : size * extent.intValue();
      }
      JsonNode values = node.get("values");
      if (values.size() != size) {
        return refuse(
            "%s has %d values for the shape %s of %d elements"
                .formatted(name, values.size(), extents, size));
      }
      double[] numbers = new double[values.size()];
      for (int k = 0; k < numbers.length; k++) {
        numbers[k] = values.get(k).doubleValue();
        if (!values.get(k).isNumber() || !Double.isFinite(numbers[k])) {
          return refuse("%s.values[%d] is %s, no finite number".formatted(name, k, values.get(k)));
        }
      }
      List<String> labels = new ArrayList<>();
      node.path("labels").forEach(label -> labels.add(label.asText()));
      if (!labels.isEmpty() && labels.size() != size) {
        return refuse("%s has %d labels for %d elements".formatted(name, labels.size(), size));
      }
      boolean estimated = node.path("estimated").asBoolean(true);
      boolean named = node.path("named").asBoolean(false);
      List<Integer> held = new ArrayList<>();
      for (JsonNode element : node.path("held")) {
        if (!element.canConvertToInt() || element.intValue() < 0 || element.intValue() >= size) {
          return refuse("%s.held holds %s, no element".formatted(name, element));
        }
        held.add(element.intValue());
      }
      return Optional.of(
          new Entry(
              new Shape(extents),
              numbers,
              List.copyOf(labels),
              named,
              estimated,
              List.copyOf(held)));
    }

    private <T> Optional<T> refuse(String what) {
      setting.problem(
          location + ": " + what,
          "give a file such as {\"beta\": {\"shape\": [2], \"values\": [0.1, 0.2]}}");
      return Optional.empty();
    }
  }
}
