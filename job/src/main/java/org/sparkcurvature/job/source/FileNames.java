package org.sparkcurvature.job.source;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/** Which reader the names of files call for. */
public final class FileNames {
  private FileNames() {}

  /** Folders that are looked into for a first file whose name tells something. */
  private static final int MOST_FOLDERS = 50;

  private static final Pattern EXTENSION =
      Pattern.compile(
          "\\.(csv|tsv|parquet|pq|orc|jsonl?|ndjson|avro|libsvm|svm)(?:\\.(?:gz|bz2|zst|lz4|snappy|deflate|xz))?$",
          Pattern.CASE_INSENSITIVE);

  /** The reader that a file's name calls for, such as csv for {@code a.csv.gz}. */
  static Optional<String> format(String name) {
    Matcher extension = EXTENSION.matcher(name);
    if (!extension.find()) {
      return Optional.empty();
    }
    String written = extension.group(1).toLowerCase(Locale.ROOT);
    return Optional.of(
        switch (written) {
          case "tsv" -> "csv";
          case "pq" -> "parquet";
          case "jsonl", "ndjson" -> "json";
          case "svm" -> "libsvm";
          default -> written;
        });
  }

  /** Whether Spark passes over files of this name in a folder. */
  public static boolean isHidden(String name) {
    return name.startsWith("_") || name.startsWith(".");
  }

  /**
   * The readers that the files of a path call for, each with one of these files. Of a folder whose
   * own name does not tell, the first folder in it counts that has files whose names do.
   */
  static Map<String, String> formats(FileSystem system, FileStatus match) throws IOException {
    Map<String, String> formats = new TreeMap<>();
    Path path = match.getPath();
    format(path.getName()).ifPresent(format -> formats.put(format, path.getName()));
    if (!match.isDirectory() || !formats.isEmpty()) {
      return formats;
    }
    Deque<Path> folders = new ArrayDeque<>();
    folders.add(path);
    for (int looked = 0;
        looked < MOST_FOLDERS && !folders.isEmpty() && formats.isEmpty();
        looked++) {
      FileStatus[] inside = system.listStatus(folders.remove());
      Arrays.sort(inside);
      for (FileStatus status : inside) {
        String name = status.getPath().getName();
        if (isHidden(name)) {
          continue;
        }
        if (status.isDirectory()) {
          folders.add(status.getPath());
        } else {
          format(name).ifPresent(format -> formats.putIfAbsent(format, name));
        }
      }
    }
    return formats;
  }
}
