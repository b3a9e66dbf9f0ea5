package org.sparkcurvature.job.errors;

import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/** Names in messages: what a misspelt one may have meant, and the first of many. */
public final class Names {
  private Names() {}

  private static final int SUGGESTIONS = 3;

  /**
   * The names nearest to {@code name}, nearest first, at most three; none where nothing is near.
   *
   * @param name what was written
   * @param known what could have been meant
   */
  public static List<String> nearest(String name, Collection<String> known) {
    int limit = Math.max(2, name.length() / 2);
    return known.stream()
        .filter(candidate -> distance(name, candidate) <= limit)
        // Names that have no letter in common are not near, however short they are.
        .filter(
            candidate ->
                distance(name, candidate)
                    < Math.max(1, Math.min(name.length(), candidate.length())))
        .sorted(
            Comparator.comparingInt((String candidate) -> distance(name, candidate))
                .thenComparing(Comparator.naturalOrder()))
        .limit(SUGGESTIONS)
        .toList();
  }

  /**
   * The names that {@code name} may be a slip of the pen for, nearest first, at most three.
   * Stricter than {@link #nearest}, for names that a user knows by heart: one letter in four, and
   * never a number, for atan2 is not a misspelt atan, nor norm1 norm2.
   *
   * @param name what was written
   * @param known what could have been meant
   */
  public static List<String> misspelt(String name, Collection<String> known) {
    return nearest(name, known).stream()
        .filter(candidate -> distance(name, candidate) <= Math.max(1, name.length() / 4))
        .filter(candidate -> digits(candidate).equals(digits(name)))
        .toList();
  }

  /** The first ones, and how many more there are. */
  public static String first(int most, List<String> names) {
    return names.size() <= most
        ? String.join(", ", names)
        : String.join(", ", names.subList(0, most)) + " and %d more".formatted(names.size() - most);
  }

  private static String digits(String name) {
    return name.replaceAll("\\D", "");
  }

  /**
   * Insertions, deletions, substitutions and swaps of neighbours from one to the other, in lower
   * case.
   */
  static int distance(String one, String other) {
    String a = one.toLowerCase(Locale.ROOT);
    String b = other.toLowerCase(Locale.ROOT);
    int[][] d = new int[a.length() + 1][b.length() + 1];
    for (int i = 0; i <= a.length(); i++) {
      Arrays.fill(d[i], i);
    }
    for (int j = 0; j <= b.length(); j++) {
      d[0][j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      for (int j = 1; j <= b.length(); j++) {
        int substituted = d[i - 1][j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        d[i][j] = Math.min(substituted, Math.min(d[i - 1][j], d[i][j - 1]) + 1);
        if (i > 1
            && j > 1
            && a.charAt(i - 1) == b.charAt(j - 2)
            && a.charAt(i - 2) == b.charAt(j - 1)) {
          d[i][j] = Math.min(d[i][j], d[i - 2][j - 2] + 1);
        }
      }
    }
    return d[a.length()][b.length()];
  }
}
