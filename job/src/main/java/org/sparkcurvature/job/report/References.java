package org.sparkcurvature.job.report;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.sparkcurvature.job.config.TensorConfig;

/** The levels of categories that have no coefficient: those that the others are compared with. */
final class References {
  private static final Pattern LEVEL = Pattern.compile("(.+)\\[T\\.(.+)]");

  private References() {}

  /**
   * Of each category, by the name of its term, the one level that no coefficient is of.
   *
   * @param names of coefficients
   * @param tensors of the input
   */
  static Map<String, String> of(List<String> names, Map<String, TensorConfig> tensors) {
    Map<String, List<String>> seen = new LinkedHashMap<>();
    for (String name : names) {
      Matcher level = LEVEL.matcher(name);
      if (level.matches() && !level.group(1).contains("[T.")) {
        seen.computeIfAbsent(level.group(1), term -> new ArrayList<>()).add(level.group(2));
      }
    }
    Map<String, String> references = new LinkedHashMap<>();
    seen.forEach(
        (term, levels) ->
            tensors.values().stream()
                .filter(TensorConfig.Encoded.class::isInstance)
                .map(TensorConfig.Encoded.class::cast)
                .filter(
                    encoded ->
                        isOf(term, encoded.column())
                            && encoded.levels().size() == levels.size() + 1
                            && encoded.levels().containsAll(levels))
                .findFirst()
                .flatMap(
                    encoded ->
                        encoded.levels().stream().filter(l -> !levels.contains(l)).findFirst())
                .ifPresent(reference -> references.put(term, reference)));
    return references;
  }

  /** {@code C(site)}, {@code C(site, ...)} and {@code site} are of the column {@code site}. */
  private static boolean isOf(String term, String column) {
    return term.equals(column)
        || term.startsWith("C(" + column + ")")
        || term.startsWith("C(" + column + ",");
  }
}
