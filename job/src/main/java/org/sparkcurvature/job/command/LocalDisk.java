package org.sparkcurvature.job.command;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashMap;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocalFileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.apache.hadoop.fs.permission.FsPermission;

/**
 * Hadoop's files on local disks, whose permissions are set by a call of the operating system. Where
 * Hadoop has no native library, it starts a process, {@code chmod}, for each file and folder that
 * it makes.
 */
public final class LocalDisk extends LocalFileSystem {
  /** Hadoop's key for the class that reaches files. */
  static final String KEY = "fs.file.impl";

  /** As Hadoop makes it. */
  public LocalDisk() {
    super(new Raw());
  }

  /** What Hadoop is told of local disks where it was not told otherwise: key to value. */
  static Map<String, String> unsetIn(Configuration configuration) {
    Map<String, String> settings = new HashMap<>();
    Umask.unsetIn(configuration).ifPresent(umask -> settings.put(Umask.KEY, umask));
    if (configuration.get(KEY) == null) {
      settings.put(KEY, LocalDisk.class.getName());
    }
    return settings;
  }

  /**
   * Makes this class reach all files of this process. Hadoop keeps the first object that was asked
   * for, and gives it to everybody; spark-submit may have asked before.
   *
   * @param configuration that names this class
   */
  static void replaceFirst(Configuration configuration) {
    try {
      FileSystem first = FileSystem.getLocal(configuration);
      if (!(first instanceof LocalDisk)) {
        first.close();
        FileSystem.getLocal(configuration);
      }
    } catch (IOException | RuntimeException e) {
      // Then files are reached as they were.
    }
  }

  private static final class Raw extends RawLocalFileSystem {
    @Override
    public void setPermission(Path path, FsPermission permission) throws IOException {
      if (permission.getStickyBit()) {
        super.setPermission(path, permission);
        return;
      }
      String letters =
          permission.getUserAction().SYMBOL
              + permission.getGroupAction().SYMBOL
              + permission.getOtherAction().SYMBOL;
      try {
        Files.setPosixFilePermissions(
            pathToFile(path).toPath(), PosixFilePermissions.fromString(letters));
      } catch (UnsupportedOperationException e) { // no such permissions on this disk
        super.setPermission(path, permission);
      }
    }
  }
}
