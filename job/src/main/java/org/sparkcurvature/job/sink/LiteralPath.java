package org.sparkcurvature.job.sink;

/** Paths that Spark's readers are to take as they are: they look for patterns in every path. */
public final class LiteralPath {
  private LiteralPath() {}

  /** The pattern that matches this path alone. */
  public static String of(String path) {
    return path.replaceAll("[\\[\\]{}*?\\\\]", "\\\\$0");
  }
}
