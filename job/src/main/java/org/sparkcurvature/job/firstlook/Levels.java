package org.sparkcurvature.job.firstlook;

import java.io.Serializable;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The first texts of a column by letter, each with the number of its rows. */
final class Levels implements Serializable {
  private static final long serialVersionUID = 1L;

  /** One more than any category may have. */
  private static final int MOST = ColumnLook.MOST_LEVELS + 1;

  private final TreeMap<String, Long> counts = new TreeMap<>();

  void add(String text, long count) {
    if (counts.size() == MOST && counts.lastKey().compareTo(text) < 0) {
      return;
    }
    counts.merge(text, count, Long::sum);
    if (counts.size() > MOST) {
      counts.pollLastEntry();
    }
  }

  void merge(Levels other) {
    other.counts.forEach(this::add);
  }

  /** All of them, where {@link #areAll}. */
  List<String> texts() {
    return List.copyOf(counts.keySet());
  }

  Map<String, Long> counts() {
    return counts;
  }

  /** Whether there are no others. */
  boolean areAll() {
    return counts.size() < MOST;
  }
}
