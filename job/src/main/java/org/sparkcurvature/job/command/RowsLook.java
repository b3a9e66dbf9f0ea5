package org.sparkcurvature.job.command;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;
import org.sparkcurvature.job.config.InputConfig;
import org.sparkcurvature.job.watch.FittedValues;

/** What rows are looked at by in a pass that sums their losses. */
final class RowsLook {
  /** Levels whose rows are counted: of more nobody reads a table. */
  private static final int MOST_COUNTED = 1000;

  private static final String LEVEL = "level_of_rows__";

  private RowsLook() {}

  /** Definitions that a model has for it: the number of a row's level. */
  static Map<String, String> definitions(InputConfig input) {
    Map<String, String> definitions = new LinkedHashMap<>();
    levels(input).forEach((of, name) -> definitions.put(name, of));
    return definitions;
  }

  /** Their losses, and how many have each level. */
  static FittedValues.Named losses(InputConfig input) {
    return new FittedValues.Losses(levels(input));
  }

  private static Map<String, String> levels(InputConfig input) {
    return input.categories().entrySet().stream()
        .filter(category -> category.getValue().levels().size() <= MOST_COUNTED)
        .collect(Collectors.toMap(Map.Entry::getKey, category -> LEVEL + category.getKey()));
  }
}
