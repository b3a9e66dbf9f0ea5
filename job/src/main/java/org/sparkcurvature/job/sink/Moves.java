package org.sparkcurvature.job.sink;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.StandardCopyOption;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/** Moves within a file system. */
final class Moves {
  private Moves() {}

  /**
   * Moves a file or folder in one step.
   *
   * @throws IOException if it is not there, if its target is, or if the target's parent is not
   */
  static void move(FileSystem files, Path from, Path to) throws IOException {
    if (files.exists(to)) {
      throw new IOException("cannot move " + from + " to " + to + ", which is there");
    }
    // Hadoop's own move on local disks copies where it cannot move, and creates parents.
    if ("file".equals(files.getUri().getScheme())) {
      try {
        Files.move(local(from), local(to), StandardCopyOption.ATOMIC_MOVE);
      } catch (IOException e) {
        throw new IOException("cannot move " + from + " to " + to, e);
      }
    } else if (!files.exists(to.getParent()) || !files.rename(from, to)) {
      throw new IOException("cannot move " + from + " to " + to);
    }
  }

  /** The path of a local file. */
  static java.nio.file.Path local(Path path) {
    return new File(path.toUri().getPath()).toPath();
  }
}
