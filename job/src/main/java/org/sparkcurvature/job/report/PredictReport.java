package org.sparkcurvature.job.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DoubleType;
import org.sparkcurvature.job.config.OutputFormat;
import org.sparkcurvature.job.errors.Failures;

/** What a person reads of predictions: what they are, and how they lie. */
public final class PredictReport {
  private final long rows;
  private final Map<String, String> named;
  private final List<Summary> columns;
  private final String output;
  private final Style style;

  /** How the predictions of a column lie. */
  public record Summary(String name, double mean, double smallest, double largest) {}

  private PredictReport(
      long rows, Map<String, String> named, List<Summary> columns, String output, Style style) {
    this.rows = rows;
    this.named = named;
    this.columns = List.copyOf(columns);
    this.output = output;
    this.style = style;
  }

  /**
   * Looks at the table as it was written.
   *
   * @param named expressions by the names of their columns
   */
  public static PredictReport of(
      SparkSession spark,
      String table,
      OutputFormat format,
      Map<String, String> named,
      String output,
      Style style) {
    Dataset<Row> written = spark.read().format(format.name().toLowerCase(Locale.ROOT)).load(table);
    List<Column> asked = new ArrayList<>(List.of(functions.count(functions.lit(1))));
    List<String> names = new ArrayList<>();
    for (String name : named.keySet()) {
      if (written.schema().apply(name).dataType() instanceof DoubleType) {
        Column column = functions.col("`" + name + "`");
        names.add(name);
        asked.addAll(List.of(functions.avg(column), functions.min(column), functions.max(column)));
      }
    }
    Row found =
        Failures.translate(
            () ->
                written
                    .agg(asked.get(0), asked.subList(1, asked.size()).toArray(Column[]::new))
                    .first());
    long rows = found.getLong(0);
    List<Summary> columns = new ArrayList<>();
    for (int k = 0; k < names.size() && rows > 0; k++) {
      // Where no row has a prediction, Spark's answer is null.
      columns.add(
          new Summary(
              names.get(k),
              number(found, 1 + 3 * k),
              number(found, 2 + 3 * k),
              number(found, 3 + 3 * k)));
    }
    return new PredictReport(rows, named, columns, output, style);
  }

  private static double number(Row row, int k) {
    return row.isNullAt(k) ? Double.NaN : row.getDouble(k);
  }

  /** How many predictions there are. */
  public long rows() {
    return rows;
  }

  /** Those of one number a row. */
  public List<Summary> columns() {
    return columns;
  }

  private List<String> lines() {
    if (columns.isEmpty()) {
      return List.of();
    }
    List<String> lines = new ArrayList<>();
    lines.add(Page.say("  %-28s %14s %14s %14s", "", "mean", "smallest", "largest"));
    for (Summary column : columns) {
      lines.add(
          Page.say(
              "  %-28s %14s %14s %14s",
              EstimateLines.shortened(List.of(column.name()), 28).get(0),
              EstimateLines.significant(column.mean()),
              EstimateLines.significant(column.smallest()),
              EstimateLines.significant(column.largest())));
    }
    return lines;
  }

  /** The whole report, each line ended. */
  public String text(Map<String, Double> seconds, double total) {
    Page page = new Page(style);
    page.heading(Page.say("predict: %,d rows", rows));
    named.forEach((column, expression) -> page.line("  " + column + " = " + expression));
    page.lines(lines());
    page.footer(output, seconds, total);
    return page.text();
  }
}
