package org.sparkcurvature.job.sink;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.sparkcurvature.job.config.OutputConfig;
import org.sparkcurvature.job.config.OutputMode;
import org.sparkcurvature.job.errors.Errors;

/**
 * The folder of one run's result, on any Hadoop file system. It is complete if and only if it holds
 * {@code _SUCCESS}.
 *
 * <p>Entries are written to a staging folder within it, {@code _incomplete-<id>}, which readers of
 * Spark and Hive pass over. {@link #commit} removes {@code _SUCCESS}, then what else was there,
 * moves the staged entries to their places and creates {@code _SUCCESS} last: a reader finds the
 * old result, none, or the new one. A run that dies between these steps leaves no {@code _SUCCESS}.
 * The staging folder lies within the result, not beside it, so that moving never crosses a volume
 * and writing into a mounted folder needs no rights on its parent.
 *
 * <p>Object stores have no move; there entries are written to their places, and the old result is
 * removed, {@code _SUCCESS} first, when the first entry is asked for.
 *
 * <p>Closing without a commit removes what was written, and the folders that this run created.
 */
public final class OutputFolder implements AutoCloseable {
  private static final String SUCCESS = "_SUCCESS";
  private static final String STAGING = "_incomplete-";

  /** Schemes of stores where a move is a copy. */
  private static final Set<String> OBJECT_STORES =
      Set.of("s3", "s3a", "s3n", "gs", "wasb", "wasbs", "oss", "obs", "cos", "cosn", "swift");

  private final FileSystem files;
  private final Configuration configuration;
  private final Path root;
  private final Path staging;
  private final boolean staged;
  private final List<Path> created;
  private boolean cleared;
  private boolean committed;

  private OutputFolder(FileSystem files, Configuration configuration, Path root)
      throws IOException {
    this.files = files;
    this.configuration = configuration;
    this.root = root;
    this.staged = !OBJECT_STORES.contains(String.valueOf(files.getUri().getScheme()));
    this.staging = staged ? new Path(root, STAGING + UUID.randomUUID()) : root;
    this.created = missing();
  }

  /**
   * Makes sure, before anything is computed, that the result can be written.
   *
   * @param output the block {@code output} of the configuration
   * @param inputs the paths and globs that the run reads; they must not lie in a folder that is to
   *     be replaced
   * @param configuration how Hadoop reaches its file systems
   * @return the folder to write to; empty if the mode is {@link OutputMode#IGNORE} and a complete
   *     result is there
   * @throws org.sparkcurvature.job.errors.JobException if the folder exists under {@link
   *     OutputMode#ERROR}, if it cannot be written, or if it holds the input
   */
  public static Optional<OutputFolder> open(
      OutputConfig output, List<String> inputs, Configuration configuration) {
    FileSystem files = null;
    boolean handedOn = false;
    try {
      Path path = new Path(output.path());
      files = FileSystem.newInstance(path.toUri(), configuration);
      // Checksum files beside each file are of no use to readers of these.
      files.setWriteChecksum(false);
      Path root = files.makeQualified(path);
      if (files.exists(root)) {
        boolean complete = files.exists(new Path(root, SUCCESS));
        if (!files.getFileStatus(root).isDirectory()) {
          throw Errors.outputNotWritable(root.toString(), "it is a file, not a folder");
        }
        if (output.mode() == OutputMode.ERROR) {
          throw Errors.outputExists(
              root + (complete ? "" : " (without _SUCCESS: not a complete result)"));
        }
        if (output.mode() == OutputMode.IGNORE && complete) {
          return Optional.empty();
        }
        refuseToReplace(root, inputs, configuration);
      }
      if (root.isRoot()) {
        throw Errors.outputNotWritable(root.toString(), "it is the root of the file system");
      }
      OutputFolder folder = new OutputFolder(files, configuration, root);
      folder.probe();
      handedOn = true;
      return Optional.of(folder);
    } catch (IOException | IllegalArgumentException e) {
      throw Errors.outputNotWritable(output.path(), reason(e));
    } finally {
      if (files != null && !handedOn) {
        closeQuietly(files);
      }
    }
  }

  /** The folder itself, with its scheme. */
  public Path path() {
    return root;
  }

  /**
   * Where to write an entry of the result: a file, or a folder of files.
   *
   * @param name a simple name
   */
  public Path entry(String name) {
    try {
      if (!staged && !cleared) {
        clear();
      }
      return new Path(staging, name);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Creates an entry that is one file. */
  OutputStream create(String name) throws IOException {
    return files.create(entry(name), true);
  }

  Configuration configuration() {
    return configuration;
  }

  /**
   * Makes the result visible, {@code _SUCCESS} last.
   *
   * @throws UncheckedIOException if the file system refuses; the result is then incomplete
   */
  public void commit() {
    try {
      if (staged || !cleared) {
        clear();
      }
      if (staged) {
        for (FileStatus entry : files.listStatus(staging)) {
          Path target = new Path(root, entry.getPath().getName());
          if (!files.rename(entry.getPath(), target)) {
            throw new IOException("cannot move " + entry.getPath() + " to " + target);
          }
        }
        files.delete(staging, true);
      }
      files.create(new Path(root, SUCCESS), true).close();
      committed = true;
    } catch (IOException e) {
      throw new UncheckedIOException("the result at " + root + " could not be completed", e);
    }
  }

  /** Removes what was written unless it was committed. Does not fail: there may be nothing left. */
  @Override
  public void close() {
    if (!committed) {
      abandonQuietly();
    }
    closeQuietly(files);
  }

  private void abandonQuietly() {
    try {
      abandon();
    } catch (IOException e) {
      // Without _SUCCESS nothing of it is read; the reason why the run failed matters more.
    }
  }

  private void abandon() throws IOException {
    if (cleared) {
      clear();
    }
    if (staged) {
      delete(staging);
    }
    // Not recursively: another run may have written beside this one by now.
    for (Path folder : created) {
      files.delete(folder, false);
    }
  }

  private static void closeQuietly(FileSystem files) {
    try {
      files.close();
    } catch (IOException e) {
      // Everything written was closed before; nothing depends on this.
    }
  }

  /** Creates the staging folder and a file in it: the only way to know that it can be done. */
  private void probe() throws IOException {
    try {
      if (!files.mkdirs(staging)) {
        throw new IOException("the folder cannot be created");
      }
      if (staged) {
        files.deleteOnExit(staging);
      }
      Path probe = new Path(staging, STAGING + "probe");
      files.create(probe, true).close();
      files.delete(probe, false);
    } catch (IOException e) {
      abandonQuietly();
      throw e;
    }
  }

  /** Removes everything but the staging folder, {@code _SUCCESS} first. */
  private void clear() throws IOException {
    delete(new Path(root, SUCCESS));
    if (files.exists(root)) {
      for (FileStatus entry : files.listStatus(root)) {
        if (!entry.getPath().getName().equals(staging.getName())) {
          delete(entry.getPath());
        }
      }
    }
    cleared = true;
  }

  private void delete(Path path) throws IOException {
    if (!files.delete(path, true) && files.exists(path)) {
      throw new IOException("cannot remove " + path);
    }
  }

  /** The folders that have to be created for {@code root}, itself first. */
  private List<Path> missing() throws IOException {
    List<Path> missing = new ArrayList<>();
    for (Path path = root; path != null && !files.exists(path); path = path.getParent()) {
      missing.add(path);
    }
    return missing;
  }

  private static void refuseToReplace(Path root, List<String> inputs, Configuration configuration)
      throws IOException {
    for (String input : inputs) {
      Path path = new Path(input);
      FileSystem files = path.getFileSystem(configuration);
      for (Path at = files.makeQualified(path); at != null; at = at.getParent()) {
        if (at.equals(root)) {
          throw Errors.outputNotWritable(
              root.toString(), "it holds the input " + input + ", which would be removed");
        }
      }
    }
  }

  private static String reason(Exception e) {
    String message = String.valueOf(e.getMessage()).lines().findFirst().orElse("");
    String kind =
        e.getClass()
            .getSimpleName()
            .replaceAll("Exception$", "")
            .replaceAll("(?<=.)([A-Z])", " $1");
    return kind.toLowerCase(Locale.ROOT) + ": " + message;
  }
}
