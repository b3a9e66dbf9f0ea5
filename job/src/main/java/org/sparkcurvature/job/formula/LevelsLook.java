package org.sparkcurvature.job.formula;

import static org.apache.spark.sql.functions.expr;

import com.typesafe.config.ConfigUtil;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.sparkcurvature.job.config.InputConfig;
import org.sparkcurvature.job.config.TensorConfig;
import org.sparkcurvature.job.errors.InputErrors;
import org.sparkcurvature.job.errors.Names;
import org.sparkcurvature.job.errors.PublicText;
import org.sparkcurvature.job.source.Source;

/** Looks for the levels of the categorical columns that a configuration names without levels. */
public final class LevelsLook {
  /** Texts that stand for no value, among numbers that are written as text, too. */
  public static final List<String> MISSING = List.of("", "NA", "NaN", "nan", "null", "NULL");

  private LevelsLook() {}

  /**
   * Writes the levels out; one pass over these columns, none where all levels are known.
   *
   * @param kept the levels of an earlier fit, by column or expression: they rule
   * @return HOCON under the root {@code curvature}; empty where no levels are missing
   * @throws org.sparkcurvature.job.errors.JobException as {@link
   *     org.sparkcurvature.job.source.Source#open} does, and with exit code 3 if a column has no
   *     value, or lacks its reference
   */
  public static Optional<String> writtenOut(
      SparkSession spark, InputConfig input, Map<String, List<String>> kept) {
    Map<String, TensorConfig.Encoded> open = open(input);
    if (open.isEmpty()) {
      return Optional.empty();
    }
    Map<String, List<String>> levels = new LinkedHashMap<>(kept);
    Map<String, String> asked = new LinkedHashMap<>();
    open.forEach(
        (name, encoded) -> {
          if (!kept.containsKey(encoded.column())) {
            asked.put(encoded.column(), "curvature.input.encode." + name);
          }
        });
    if (!asked.isEmpty()) {
      levels.putAll(found(Source.look(spark, input, asked), List.copyOf(asked.keySet())));
    }
    StringBuilder written = new StringBuilder("curvature.input.encode {\n");
    open.forEach(
        (name, encoded) -> {
          List<String> own = levels.get(encoded.column());
          encoded
              .reference()
              .filter(reference -> !own.contains(reference))
              .ifPresent(
                  reference -> {
                    throw InputErrors.levels(
                        "%s has no level %s".formatted(name, reference),
                        "its levels are "
                            + PublicText.label(Names.first(PredictorWriter.LEVELS_SHOWN, own)));
                  });
          written.append("  ").append(name).append(" { levels = ");
          written.append(own.stream().map(ConfigUtil::quoteString).toList());
          written.append(" }\n");
        });
    return Optional.of(written.append("}\n").toString());
  }

  /** The categorical columns whose levels are not known, by tensor. */
  public static Map<String, TensorConfig.Encoded> open(InputConfig input) {
    Map<String, TensorConfig.Encoded> open = new LinkedHashMap<>();
    input
        .tensors()
        .forEach(
            (name, tensor) -> {
              if (tensor instanceof TensorConfig.Encoded encoded && encoded.levels().isEmpty()) {
                open.put(name, encoded);
              }
            });
    return open;
  }

  private static Map<String, List<String>> found(Dataset<Row> rows, List<String> expressions) {
    List<Column> aggregates = new ArrayList<>();
    for (int k = 0; k < expressions.size(); k++) {
      aggregates.add(expr("collect_set(string(_" + k + "))"));
    }
    Row row = TableLook.aggregated(rows, aggregates);
    Map<String, List<String>> levels = new LinkedHashMap<>();
    for (int k = 0; k < expressions.size(); k++) {
      List<String> own = sorted(row.getList(k));
      if (own.isEmpty()) {
        throw InputErrors.noValue(PublicText.label(expressions.get(k)));
      }
      levels.put(expressions.get(k), own);
    }
    return levels;
  }

  /** Numbers by their size, other texts letter by letter. */
  static List<String> sorted(List<String> levels) {
    List<String> sorted = new ArrayList<>(levels);
    boolean numbers = levels.stream().allMatch(LevelsLook::isNumber);
    sorted.sort(
        numbers
            ? Comparator.comparingDouble((String level) -> Double.parseDouble(level.strip()))
                .thenComparing(Comparator.naturalOrder())
            : Comparator.naturalOrder());
    return sorted;
  }

  static boolean isNumber(String text) {
    try {
      return Double.isFinite(Double.parseDouble(text.strip()));
    } catch (NumberFormatException e) {
      return false;
    }
  }
}
