package org.sparkcurvature.job.sink;

import java.io.IOException;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.FsStatus;
import org.apache.hadoop.fs.Path;
import org.sparkcurvature.job.config.OutputConfig;

/**
 * What a file system can still take. Quotas of users and folders are not looked at.
 *
 * @param where what was asked about
 * @param bytes that are free, at most
 * @param copies of each byte that the file system keeps as a rule, as HDFS does; it may keep fewer
 */
public record FreeSpace(String where, long bytes, int copies) {

  /**
   * The space for an output that need not exist; empty for object stores, which are not asked, and
   * where a file system cannot say, or cannot be reached.
   */
  public static Optional<FreeSpace> of(OutputConfig output, Configuration configuration) {
    try {
      Path path = new Path(output.path());
      if (OutputFolder.isObjectStore(path.toUri())
          || !path.toUri().isAbsolute()
              && OutputFolder.isObjectStore(FileSystem.getDefaultUri(configuration))) {
        return Optional.empty();
      }
      FileSystem files = path.getFileSystem(configuration);
      return of(files, files.makeQualified(path));
    } catch (IOException | RuntimeException e) {
      return Optional.empty(); // whoever writes there says what is wrong
    }
  }

  /** The space at {@code path}; empty where its file system cannot say. */
  static Optional<FreeSpace> of(FileSystem files, Path path) {
    try {
      Path there = path;
      while (!there.isRoot() && !files.exists(there)) {
        there = there.getParent();
      }
      FsStatus status = files.getStatus(there);
      return status.getCapacity() <= 0 || status.getRemaining() == Long.MAX_VALUE
          ? Optional.empty()
          : Optional.of(
              new FreeSpace(
                  path.toString(),
                  status.getRemaining(),
                  Math.max(1, files.getDefaultReplication(there))));
    } catch (IOException | RuntimeException e) {
      return Optional.empty(); // not every file system has this
    }
  }
}
