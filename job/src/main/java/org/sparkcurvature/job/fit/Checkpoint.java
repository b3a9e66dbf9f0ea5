package org.sparkcurvature.job.fit;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSError;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.sparkcurvature.job.errors.Errors;
import org.sparkcurvature.job.errors.Failures;

/**
 * The folder that keeps the last states of a fit, {@code state-<iteration>.json}. A file that a
 * crash left half-written is passed over: the one before it is still there.
 */
public final class Checkpoint {
  private static final String PREFIX = "state-";
  private static final String SUFFIX = ".json";
  private static final int KEPT = 2;
  private static final ObjectMapper MAPPER = new ObjectMapper();

  private final FileSystem files;
  private final Path folder;
  private final String fit;

  /** A state, and which fit it is of. */
  record Entry(String fit, FitState state) {}

  private Checkpoint(FileSystem files, Path folder, String fit) {
    this.files = files;
    this.folder = folder;
    this.fit = fit;
  }

  /**
   * Opens a folder, whether there is one or not.
   *
   * @param location on any Hadoop file system
   * @param fit what tells this fit from others
   * @throws org.sparkcurvature.job.errors.JobException with exit code 2 if it cannot be reached
   */
  public static Checkpoint open(String location, String fit, Configuration configuration) {
    try {
      Path folder = new Path(location);
      return new Checkpoint(folder.getFileSystem(configuration), folder, fit);
    } catch (IOException | IllegalArgumentException e) {
      throw Errors.checkpoint(location, Failures.reason(e));
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
        }
      }
      return Optional.empty();
    } catch (IOException e) {
      throw Errors.checkpoint(folder.toString(), Failures.reason(e));
    }
  }

  /** Empty for what is not whole. */
  private Optional<Entry> read(Path path) throws IOException {
    byte[] bytes;
    try (InputStream in = files.open(path)) {
      bytes = in.readAllBytes();
    }
    try {
      return Optional.of(MAPPER.readValue(bytes, Entry.class));
    } catch (JsonProcessingException e) {
      return Optional.empty();
    }
  }

  /**
   * Keeps a state, and the one before it.
   *
   * @throws org.sparkcurvature.job.errors.JobException with exit code 5 if it cannot be written
   */
  public void keep(FitState state) {
    Path path = new Path(folder, "%s%010d%s".formatted(PREFIX, state.iteration(), SUFFIX));
    try {
      try (OutputStream out = files.create(path, true)) {
        out.write(MAPPER.writeValueAsBytes(new Entry(fit, state)));
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
      if (files.exists(folder) && files.listStatus(folder).length == 0) {
        files.delete(folder, false);
      }
    } catch (IOException e) {
      throw Errors.resultNotWritten(folder.toString(), Failures.reason(e), e);
    }
  }

  /** The earliest first. */
  private List<Path> states() throws IOException {
    try {
      return new ArrayList<>(
          Arrays.stream(files.listStatus(folder))
              .map(FileStatus::getPath)
              .filter(p -> p.getName().startsWith(PREFIX) && p.getName().endsWith(SUFFIX))
              .sorted()
              .toList());
    } catch (FileNotFoundException e) {
      return new ArrayList<>();
    }
  }
}
