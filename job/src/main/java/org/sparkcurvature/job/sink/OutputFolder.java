package org.sparkcurvature.job.sink;

import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSError;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.sparkcurvature.job.config.OutputConfig;
import org.sparkcurvature.job.config.OutputMode;
import org.sparkcurvature.job.errors.Errors;
import org.sparkcurvature.job.errors.Failures;
import org.sparkcurvature.job.errors.JobException;
import org.sparkcurvature.job.source.InputListing;

/**
 * The folder of one run's result, on any Hadoop file system. It is complete if and only if it holds
 * {@code _SUCCESS}, and is then as {@code manifest.json} lists it.
 *
 * <p>Entries are written to the run's own {@link Mark} within it, {@code _incomplete-<id>}, which
 * readers of Spark and Hive pass over: within the result, not beside it, so that moving never
 * crosses a volume and writing into a mounted folder needs no rights on its parent. {@link #commit}
 * compares what is there with what was written, moves the old result into the mark, {@code
 * _SUCCESS} first, and the new one out of it, {@code _SUCCESS} last. At every moment the folder
 * holds entries of one result at most. {@code _SUCCESS} holds the run's name: whoever finds the
 * same one before and after reading has read one result.
 *
 * <p>Every step is a move out of the mark or into it. Where another run has taken the folder over,
 * the mark is gone, and the step fails: a run that does not own its folder any more signs nothing.
 * A commit that fails puts the old result back.
 *
 * <p>Object stores have no move; there entries are written to their places, and the old result is
 * removed, {@code _SUCCESS} first, when the first entry is asked for.
 *
 * <p>Only what the manifest of an earlier result lists is ever removed. A folder that holds
 * anything else is refused.
 *
 * <p>Closing without a commit removes what was written, and the folders that this run created.
 */
public final class OutputFolder implements AutoCloseable {
  static final String SUCCESS = "_SUCCESS";
  static final String NOT_CONVERGED = "_NOT_CONVERGED";

  /** Schemes of stores where a move is a copy. */
  private static final Set<String> OBJECT_STORES =
      Set.of("s3", "s3a", "s3n", "gs", "wasb", "wasbs", "oss", "obs", "cos", "cosn", "swift");

  private final FileSystem files;
  private final Configuration configuration;
  private final Path root;
  private final Mark mark;
  private final boolean staged;
  private final boolean replacing;
  private final RunIdentity identity;
  private final List<Path> created;
  private final Set<String> entries = new LinkedHashSet<>();
  private final WrittenFiles written;
  private Optional<InputListing> input = Optional.empty();
  private boolean cleared;
  private boolean committed;

  private OutputFolder(
      FileSystem files,
      Configuration configuration,
      Path root,
      Mark mark,
      boolean replacing,
      RunIdentity identity)
      throws IOException {
    this.files = files;
    this.configuration = configuration;
    this.root = root;
    this.staged = !isObjectStore(files.getUri());
    this.mark = mark;
    this.replacing = replacing;
    this.identity = identity;
    this.written = new WrittenFiles(files, configuration);
    this.created = missing();
  }

  /**
   * Makes sure, before anything is computed, that the result can be written. Where a run of another
   * machine may be writing it this takes up to a minute and a half.
   *
   * @param output the block {@code output} of the configuration
   * @param inputs the paths and globs that the run reads; they must not lie in a folder that is to
   *     be replaced
   * @param identity what the run is
   * @param configuration how Hadoop reaches its file systems
   * @return the folder to write to; empty if the mode is {@link OutputMode#IGNORE} and the complete
   *     result of the same configuration and program is there
   * @throws org.sparkcurvature.job.errors.JobException if the folder exists under {@link
   *     OutputMode#ERROR}, if it cannot be written, if it holds the input or anything that no
   *     manifest lists, or, under {@link OutputMode#IGNORE}, the result of something else
   */
  public static Optional<OutputFolder> open(
      OutputConfig output, List<String> inputs, RunIdentity identity, Configuration configuration) {
    return open(output, inputs, identity, configuration, Mark.Timing.USUAL);
  }

  static Optional<OutputFolder> open(
      OutputConfig output,
      List<String> inputs,
      RunIdentity identity,
      Configuration configuration,
      Mark.Timing timing) {
    FileSystem files = null;
    boolean handedOn = false;
    try {
      Path path = new Path(output.path());
      files = FileSystem.newInstance(path.toUri(), configuration);
      // Checksum files beside each file are of no use to readers of these.
      files.setWriteChecksum(false);
      Path root = OutputPlace.real(files, path);
      boolean exists = files.exists(root);
      FileStatus status = exists ? files.getFileStatus(root) : null;
      if (exists && !status.isDirectory()) {
        // Of https everything is there, with a length of -1.
        throw Errors.outputNotWritable(
            root.toString(),
            status.getLen() < 0 ? Errors.TAKES_NO_FILES : "it is a file, not a folder");
      }
      boolean complete = exists && files.exists(new Path(root, SUCCESS));
      if (exists && output.mode() == OutputMode.ERROR) {
        throw Errors.outputExists(
            root + (complete ? "" : " (without _SUCCESS: not a complete result)"));
      }
      if (root.isRoot()) {
        throw Errors.outputNotWritable(root.toString(), "it is the root of the file system");
      }
      boolean inPlace = isObjectStore(files.getUri());
      if (complete && output.mode() == OutputMode.IGNORE && isOf(identity, files, root)) {
        Mark.removeDead(files, root, inPlace, timing);
        return Optional.empty();
      }
      OutputPlace.refuseInputs(root, inputs, exists, configuration);
      OutputPlace.refuseForeign(files, root);
      Mark mark = new Mark(files, root, inPlace, timing);
      OutputFolder folder = new OutputFolder(files, configuration, root, mark, exists, identity);
      folder.begin();
      handedOn = true;
      return Optional.of(folder);
    } catch (IOException | IllegalArgumentException | UnsupportedOperationException | FSError e) {
      throw Errors.outputNotWritable(output.path(), reason(e), e);
    } finally {
      if (files != null && !handedOn) {
        closeQuietly(files);
      }
    }
  }

  /**
   * Whether a folder with {@code _SUCCESS} holds the whole result that a run would write.
   *
   * @throws org.sparkcurvature.job.errors.JobException if it is the result of something else
   */
  private static boolean isOf(RunIdentity identity, FileSystem files, Path root)
      throws IOException {
    Manifest manifest =
        Manifest.read(files, root)
            .orElseThrow(
                () ->
                    Errors.outputOfAnother(
                        root.toString(), "it has no manifest.json of this program"));
    if (!manifest.configuration().equals(identity.configuration())) {
      throw Errors.outputOfAnother(root.toString(), "it was made with another configuration");
    } else if (!manifest.program().equals(identity.program())) {
      throw Errors.outputOfAnother(
          root.toString(),
          "it was made by version %s, and this is %s"
              .formatted(manifest.program(), identity.program()));
    }
    Map<String, Long> found = OutputPlace.listing(files, root);
    found.keySet().retainAll(manifest.files().keySet());
    return manifest.difference(found).isEmpty();
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
   * Hears what the run reads, for the manifest.
   *
   * @throws org.sparkcurvature.job.errors.JobException if the folder holds some of it, or is among
   *     it
   */
  public void reads(InputListing listing) {
    try {
      OutputPlace.refuseListed(root, listing, replacing, configuration);
      input = Optional.of(listing);
    } catch (IOException | IllegalArgumentException e) {
      throw Errors.outputNotWritable(root.toString(), reason(e), e);
    }
  }

  /**
   * Refuses a path of the run within this folder, where nothing but the result may be.
   *
   * @param key of the configuration that names it
   */
  public void refuseWithin(String key, String path) {
    try {
      Path other = new Path(path);
      if (OutputPlace.isWithin(OutputPlace.real(other.getFileSystem(configuration), other), root)) {
        throw Errors.configuration(
            "%s lies in the output %s, which holds the result alone".formatted(path, root),
            key,
            "name a place outside the output");
      }
    } catch (IOException | IllegalArgumentException e) {
      throw Errors.configuration("%s: %s".formatted(path, reason(e)), key, "name another place");
    }
  }

  /**
   * Where to write an entry of the result: a file, or a folder of files.
   *
   * @param name a simple name
   */
  public Path entry(String name) {
    try {
      if (!staged) {
        mark.announce(name);
        if (!cleared) {
          clear();
        }
      }
      entries.add(name);
      return new Path(staged ? mark.path() : root, name);
    } catch (IOException e) {
      throw Errors.resultNotWritten(root.toString(), Failures.reason(e), e);
    }
  }

  /** Creates an entry that is one file. */
  OutputStream create(String name) throws IOException {
    Path path = entry(name);
    return written.counting(name, staged ? mark.create(name) : files.create(path, true));
  }

  /** Takes down what an entry consists of that is a folder, when all of it is written. */
  void wrote(String name) throws IOException {
    written.addFolder(name, entry(name));
  }

  /**
   * A file of the result, up to now.
   *
   * @param path within the folder
   * @param rows where it is part of a table whose rows are known
   */
  public record Listed(String path, long bytes, OptionalLong rows) {}

  /** The files that have been written. */
  public List<Listed> files() {
    return written.entries().entrySet().stream()
        .map(file -> new Listed(file.getKey(), file.getValue().bytes(), file.getValue().rows()))
        .toList();
  }

  /** What the run has read, where these are files. */
  public Optional<InputListing> input() {
    return input;
  }

  Configuration configuration() {
    return configuration;
  }

  /**
   * Makes the result visible, {@code _SUCCESS} last.
   *
   * @throws org.sparkcurvature.job.errors.JobException with exit code 5 if the file system refuses,
   *     if another run has taken the folder, or if what was written is not there any more
   */
  public void commit() {
    commit(SUCCESS);
  }

  /**
   * Makes what was reached visible, marked as no answer: {@code _NOT_CONVERGED} is there in place
   * of {@code _SUCCESS}, which whoever waits for a complete result does not find.
   *
   * @throws org.sparkcurvature.job.errors.JobException as {@link #commit} does
   */
  public void commitNotConverged() {
    commit(NOT_CONVERGED);
  }

  private void commit(String last) {
    try {
      for (String entry : entries) {
        // A folder that nobody said was finished.
        if (written.entries().keySet().stream().noneMatch(path -> isOf(entry, path))) {
          wrote(entry);
        }
      }
      refuseLost();
      Manifest manifest = manifest();
      if (staged) {
        commitMoving(manifest, last);
      } else {
        commitInPlace(manifest, last);
      }
      committed = true;
    } catch (IOException | FSError e) {
      throw isLost()
          ? Errors.outputLost(root.toString(), e)
          : Errors.resultNotWritten("the result at " + root, Failures.reason(e), e);
    } catch (JobException e) {
      throw isLost() ? Errors.outputLost(root.toString(), e) : e;
    }
    mark.close();
    try {
      Mark.delete(files, mark.path());
    } catch (IOException | FSError e) {
      // The result is complete. The next run removes what is left of this one.
    }
  }

  private static boolean isOf(String entry, String path) {
    return path.equals(entry) || path.startsWith(entry + "/");
  }

  private Manifest manifest() {
    Map<String, Object> facts = new LinkedHashMap<>();
    facts.put("versions", identity.versions());
    facts.put("processor", Processor.describe());
    input.ifPresent(
        listing -> {
          Map<String, Object> read = new LinkedHashMap<>();
          read.put("files", listing.files().size());
          read.put("bytes", listing.bytes());
          read.put("sha256", fingerprint(listing));
          facts.put("input", read);
        });
    return new Manifest(
        mark.run(),
        identity.command(),
        identity.program(),
        identity.configuration(),
        facts,
        written.entries());
  }

  /** SHA-256 of path, length and time of every file. */
  private static String fingerprint(InputListing listing) {
    Checksum checksum = new Checksum();
    for (InputListing.Entry file : listing.files()) {
      checksum.add("%s\t%d\t%d\n".formatted(file.path(), file.bytes(), file.modified()));
    }
    return checksum.hex();
  }

  private void refuseLost() throws IOException {
    if (!mark.isHeld()) {
      throw Errors.outputLost(root.toString(), null);
    }
  }

  private boolean isLost() {
    try {
      return !mark.isHeld();
    } catch (IOException e) {
      return false;
    }
  }

  /** A move that was made, or is to be. */
  private record Move(Path from, Path to) {}

  private void commitMoving(Manifest manifest, String last) throws IOException {
    Path own = mark.path();
    Map<String, Long> there = OutputPlace.listing(files, own);
    there.keySet().removeIf(path -> entries.stream().noneMatch(entry -> isOf(entry, path)));
    refuseDifference(manifest, there);
    try (OutputStream out = mark.create(Manifest.NAME)) {
      manifest.write(out);
    }
    try (OutputStream out = mark.create(last)) {
      sign(out);
    }
    Path replaced = new Path(own, Mark.REPLACED);
    List<Move> moves = new ArrayList<>();
    for (String name : replacedEntries()) {
      moves.add(new Move(new Path(root, name), new Path(replaced, name)));
    }
    // The manifest first: what is listed can be removed by the next run, should this one die.
    moves.add(new Move(new Path(own, Manifest.NAME), new Path(root, Manifest.NAME)));
    for (String name : entries) {
      moves.add(new Move(new Path(own, name), new Path(root, name)));
    }
    Deque<Move> made = new ArrayDeque<>();
    try {
      for (Move move : moves) {
        Moves.move(files, move.from(), move.to());
        made.push(move);
      }
      Map<String, Long> found = OutputPlace.listing(files, root);
      found.keySet().removeAll(OutputPlace.OF_THE_RUN);
      refuseDifference(manifest, found);
      Moves.move(files, new Path(own, last), new Path(root, last));
    } catch (IOException | JobException | FSError e) {
      undo(made);
      throw e;
    }
  }

  private void sign(OutputStream out) throws IOException {
    out.write((mark.run() + "\n").getBytes(StandardCharsets.UTF_8));
  }

  private void refuseDifference(Manifest manifest, Map<String, Long> found) {
    manifest
        .difference(found)
        .ifPresent(
            difference -> {
              throw Errors.outputChanged(root.toString(), difference);
            });
  }

  /** Names of what is to go, {@code _SUCCESS} first, the manifest that lists it last. */
  private List<String> replacedEntries() throws IOException {
    List<String> foreign = OutputPlace.foreign(files, root, Manifest.read(files, root));
    if (!foreign.isEmpty()) {
      throw Errors.outputChanged(
          root.toString(), "it holds " + foreign.get(0) + ", which no manifest lists");
    }
    List<String> names = new ArrayList<>();
    for (FileStatus entry : files.listStatus(root)) {
      String name = entry.getPath().getName();
      if (!Mark.isMark(name)) {
        names.add(name);
      }
    }
    names.sort(Comparator.comparingInt(OutputFolder::order).thenComparing(name -> name));
    return names;
  }

  private static int order(String name) {
    return name.equals(SUCCESS) || name.equals(NOT_CONVERGED)
        ? 0
        : name.equals(Manifest.NAME) ? 2 : 1;
  }

  /** Puts back what was moved, the last first. */
  private void undo(Deque<Move> made) {
    try {
      for (Move move : made) {
        Moves.move(files, move.to(), move.from());
      }
    } catch (IOException | FSError e) {
      // Without _SUCCESS nothing of it is read; the reason why the commit failed matters more.
    }
  }

  private void commitInPlace(Manifest manifest, String last) throws IOException {
    if (!cleared) {
      clear();
    }
    mark.announce(Manifest.NAME);
    mark.announce(last);
    try (OutputStream out = files.create(new Path(root, Manifest.NAME), true)) {
      manifest.write(out);
    }
    Map<String, Long> found = OutputPlace.listing(files, root);
    found.keySet().removeAll(OutputPlace.OF_THE_RUN);
    refuseDifference(manifest, found);
    refuseLost();
    Path signature = new Path(root, last);
    try (OutputStream out = files.create(signature, true)) {
      sign(out);
    }
    if (isLost()) {
      files.delete(signature, false);
      throw Errors.outputLost(root.toString(), null);
    }
  }

  /** Removes what was written unless it was committed. Does not fail: there may be nothing left. */
  @Override
  public void close() {
    mark.close();
    if (!committed) {
      abandonQuietly();
    }
    closeQuietly(files);
  }

  private void abandonQuietly() {
    try {
      abandon();
    } catch (IOException | JobException | FSError e) {
      // Without _SUCCESS nothing of it is read; the reason why the run failed matters more.
    }
  }

  private void abandon() throws IOException {
    boolean own = mark.isHeld();
    if (cleared && own) {
      for (String name : entries) {
        Mark.delete(files, new Path(root, name));
      }
      Mark.delete(files, new Path(root, Manifest.NAME));
    }
    Mark.delete(files, mark.path());
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

  /** Sets the mark: the only way to know that the folder can be written. */
  private void begin() throws IOException {
    try {
      mark.set();
    } catch (IOException | JobException | FSError e) {
      mark.close();
      abandonQuietly();
      throw e;
    }
  }

  /** Removes the old result, {@code _SUCCESS} first. */
  private void clear() throws IOException {
    refuseLost();
    for (String name : replacedEntries()) {
      Mark.delete(files, new Path(root, name));
    }
    cleared = true;
  }

  /** The folders that have to be created for {@code root}, itself first. */
  private List<Path> missing() throws IOException {
    List<Path> missing = new ArrayList<>();
    for (Path path = root; path != null && !files.exists(path); path = path.getParent()) {
      missing.add(path);
    }
    return missing;
  }

  private static String reason(Throwable e) {
    if (e instanceof FSError) { // Hadoop has an error of its own for a full disk.
      return Failures.reason(e);
    }
    if (e instanceof UnsupportedOperationException) {
      return Errors.TAKES_NO_FILES;
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
