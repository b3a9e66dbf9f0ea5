package org.sparkcurvature.job.sink;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.apache.hadoop.fs.CreateFlag;
import org.apache.hadoop.fs.FSError;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.permission.FsPermission;
import org.sparkcurvature.job.errors.Errors;

/**
 * By what a run owns the folder of its result: {@code _incomplete-<id>} in it, a folder with the
 * file {@code _alive}, or, in object stores, that file itself.
 *
 * <p>The sign names the process, holds a number that changes with each sign, and the names of
 * entries that are written in place. Whoever finds the sign of another run looks whether its
 * process runs, where that is on the same machine, and otherwise watches it: a sign that does not
 * change for a while belongs to a run that has ended. No clock is read for that but one's own, and
 * that only for how long it is watched.
 *
 * <p>A run takes over from one that has ended by moving its mark away, which is one step. Whatever
 * the other one then still moves out of its mark, or into it, is not there any more.
 */
final class Mark implements AutoCloseable {
  private static final String PREFIX = "_incomplete-";
  private static final String ALIVE = "_alive";

  /** In the mark: where the commit moves what it replaces. */
  static final String REPLACED = "_replaced";

  /** The last line of a sign: without it somebody is writing it just now. */
  private static final String END = "end";

  /** A mark is made first, and then has its sign. */
  private static final int LOOKS_FOR_A_SIGN = 5;

  /**
   * How often there are signs, and how they are watched.
   *
   * @param every between two signs
   * @param dead after so long without a change a run counts as ended
   * @param look between two looks at another run's sign
   */
  record Timing(Duration every, Duration dead, Duration look) {
    static final Timing USUAL =
        new Timing(Duration.ofSeconds(10), Duration.ofSeconds(90), Duration.ofSeconds(1));
  }

  private static final int BUFFER = 1 << 16;

  private final FileSystem files;
  private final Path root;
  private final boolean inPlace;
  private final Timing timing;
  private final String run = UUID.randomUUID().toString();
  private final Path path;
  private final List<String> names = new ArrayList<>();
  private final ScheduledExecutorService signs;
  private long given;

  /**
   * @param root the folder of the result
   * @param inPlace whether entries are written to their places
   */
  Mark(FileSystem files, Path root, boolean inPlace, Timing timing) {
    this.files = files;
    this.root = root;
    this.inPlace = inPlace;
    this.timing = timing;
    this.path = new Path(root, PREFIX + run);
    this.signs =
        Executors.newSingleThreadScheduledExecutor(
            task -> {
              Thread thread = new Thread(task, "signs of life");
              thread.setDaemon(true);
              return thread;
            });
  }

  /** Whether an entry of a result's folder belongs to a run, not to a result. */
  static boolean isMark(String name) {
    return name.startsWith(PREFIX);
  }

  /** The run's own name. */
  String run() {
    return run;
  }

  Path path() {
    return path;
  }

  /**
   * Puts the mark there and takes over from runs that have ended.
   *
   * @throws org.sparkcurvature.job.errors.JobException if another run is alive
   */
  void set() throws IOException {
    // The commit creates no folders: it would bring back what another run has taken.
    if (!files.mkdirs(inPlace ? root : new Path(path, REPLACED))) {
      throw new IOException("the folder cannot be created");
    }
    files.deleteOnExit(path);
    sign();
    var unused =
        signs.scheduleAtFixedRate(
            this::giveSign,
            timing.every().toMillis(),
            timing.every().toMillis(),
            TimeUnit.MILLISECONDS);
    for (Path other : others()) {
      Optional<RunProcess> alive = alive(other);
      if (alive.isPresent()) {
        throw Errors.outputInUse(root.toString(), alive.get().toString());
      }
      remove(other);
    }
  }

  /** Removes marks of runs that have ended; says nothing of those that have not. */
  static void removeDead(FileSystem files, Path root, boolean inPlace, Timing timing)
      throws IOException {
    try (Mark mark = new Mark(files, root, inPlace, timing)) {
      for (Path other : mark.others()) {
        if (mark.alive(other).isEmpty()) {
          mark.remove(other);
        }
      }
    }
  }

  /** Whether the folder is still this run's. */
  synchronized boolean isHeld() throws IOException {
    return sign(path).startsWith(RunProcess.here().toText() + "\n");
  }

  /** Says, before it is there, that an entry will be written in its place. */
  synchronized void announce(String name) throws IOException {
    if (!names.contains(name)) {
      names.add(name);
      sign();
    }
  }

  /** Names that the run of a mark wrote in their places. */
  static List<String> announced(FileSystem files, FileStatus mark) throws IOException {
    if (mark.isDirectory()) {
      return List.of();
    }
    try (InputStream in = files.open(mark.getPath())) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .skip(2)
          .filter(name -> !name.equals(END))
          .toList();
    } catch (FileNotFoundException e) {
      return List.of();
    }
  }

  /** When this returns, no sign will be given any more. */
  @Override
  public void close() {
    signs.shutdown();
    try {
      if (!signs.awaitTermination(timing.dead().toMillis(), TimeUnit.MILLISECONDS)) {
        signs.shutdownNow();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void giveSign() {
    try {
      if (isHeld()) {
        sign();
      }
    } catch (IOException | RuntimeException | FSError e) {
      // The next one may succeed. If none does, the folder is lost, which the commit finds out.
    }
  }

  private synchronized void sign() throws IOException {
    given++;
    String text =
        RunProcess.here().toText()
            + "\n"
            + given
            + "\n"
            + names.stream().map(name -> name + "\n").collect(Collectors.joining())
            + END
            + "\n";
    try (OutputStream out = inPlace ? files.create(path, true) : create(ALIVE)) {
      out.write(text.getBytes(StandardCharsets.UTF_8));
    }
  }

  /** Creates a file in the mark, never the mark itself, which another run may have taken. */
  OutputStream create(String name) throws IOException {
    Path file = new Path(path, name);
    return files.createNonRecursive(
        file,
        FsPermission.getFileDefault().applyUMask(FsPermission.getUMask(files.getConf())),
        EnumSet.of(CreateFlag.CREATE, CreateFlag.OVERWRITE),
        BUFFER,
        files.getDefaultReplication(file),
        files.getDefaultBlockSize(file),
        null);
  }

  private List<Path> others() throws IOException {
    List<Path> others = new ArrayList<>();
    for (FileStatus entry : files.listStatus(root)) {
      if (isMark(entry.getPath().getName()) && !entry.getPath().getName().equals(path.getName())) {
        others.add(entry.getPath());
      }
    }
    return others;
  }

  /**
   * The sign in a mark; empty where there is none, or none that becomes whole. Whoever writes one
   * may be held up for long while half of it is there.
   */
  private String sign(Path mark) throws IOException {
    long begin = System.nanoTime();
    int missing = 0;
    while (missing < LOOKS_FOR_A_SIGN && System.nanoTime() - begin < timing.dead().toNanos()) {
      Optional<String> sign = content(mark);
      if (sign.isEmpty() && !files.exists(mark)) {
        return "";
      } else if (sign.isPresent() && sign.get().endsWith("\n" + END + "\n")) {
        return sign.get();
      }
      missing += sign.isEmpty() ? 1 : 0;
      pause();
    }
    return "";
  }

  /** What is in the file; empty where there is none. */
  private Optional<String> content(Path mark) throws IOException {
    try {
      boolean isFolder = files.getFileStatus(mark).isDirectory();
      try (InputStream in = files.open(isFolder ? new Path(mark, ALIVE) : mark)) {
        return Optional.of(new String(in.readAllBytes(), StandardCharsets.UTF_8));
      }
    } catch (FileNotFoundException e) {
      return Optional.empty();
    }
  }

  private void pause() throws IOException {
    try {
      Thread.sleep(timing.look().toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while another run was watched", e);
    }
  }

  private static RunProcess process(String sign) {
    return RunProcess.of(sign.lines().findFirst().orElse(""));
  }

  /** The process of a run that is not known to have ended. */
  private Optional<RunProcess> alive(Path other) throws IOException {
    String first = sign(other);
    RunProcess process = process(first);
    if (process.hasEnded() || first.isEmpty()) {
      // Where there is no sign nothing will change that could be waited for: a task of a run that
      // had lost its mark has made the folder again.
      return Optional.empty();
    } else if (process.isRunning()) {
      return Optional.of(process);
    }
    long begin = System.nanoTime();
    while (System.nanoTime() - begin < timing.dead().toNanos()) {
      pause();
      String now = sign(other);
      if (!now.equals(first)) {
        return now.isEmpty() && !files.exists(other) ? Optional.empty() : Optional.of(process);
      }
    }
    return Optional.empty();
  }

  /** Takes another run's mark away in one step, then removes it. */
  private void remove(Path other) throws IOException {
    if (inPlace || !files.exists(path)) {
      delete(files, other);
    } else if (files.exists(other)) {
      Path taken = new Path(path, "_taken" + other.getName());
      Moves.move(files, other, taken);
      delete(files, taken);
    }
  }

  static void delete(FileSystem files, Path path) throws IOException {
    if (!files.delete(path, true) && files.exists(path)) {
      throw new IOException("cannot remove " + path);
    }
  }
}
