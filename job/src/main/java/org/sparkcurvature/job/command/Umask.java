package org.sparkcurvature.job.command;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;

/**
 * The permissions that files of this process have at most. Hadoop has a key of its own for them,
 * 022 unless set, and so lets others read what is written to local disks under {@code umask 077}.
 */
final class Umask {
  /** Hadoop's key. */
  static final String KEY = "fs.permissions.umask-mode";

  private static final String LINE = "Umask:";

  private Umask() {}

  /** The process's umask for the key, in octal digits; empty where it is set or not known. */
  static Optional<String> unsetIn(Configuration configuration) {
    String[] sources = configuration.getPropertySources(KEY);
    boolean isDefault =
        sources == null || Arrays.stream(sources).allMatch(s -> s.endsWith("core-default.xml"));
    return isDefault ? ofProcess() : Optional.empty();
  }

  private static Optional<String> ofProcess() {
    try {
      return of(Files.readAllLines(Path.of("/proc/self/status")));
    } catch (IOException | RuntimeException e) {
      return Optional.empty(); // not Linux
    }
  }

  /**
   * @param status lines of {@code /proc/PID/status}
   */
  static Optional<String> of(List<String> status) {
    return status.stream()
        .filter(line -> line.startsWith(LINE))
        .map(line -> line.substring(LINE.length()).strip())
        .filter(octal -> octal.matches("[0-7]{3,4}"))
        .findFirst();
  }
}
