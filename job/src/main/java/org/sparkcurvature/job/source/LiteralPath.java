package org.sparkcurvature.job.source;

import java.util.regex.Pattern;

/** Paths that Spark's readers are to take as they are: they look for patterns in every path. */
public final class LiteralPath {
  private static final Pattern SPECIAL = Pattern.compile("[\\\\*?{}\\[\\]]");

  private LiteralPath() {}

  /** The pattern that matches this path alone. */
  public static String of(String path) {
    return SPECIAL.matcher(path).replaceAll("\\\\$0");
  }
}
