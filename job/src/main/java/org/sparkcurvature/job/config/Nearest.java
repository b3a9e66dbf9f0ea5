package org.sparkcurvature.job.config;

import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;
import org.apache.commons.text.similarity.LevenshteinDistance;

/** Which name a mistyped one was probably meant to be. */
final class Nearest {
  private Nearest() {}

  /** The candidate that is near enough to be suggested, by edits; ties by alphabet. */
  static Optional<String> to(String name, Collection<String> candidates) {
    return candidates.stream()
        .filter(candidate -> near(name, candidate))
        .min(
            Comparator.comparingInt((String candidate) -> distance(name, candidate))
                .thenComparing(Comparator.naturalOrder()));
  }

  /** "did you mean tensors?", or {@code otherwise} where nothing is near. */
  static String suggestion(String name, Collection<String> candidates, String otherwise) {
    return to(name, candidates).map(nearest -> "did you mean " + nearest + "?").orElse(otherwise);
  }

  private static boolean near(String name, String candidate) {
    int shorter = Math.min(name.length(), candidate.length());
    int allowed = shorter <= 2 ? 0 : shorter <= 3 ? 1 : Math.max(2, shorter / 3);
    boolean begins =
        shorter >= 3
            && lower(candidate).startsWith(lower(name).substring(0, shorter))
            && name.length() <= candidate.length();
    return begins || distance(name, candidate) <= allowed;
  }

  private static int distance(String name, String candidate) {
    return LevenshteinDistance.getDefaultInstance().apply(lower(name), lower(candidate));
  }

  private static String lower(String text) {
    return text.toLowerCase(Locale.ROOT);
  }
}
