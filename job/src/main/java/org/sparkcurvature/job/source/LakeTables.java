package org.sparkcurvature.job.source;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * Finds folders of Delta, Iceberg and Hudi. Their files are not their rows: a log says which files
 * count, and the others hold rows that were deleted or replaced.
 */
final class LakeTables {

  /** Folders that one search looks into: on an object store each of them takes requests. */
  private static final int MOST_FOLDERS = 300;

  /** A format whose tables keep a log beside their files. */
  enum Kind {
    DELTA("Delta", "_delta_log"),
    HUDI("Hudi", ".hoodie"),
    ICEBERG("Iceberg", "metadata");

    private final String called;
    private final String log;

    Kind(String called, String log) {
      this.called = called;
      this.log = log;
    }

    /** What people call it. */
    String called() {
      return called;
    }

    /** What Spark's reader of it is called. */
    String format() {
      return called.toLowerCase(java.util.Locale.ROOT);
    }

    /** The kind that a reader's name means; empty for readers of plain files. */
    static Optional<Kind> ofFormat(String format) {
      for (Kind kind : values()) {
        if (kind.format().equalsIgnoreCase(format)) {
          return Optional.of(kind);
        }
      }
      return Optional.empty();
    }

    private boolean isAt(FileSystem system, Path folder) throws IOException {
      Path marker = new Path(folder, log);
      if (!system.exists(marker)) {
        return false;
      }
      if (this != ICEBERG) {
        return system.getFileStatus(marker).isDirectory();
      }
      // Any folder may have one named metadata.
      for (FileStatus file : system.listStatus(marker)) {
        if (file.getPath().getName().contains(".metadata.json")) {
          return true;
        }
      }
      return false;
    }
  }

  /** A table and its folder. */
  record Found(Kind kind, Path folder) {}

  private final Configuration configuration;
  private final Map<Path, Optional<Found>> known = new HashMap<>();

  LakeTables(Configuration configuration) {
    this.configuration = configuration;
  }

  /**
   * The table that {@code path} is the folder of, or lies in; empty where there is none, or where
   * the path lies in the log of a table, which a user may well want to read.
   */
  Optional<Found> around(Path path) {
    Optional<Found> seen = known.get(path);
    if (seen != null) {
      return seen;
    }
    Optional<Found> found = known.size() < MOST_FOLDERS ? at(path) : Optional.empty();
    Path parent = path.getParent();
    if (found.isEmpty() && parent != null) {
      found = around(parent).filter(table -> !path.getName().equals(table.kind().log));
    }
    known.put(path, found);
    return found;
  }

  /** A table in the folders below {@code folder}, which is none itself. */
  Optional<Found> below(Path folder) {
    Deque<Path> folders = new ArrayDeque<>();
    folders.add(folder);
    for (int looked = 0; looked < MOST_FOLDERS && !folders.isEmpty(); looked++) {
      Path next = folders.remove();
      Optional<Found> found = at(next);
      if (found.isPresent()) {
        return found;
      }
      try {
        for (FileStatus status : next.getFileSystem(configuration).listStatus(next)) {
          if (status.isDirectory() && folders.size() < MOST_FOLDERS) {
            folders.add(status.getPath());
          }
        }
      } catch (IOException e) {
        // Whoever reads it says what is wrong.
      }
    }
    return Optional.empty();
  }

  private Optional<Found> at(Path folder) {
    try {
      FileSystem system = folder.getFileSystem(configuration);
      for (Kind kind : Kind.values()) {
        if (kind.isAt(system, folder)) {
          return Optional.of(new Found(kind, folder));
        }
      }
    } catch (IOException | IllegalArgumentException e) {
      return Optional.empty(); // a folder that may not be listed, or a file
    }
    return Optional.empty();
  }
}
