package org.sparkcurvature.job.source;

import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.sql.types.StructType;

/** A schema's names, found in constant time however many there are. */
final class ColumnNames {
  private final Map<String, String> exact = new HashMap<>();
  private final Map<String, String> inAnyCase = new HashMap<>();
  private final Map<String, String> withoutSpace = new HashMap<>();

  ColumnNames(StructType schema) {
    for (String name : schema.fieldNames()) {
      exact.putIfAbsent(name, name);
      inAnyCase.putIfAbsent(folded(name), name);
      withoutSpace.putIfAbsent(folded(name.strip()), name);
    }
  }

  /**
   * The column that {@code text} names, whatever characters are in it: exactly, else in other case,
   * else but for white space around it.
   */
  Optional<String> named(String text) {
    return Optional.ofNullable(exact.get(text))
        .or(() -> Optional.ofNullable(inAnyCase.get(folded(text))))
        .or(() -> Optional.ofNullable(withoutSpace.get(folded(text.strip()))));
  }

  /** As {@link String#equalsIgnoreCase} compares: by each character's upper case. */
  private static String folded(String name) {
    return name.toUpperCase(Locale.ROOT).toLowerCase(Locale.ROOT);
  }
}
