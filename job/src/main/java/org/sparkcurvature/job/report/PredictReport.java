package org.sparkcurvature.job.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DoubleType;
import org.sparkcurvature.job.config.OutputFormat;
import org.sparkcurvature.job.errors.Failures;
import org.sparkcurvature.job.source.LiteralPath;
import org.sparkcurvature.job.source.Quoted;

/** What a person reads of predictions: what they are, and how they lie. */
public final class PredictReport implements Report {
  private final long rows;
  private final Map<String, String> named;
  private final List<Column> columns;

  /** How the predictions of a column lie over the rows. */
  public record Column(String name, double mean, double smallest, double largest) {}

  private PredictReport(long rows, Map<String, String> named, List<Column> columns) {
    this.rows = rows;
    this.named = named;
    this.columns = List.copyOf(columns);
  }

  /**
   * Looks at the table as it was written.
   *
   * @param named expressions by the names of their columns
   */
  public static PredictReport of(
      SparkSession spark, String table, OutputFormat format, Map<String, String> named) {
    Dataset<Row> written = LiteralPath.read(spark, format, table);
    List<org.apache.spark.sql.Column> asked =
        new ArrayList<>(List.of(functions.count(functions.lit(1))));
    List<String> names = new ArrayList<>();
    for (String name : named.keySet()) {
      if (written.schema().apply(name).dataType() instanceof DoubleType) {
        org.apache.spark.sql.Column column = Quoted.column(name);
        names.add(name);
        asked.addAll(List.of(functions.avg(column), functions.min(column), functions.max(column)));
      }
    }
    Row found =
        Failures.translate(
            () ->
                written
                    .agg(
                        asked.get(0),
                        asked.subList(1, asked.size()).toArray(org.apache.spark.sql.Column[]::new))
                    .first());
    long rows = found.getLong(0);
    List<Column> columns = new ArrayList<>();
    for (int k = 0; k < names.size() && rows > 0; k++) {
      columns.add(
          new Column(
              names.get(k),
              number(found, 1 + 3 * k),
              number(found, 2 + 3 * k),
              number(found, 3 + 3 * k)));
    }
    return new PredictReport(rows, named, columns);
  }

  private static double number(Row row, int column) {
    return row.isNullAt(column) ? Double.NaN : row.getDouble(column);
  }

  /** How many predictions there are. */
  public long rows() {
    return rows;
  }

  /** Those of one number a row. */
  public List<Column> columns() {
    return columns;
  }

  @Override
  public String text(View view) {
    Page page = new Page(view);
    page.title(
        "predict",
        String.join(
                ", ",
                named.entrySet().stream().map(e -> e.getKey() + " = " + e.getValue()).toList())
            + ", for "
            + Page.rows(rows));
    if (!columns.isEmpty()) {
      page.lines(
          new Rows(view, columns.stream().map(Column::name).toList())
              .column("mean over rows", column(Column::mean))
              .column("smallest", column(Column::smallest))
              .column("largest", column(Column::largest))
              .lines());
    }
    return page.text();
  }

  private List<String> column(ToDoubleFunction<Column> of) {
    return columns.stream().map(c -> Digits.significant(of.applyAsDouble(c))).toList();
  }
}
