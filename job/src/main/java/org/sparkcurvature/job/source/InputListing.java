package org.sparkcurvature.job.source;

import java.util.Collection;
import java.util.List;

/**
 * The files that a run reads, as they were listed.
 *
 * @param roots paths and folders that were asked for
 * @param files every file below them, in the order of their paths
 */
public record InputListing(List<String> roots, List<Entry> files) {
  public InputListing {
    roots = List.copyOf(roots);
    files = List.copyOf(files);
  }

  /**
   * A file.
   *
   * @param path with its scheme
   * @param bytes its length
   * @param modified when it last changed, in milliseconds of the Unix epoch, by its file system's
   *     clock
   */
  public record Entry(String path, long bytes, long modified) {}

  /** A listing of {@code files}, sorted, each of them once. */
  public static InputListing of(Collection<String> roots, Collection<Entry> files) {
    return new InputListing(
        roots.stream().distinct().sorted().toList(),
        files.stream().distinct().sorted((a, b) -> a.path().compareTo(b.path())).toList());
  }

  /** The length of all files together. */
  public long bytes() {
    return files.stream().mapToLong(Entry::bytes).sum();
  }
}
