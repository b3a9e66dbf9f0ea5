package org.sparkcurvature.job.fit;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.CharConversionException;
import java.io.EOFException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.zip.CRC32C;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.ChecksumException;
import org.apache.hadoop.fs.FSError;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.sparkcurvature.job.errors.Errors;
import org.sparkcurvature.job.errors.Failures;

/**
 * The folder that keeps the last two states of a fit, {@code state-<iteration>.json}. A state is
 * written under another name and renamed once it is whole, and carries a checksum: a process that
 * dies at any byte leaves the state before. A file that is not whole counts as not there.
 */
public final class Checkpoint {
  private static final String PREFIX = "state-";
  private static final String SUFFIX = ".json";
  private static final String UNFINISHED = ".unfinished";
  private static final int KEPT = 2;
  private static final ObjectMapper MAPPER = new ObjectMapper();

  private final FileSystem files;
  private final Path folder;
  private final String fit;
  private final Consumer<String> warnings;

  /** A state, and which fit it is of. */
  record Entry(String fit, FitState state) {
    Entry {
      requireNonNull(fit, "fit");
      requireNonNull(state, "state");
    }
  }

  private Checkpoint(FileSystem files, Path folder, String fit, Consumer<String> warnings) {
    this.files = files;
    this.folder = folder;
    this.fit = fit;
    this.warnings = warnings;
  }

  /**
   * Opens a folder, whether there is one or not.
   *
   * @param location on any Hadoop file system
   * @param fit what tells this fit from others
   * @param warnings is told of files that are passed over, in whole sentences
   * @throws org.sparkcurvature.job.errors.JobException with exit code 2 if it cannot be reached
   */
  public static Checkpoint open(
      String location, String fit, Configuration configuration, Consumer<String> warnings) {
    try {
      Path folder = new Path(location);
      return new Checkpoint(folder.getFileSystem(configuration), folder, fit, warnings);
    } catch (IOException | IllegalArgumentException | UnsupportedOperationException e) {
      throw Errors.checkpoint(location, e);
    }
  }

  /**
   * Makes sure, by writing a file and removing it, that states can be kept in a folder.
   *
   * @throws org.sparkcurvature.job.errors.JobException with exit code 2 if they cannot, with 5 if
   *     the store does not answer
   */
  public static void refuseUnusable(String location, Configuration configuration) {
    try {
      Path folder = new Path(location);
      FileSystem files = folder.getFileSystem(configuration);
      List<Path> created = new ArrayList<>();
      for (Path at = folder; at != null && !files.exists(at); at = at.getParent()) {
        created.add(at);
      }
      Path trial = new Path(folder, PREFIX + UUID.randomUUID() + SUFFIX + UNFINISHED);
      files.create(trial, true).close();
      files.delete(trial, false);
      for (Path empty : created) {
        files.delete(empty, false);
      }
    } catch (IOException | IllegalArgumentException | UnsupportedOperationException | FSError e) {
      throw Errors.checkpoint(location, e);
    }
  }

  /**
   * The last state; empty where there is none.
   *
   * @throws org.sparkcurvature.job.errors.JobException with exit code 2 if it is of another fit
   */
  public Optional<FitState> last() {
    try {
      List<Path> states = states();
      Collections.reverse(states);
      for (Path path : states) {
        Optional<Entry> entry = read(path);
        if (entry.isPresent() && !entry.get().fit().equals(fit)) {
          throw Errors.checkpoint(folder.toString(), "it holds the state of another fit");
        } else if (entry.isPresent()) {
          return Optional.of(entry.get().state());
        } else {
          warnings.accept(
              "The checkpoint "
                  + path
                  + " is not whole, and is passed over for the one before it.");
        }
      }
      return Optional.empty();
    } catch (IOException e) {
      throw Errors.checkpoint(folder.toString(), e);
    }
  }

  /** Empty for what is not whole. */
  private Optional<Entry> read(Path path) throws IOException {
    try (InputStream in = files.open(path)) {
      return entry(in.readAllBytes());
    } catch (ChecksumException | EOFException e) {
      return Optional.empty();
    }
  }

  /** What a file holds; empty if it is not whole. */
  static Optional<Entry> entry(byte[] bytes) throws IOException {
    try {
      JsonNode file = MAPPER.readTree(bytes);
      JsonNode content = file.path("content");
      if (!file.path("crc32c").asText().equals(checksum(content))) {
        return Optional.empty();
      }
      return Optional.ofNullable(MAPPER.treeToValue(content, Entry.class));
    } catch (JsonProcessingException | CharConversionException e) {
      return Optional.empty();
    }
  }

  /** The checksum of a state, as it is written. */
  static String checksum(JsonNode content) throws JsonProcessingException {
    CRC32C checksum = new CRC32C();
    checksum.update(MAPPER.writeValueAsBytes(content));
    return Long.toHexString(checksum.getValue());
  }

  /**
   * Keeps a state, and the one before it.
   *
   * @throws org.sparkcurvature.job.errors.JobException with exit code 5 if it cannot be written
   */
  public void keep(FitState state) {
    Path path = new Path(folder, "%s%010d%s".formatted(PREFIX, state.iteration(), SUFFIX));
    Path unfinished = path.suffix(UNFINISHED);
    try {
      JsonNode content = MAPPER.valueToTree(new Entry(fit, state));
      ObjectNode file = MAPPER.createObjectNode();
      file.put("crc32c", checksum(content)).set("content", content);
      try (OutputStream out = files.create(unfinished, true)) {
        out.write(MAPPER.writeValueAsBytes(file));
      }
      // A run that went on from an earlier state comes by this iteration again.
      files.delete(path, false);
      if (!files.rename(unfinished, path)) {
        throw new IOException("it could not be renamed from " + unfinished);
      }
      List<Path> states = states();
      for (Path old : states.subList(0, Math.max(0, states.size() - KEPT))) {
        files.delete(old, false);
      }
    } catch (IOException | FSError e) {
      throw Errors.resultNotWritten(path.toString(), Failures.reason(e), e);
    }
  }

  /** Forgets all states. */
  public void clear() {
    try {
      for (Path state : states()) {
        files.delete(state, false);
      }
      for (Path unfinished : named(SUFFIX + UNFINISHED)) {
        files.delete(unfinished, false);
      }
      if (files.exists(folder) && files.listStatus(folder).length == 0) {
        files.delete(folder, false);
      }
    } catch (IOException e) {
      throw Errors.resultNotWritten(folder.toString(), Failures.reason(e), e);
    }
  }

  /** The earliest first. */
  private List<Path> states() throws IOException {
    return named(SUFFIX);
  }

  private List<Path> named(String suffix) throws IOException {
    try {
      return new ArrayList<>(
          Arrays.stream(files.listStatus(folder))
              .map(FileStatus::getPath)
              .filter(p -> p.getName().startsWith(PREFIX) && p.getName().endsWith(suffix))
              .sorted()
              .toList());
    } catch (FileNotFoundException e) {
      return new ArrayList<>();
    }
  }
}
