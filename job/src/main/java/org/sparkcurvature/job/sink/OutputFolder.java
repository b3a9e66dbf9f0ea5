package org.sparkcurvature.job.sink;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSError;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.GlobPattern;
import org.apache.hadoop.fs.Path;
import org.sparkcurvature.job.config.OutputConfig;
import org.sparkcurvature.job.config.OutputMode;
import org.sparkcurvature.job.errors.Errors;
import org.sparkcurvature.job.errors.Failures;
import org.sparkcurvature.job.errors.JobException;

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
 * removed, {@code _SUCCESS} first, when the first entry is asked for. {@code _incomplete-<id>} is
 * an empty file there.
 *
 * <p>Only a folder that looks like a result, complete or not, is ever replaced: one that holds
 * {@code summary.json}, {@code config.conf} or {@code _incomplete-*}. ({@code _SUCCESS} does not
 * tell: every Spark job leaves one.)
 *
 * <p>{@code _incomplete-<id>} is a lock as well: it names its run's process, and the run renews a
 * sign of life in it every minute. Another run is refused while it is alive; where its process has
 * ended, or has given no sign for ten minutes, it is removed together with the old result. Of two
 * runs that begin at the same moment both may be refused, never none.
 *
 * <p>Closing without a commit removes what was written, and the folders that this run created.
 */
public final class OutputFolder implements AutoCloseable {
  private static final String SUCCESS = "_SUCCESS";
  private static final String NOT_CONVERGED = "_NOT_CONVERGED";
  private static final String STAGING = "_incomplete-";

  /** In a staging folder: a file as young as the last sign of life of its run. */
  private static final String ALIVE = "_alive";

  private static final Duration SIGNS_EVERY = Duration.ofMinutes(1);
  private static final Duration DEAD_AFTER = Duration.ofMinutes(10);

  /** What every complete result holds, beside {@code _SUCCESS}. */
  private static final Set<String> OF_A_RESULT = Set.of("summary.json", "config.conf");

  /** Schemes of stores where a move is a copy. */
  private static final Set<String> OBJECT_STORES =
      Set.of("s3", "s3a", "s3n", "gs", "wasb", "wasbs", "oss", "obs", "cos", "cosn", "swift");

  private final FileSystem files;
  private final Configuration configuration;
  private final Path root;
  private final Path mark;
  private final Path staging;
  private final ScheduledExecutorService signs;
  private final boolean staged;
  private final List<Path> created;
  private boolean cleared;
  private boolean committed;

  private OutputFolder(FileSystem files, Configuration configuration, Path root)
      throws IOException {
    this.files = files;
    this.configuration = configuration;
    this.root = root;
    this.staged = !isObjectStore(files.getUri());
    this.mark = new Path(root, STAGING + UUID.randomUUID());
    this.staging = staged ? mark : root;
    this.signs =
        Executors.newSingleThreadScheduledExecutor(
            task -> {
              Thread thread = new Thread(task, "signs of life");
              thread.setDaemon(true);
              return thread;
            });
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
   *     OutputMode#ERROR}, if it cannot be written, or if it holds the input or anything that is no
   *     result
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
      refuseAmongInputs(root, inputs, configuration);
      if (root.isRoot()) {
        throw Errors.outputNotWritable(root.toString(), "it is the root of the file system");
      }
      refuseForeign(files, root);
      OutputFolder folder = new OutputFolder(files, configuration, root);
      folder.refuseSecond();
      folder.probe();
      handedOn = true;
      return Optional.of(folder);
    } catch (IOException | IllegalArgumentException | FSError e) {
      throw Errors.outputNotWritable(output.path(), reason(e), e);
    } finally {
      if (files != null && !handedOn) {
        closeQuietly(files);
      }
    }
  }

  /** Whether a store has objects, which are not moved, rather than files. */
  static boolean isObjectStore(URI uri) {
    return OBJECT_STORES.contains(String.valueOf(uri.getScheme()));
  }

  /** The folder itself, with its scheme. */
  public Path path() {
    return root;
  }

  /**
   * What its file system can still take; empty where that is not known, as of object stores. A
   * result that is to be replaced is still there: it goes when the new one is complete.
   */
  public Optional<FreeSpace> space() {
    return staged ? FreeSpace.of(files, root) : Optional.empty();
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
      throw Errors.resultNotWritten(root.toString(), Failures.reason(e), e);
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
   * @throws org.sparkcurvature.job.errors.JobException with exit code 5 if the file system refuses;
   *     the result is then incomplete
   */
  public void commit() {
    commit(SUCCESS);
  }

  /**
   * Makes what was reached visible, marked as no answer: {@code _NOT_CONVERGED} is there in place
   * of {@code _SUCCESS}, which whoever waits for a complete result does not find.
   *
   * @throws org.sparkcurvature.job.errors.JobException with exit code 5 if the file system refuses
   */
  public void commitNotConverged() {
    commit(NOT_CONVERGED);
  }

  private void commit(String last) {
    endSigns();
    try {
      if (staged || !cleared) {
        clear();
      }
      if (staged) {
        for (FileStatus entry : files.listStatus(staging)) {
          Path target = new Path(root, entry.getPath().getName());
          if (!target.getName().equals(ALIVE) && !files.rename(entry.getPath(), target)) {
            throw new IOException("cannot move " + entry.getPath() + " to " + target);
          }
        }
      }
      files.delete(mark, true);
      files.create(new Path(root, last), true).close();
      committed = true;
    } catch (IOException e) {
      throw Errors.resultNotWritten("the result at " + root, Failures.reason(e), e);
    }
  }

  /** Removes what was written unless it was committed. Does not fail: there may be nothing left. */
  @Override
  public void close() {
    endSigns();
    if (!committed) {
      abandonQuietly();
    }
    closeQuietly(files);
  }

  /** Where this run's last sign of life is. */
  private Path sign() {
    return staged ? new Path(mark, ALIVE) : mark;
  }

  private void writeSign() throws IOException {
    try (OutputStream out = files.create(sign(), true)) {
      out.write(RunProcess.here().toString().getBytes(StandardCharsets.UTF_8));
    }
  }

  private void giveSign() {
    try {
      writeSign();
    } catch (IOException | RuntimeException | FSError e) {
      // The next one may succeed. If none does, writing fails, too, and says so.
    }
  }

  /** When this returns, no sign will be given any more: it would bring back a folder that went. */
  private void endSigns() {
    signs.shutdown();
    try {
      signs.awaitTermination(SIGNS_EVERY.toSeconds(), TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Refuses to write where another run does. */
  private void refuseSecond() throws IOException {
    if (!files.exists(root)) {
      return;
    }
    for (FileStatus entry : files.listStatus(root)) {
      if (!entry.getPath().getName().equals(mark.getName())) {
        Optional<FileStatus> sign = sign(entry);
        if (sign.isPresent() && isAlive(sign.get())) {
          throw Errors.outputInUse(
              root.toString(),
              process(sign.get()).toString(),
              Instant.ofEpochMilli(sign.get().getModificationTime()),
              DEAD_AFTER);
        }
      }
    }
  }

  /** The last sign of life of the run that an entry belongs to, where it belongs to one. */
  private Optional<FileStatus> sign(FileStatus entry) throws IOException {
    if (!entry.getPath().getName().startsWith(STAGING)) {
      return Optional.empty();
    } else if (!entry.isDirectory()) {
      return Optional.of(entry);
    }
    try {
      return Optional.of(files.getFileStatus(new Path(entry.getPath(), ALIVE)));
    } catch (FileNotFoundException e) {
      return Optional.empty();
    }
  }

  private boolean isAlive(FileStatus sign) throws IOException {
    return System.currentTimeMillis() - sign.getModificationTime() < DEAD_AFTER.toMillis()
        && !process(sign).hasEnded();
  }

  private RunProcess process(FileStatus sign) throws IOException {
    try (InputStream in = files.open(sign.getPath())) {
      return RunProcess.of(new String(in.readAllBytes(), StandardCharsets.UTF_8));
    } catch (FileNotFoundException e) {
      return RunProcess.of("");
    }
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
    delete(mark);
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

  /** Creates the folder and a sign of life in it: the only way to know that it can be done. */
  private void probe() throws IOException {
    try {
      if (!files.mkdirs(staging)) {
        throw new IOException("the folder cannot be created");
      }
      files.deleteOnExit(mark);
      writeSign();
      refuseSecond();
      var unused =
          signs.scheduleAtFixedRate(
              this::giveSign, SIGNS_EVERY.toSeconds(), SIGNS_EVERY.toSeconds(), TimeUnit.SECONDS);
    } catch (IOException | JobException | FSError e) {
      endSigns();
      abandonQuietly();
      throw e;
    }
  }

  /** Removes everything but what this run is writing, {@code _SUCCESS} first. */
  private void clear() throws IOException {
    delete(new Path(root, SUCCESS));
    if (files.exists(root)) {
      for (FileStatus entry : files.listStatus(root)) {
        // A run that is alive now was refused, or will be.
        if (!entry.getPath().getName().equals(mark.getName())) {
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

  /** Refuses a folder that the next run would read. Readers pass over _names and .names. */
  private static void refuseAmongInputs(Path root, List<String> inputs, Configuration configuration)
      throws IOException {
    for (String input : inputs) {
      Path path = new Path(input);
      Path read = path.getFileSystem(configuration).makeQualified(path);
      for (Path at = root; at.getParent() != null && !isHidden(at); at = at.getParent()) {
        if (isMatch(read, at)) {
          throw Errors.outputAmongInputs(root.toString(), input);
        }
      }
    }
  }

  private static boolean isHidden(Path path) {
    return path.getName().startsWith("_") || path.getName().startsWith(".");
  }

  /** Whether a path is one that a glob names, or that path itself. */
  private static boolean isMatch(Path glob, Path path) {
    if (glob.equals(path)) {
      return true;
    }
    if (glob.getParent() == null || path.getParent() == null) {
      return false;
    }
    return new GlobPattern(glob.getName()).matches(path.getName())
        && isMatch(glob.getParent(), path.getParent());
  }

  /** Refuses to replace a folder that is neither empty nor a result. */
  private static void refuseForeign(FileSystem files, Path root) throws IOException {
    if (!files.exists(root)) {
      return;
    }
    List<String> found = new ArrayList<>();
    for (FileStatus entry : files.listStatus(root)) {
      found.add(entry.getPath().getName());
    }
    if (!found.isEmpty()
        && found.stream()
            .noneMatch(name -> OF_A_RESULT.contains(name) || name.startsWith(STAGING))) {
      Collections.sort(found);
      throw Errors.outputNotAResult(root.toString(), found);
    }
  }

  private static String reason(Throwable e) {
    if (e instanceof FSError) { // Hadoop has an error of its own for a full disk.
      return Failures.reason(e);
    }
    String message = String.valueOf(e.getMessage()).lines().findFirst().orElse("");
    String kind =
        e.getClass()
            .getSimpleName()
            .replaceAll("Exception$", "")
            .replaceAll("(?<=.)([A-Z])", " $1");
    return kind.toLowerCase(Locale.ROOT) + ": " + message;
  }
}
