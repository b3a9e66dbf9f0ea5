package org.sparkcurvature.job.firstlook;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.sparkcurvature.job.config.InputConfig;
import org.sparkcurvature.job.config.InputSource;
import org.sparkcurvature.job.config.LoadedConfiguration;
import org.sparkcurvature.job.source.CsvLayout;
import org.sparkcurvature.job.source.Source;

/** A first look at a table. */
public final class FirstLook {
  private FirstLook() {}

  /**
   * The configuration that a table suggests: a model by formula, with what was seen of each column
   * in comments. The same rows give the same text.
   *
   * @param loaded what is known of the input and the output
   * @param response the name of the column that is modelled; empty: the likeliest
   * @param family how; empty: as the response suggests
   * @return HOCON
   * @throws org.sparkcurvature.job.errors.JobException with exit code 3 if there is no such table,
   *     or it has no rows, or no column that can be modelled
   */
  public static String configuration(
      SparkSession spark,
      LoadedConfiguration loaded,
      Optional<String> response,
      Optional<String> family) {
    InputConfig input = loaded.configuration().input();
    Optional<Map<String, String>> layout = CsvLayout.options(spark, input);
    Map<String, String> found = layout.orElse(Map.of());
    Dataset<Row> all = Source.rows(spark, input.with(found));
    Dataset<Row> rows =
        input.limit().isEmpty()
            ? all
            : all.limit((int) Math.min(Integer.MAX_VALUE, input.limit().getAsLong()));
    boolean takesMarker =
        layout.isPresent()
            && ((InputSource.Files) input.source())
                .options().keySet().stream().noneMatch("nullValue"::equalsIgnoreCase);
    Suggestion suggestion =
        Suggestion.of(rows, described(input.source()), takesMarker, response, family);
    return new ConfigurationText(suggestion, loaded, new LinkedHashMap<>(found), layout.isPresent())
        .text();
  }

  private static String described(InputSource source) {
    if (source instanceof InputSource.Files files) {
      return String.join(", ", files.paths());
    }
    return source instanceof InputSource.Table table ? "table " + table.name() : "the query";
  }
}
