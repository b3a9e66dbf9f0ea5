package org.sparkcurvature.job.firstlook;

import java.io.Serializable;
import java.util.List;
import java.util.TreeSet;

/** The first texts of a column by letter. */
final class Levels implements Serializable {
  private static final long serialVersionUID = 1L;

  /** One more than any category may have. */
  private static final int MOST = ColumnLook.MOST_LEVELS + 1;

  private final TreeSet<String> texts = new TreeSet<>();

  void add(String text) {
    if (texts.size() == MOST && texts.last().compareTo(text) < 0) {
      return;
    }
    texts.add(text);
    if (texts.size() > MOST) {
      texts.pollLast();
    }
  }

  void merge(Levels other) {
    other.texts.forEach(this::add);
  }

  /** All of them, where {@link #areAll}. */
  List<String> texts() {
    return List.copyOf(texts);
  }

  /** Whether there are no others. */
  boolean areAll() {
    return texts.size() < MOST;
  }
}
