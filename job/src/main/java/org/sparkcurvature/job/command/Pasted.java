package org.sparkcurvature.job.command;

import java.nio.file.InvalidPathException;
import java.util.Map;
import java.util.regex.Pattern;
import org.apache.hadoop.fs.Path;

/** Paths and commands as they can be pasted into a shell. */
final class Pasted {
  private static final Pattern PLAIN = Pattern.compile("[\\w@%+=:,./-]+");

  /** The variable in which the launcher tells how it was called. */
  private static final String PROGRAM = "SPARK_CURVATURE_PROGRAM";

  private static final String USUAL = "deploy/spark-curvature";

  private Pasted() {}

  /** A path: of this machine's files without scheme, below the working directory relative to it. */
  static String path(Path path) {
    String scheme = path.toUri().getScheme();
    if (scheme != null && !scheme.equals("file")) {
      return quoted(path.toString());
    }
    String text = path.toUri().getPath();
    try {
      java.nio.file.Path here = java.nio.file.Path.of("").toAbsolutePath();
      java.nio.file.Path there = java.nio.file.Path.of(text).toAbsolutePath().normalize();
      return quoted(
          there.startsWith(here) && !there.equals(here)
              ? here.relativize(there).toString()
              : there.toString());
    } catch (InvalidPathException e) {
      return quoted(text);
    }
  }

  /** How the program is called. */
  static String program(Map<String, String> environment) {
    return quoted(environment.getOrDefault(PROGRAM, USUAL));
  }

  /** A word of a command line. */
  static String quoted(String word) {
    return PLAIN.matcher(word).matches() && !word.startsWith("-")
        ? word
        : "'" + word.replace("'", "'\\''") + "'";
  }
}
