package org.sparkcurvature.job.sink;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * {@code manifest.json}: what a result consists of, and what it is the result of.
 *
 * @param run the run's own name, which {@code _SUCCESS} holds as well
 * @param command of the run
 * @param program version of the program
 * @param configuration SHA-256 of the resolved configuration
 * @param facts what else is written of the run: versions, processor, input
 * @param files every file but the manifest and {@code _SUCCESS}, by its path within the folder
 */
record Manifest(
    String run,
    String command,
    String program,
    String configuration,
    Map<String, Object> facts,
    Map<String, Entry> files) {
  static final String NAME = "manifest.json";

  /** The value of the key {@code program}, by which a manifest is known. */
  private static final String PROGRAM = "spark-curvature";

  private static final ObjectMapper MAPPER = new ObjectMapper();

  /** Nobody's manifest is longer: a thousand bytes for each of half a million files. */
  private static final int LONGEST = 512 << 20;

  Manifest {
    requireNonNull(run);
    requireNonNull(command);
    facts = new LinkedHashMap<>(facts);
    files = new TreeMap<>(files);
  }

  /**
   * A file of the result.
   *
   * @param bytes its length
   * @param sha256 of its content, in hexadecimal digits; empty for files of tables
   * @param rows of a file of a table
   */
  record Entry(long bytes, Optional<String> sha256, OptionalLong rows) {
    static Entry of(long bytes) {
      return new Entry(bytes, Optional.empty(), OptionalLong.empty());
    }

    private Map<String, Object> toJson(String path) {
      Map<String, Object> object = new LinkedHashMap<>();
      object.put("path", path);
      object.put("bytes", bytes);
      sha256.ifPresent(sum -> object.put("sha256", sum));
      rows.ifPresent(count -> object.put("rows", count));
      return object;
    }
  }

  void write(OutputStream out) throws IOException {
    Map<String, Object> object = new LinkedHashMap<>();
    object.put("program", PROGRAM);
    object.put("version", program);
    object.put("run_id", run);
    object.put("command", command);
    object.put("configuration_sha256", configuration);
    object.putAll(facts);
    List<Object> listed = new ArrayList<>();
    files.forEach((path, entry) -> listed.add(entry.toJson(path)));
    object.put("files", listed);
    Json.write(out, object);
  }

  /** The manifest in a folder; empty where there is none, or none that this program wrote. */
  static Optional<Manifest> read(FileSystem files, Path folder) throws IOException {
    Path path = new Path(folder, NAME);
    try {
      if (files.getFileStatus(path).getLen() > LONGEST) {
        return Optional.empty();
      }
      try (InputStream in = files.open(path)) {
        return of(in.readAllBytes());
      }
    } catch (FileNotFoundException e) {
      return Optional.empty();
    }
  }

  /** What {@link #write} wrote; empty for anything else. */
  static Optional<Manifest> of(byte[] json) {
    JsonNode object;
    try {
      object = MAPPER.readTree(json);
    } catch (IOException e) {
      return Optional.empty();
    }
    if (object == null
        || !PROGRAM.equals(object.path("program").textValue())
        || !object.path("run_id").isTextual()
        || !object.path("files").isArray()) {
      return Optional.empty();
    }
    Map<String, Entry> files = new TreeMap<>();
    for (JsonNode file : object.get("files")) {
      if (!file.path("path").isTextual() || !file.path("bytes").isIntegralNumber()) {
        return Optional.empty();
      }
      JsonNode rows = file.path("rows");
      files.put(
          file.get("path").textValue(),
          new Entry(
              file.get("bytes").longValue(),
              Optional.ofNullable(file.path("sha256").textValue()),
              rows.isIntegralNumber() ? OptionalLong.of(rows.longValue()) : OptionalLong.empty()));
    }
    return Optional.of(
        new Manifest(
            object.get("run_id").textValue(),
            object.path("command").asText(),
            object.path("version").asText(),
            object.path("configuration_sha256").asText(),
            Map.of(),
            files));
  }

  /** How {@code found}, lengths by path, differs from what is listed; empty if it does not. */
  Optional<String> difference(Map<String, Long> found) {
    for (Map.Entry<String, Entry> file : files.entrySet()) {
      Long bytes = found.get(file.getKey());
      if (bytes == null) {
        return Optional.of(file.getKey() + " is missing");
      } else if (bytes != file.getValue().bytes()) {
        return Optional.of(
            "%s has %,d bytes, and %,d were written"
                .formatted(file.getKey(), bytes, file.getValue().bytes()));
      }
    }
    return found.keySet().stream()
        .filter(path -> !files.containsKey(path))
        .findFirst()
        .map(path -> path + " was not written by this run");
  }
}
