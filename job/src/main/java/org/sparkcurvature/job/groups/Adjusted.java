package org.sparkcurvature.job.groups;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.expressions.Window;
import org.apache.spark.sql.expressions.WindowSpec;
import org.apache.spark.sql.functions;
import org.sparkcurvature.job.config.InferConfig;
import org.sparkcurvature.job.source.Quoted;

/**
 * The table of groups with p-values that are adjusted over the groups that have one, each
 * coefficient for itself: of m p-values the r-th smallest counts m / r times (Benjamini and
 * Hochberg 1995, "Controlling the false discovery rate"), or m - r + 1 times (Holm 1979, "A simple
 * sequentially rejective multiple test procedure"), at most 1, and none less than a smaller one.
 */
final class Adjusted {
  private static final String ROW = "__row";
  private static final String INDEX = "__index";
  private static final String P = "__p";
  static final String ADJUSTED = "p_adjusted";

  private Adjusted() {}

  /**
   * The table with {@code p_adjusted} behind its columns.
   *
   * @param keys how many of the first columns are keys
   */
  static Dataset<Row> of(
      Dataset<Row> table, int keys, boolean isLong, InferConfig.Adjustment adjustment) {
    if (adjustment == InferConfig.Adjustment.NONE) {
      return table;
    }
    List<Column> own = new ArrayList<>();
    String[] names = table.columns();
    Arrays.stream(names).map(Quoted::column).forEach(own::add);
    if (isLong) {
      return adjusted(table, "index", "p", adjustment);
    }
    List<Column> exploded = new ArrayList<>(own);
    exploded.add(functions.posexplode(functions.col("p")).as(new String[] {INDEX, P}));
    Dataset<Row> each =
        adjusted(table.select(exploded.toArray(Column[]::new)), INDEX, P, adjustment);
    List<Column> aggregates = new ArrayList<>();
    for (int k = keys; k < names.length; k++) {
      aggregates.add(functions.first(Quoted.column(names[k])).as(names[k]));
    }
    aggregates.add(GroupTable.inOrder(INDEX, ADJUSTED).as(ADJUSTED));
    return each.groupBy(own.subList(0, keys).toArray(Column[]::new))
        .agg(aggregates.get(0), aggregates.subList(1, aggregates.size()).toArray(Column[]::new));
  }

  private static Dataset<Row> adjusted(
      Dataset<Row> rows, String index, String p, InferConfig.Adjustment adjustment) {
    Column value = functions.col(p);
    // Those without one are apart, and count for nothing.
    WindowSpec all = Window.partitionBy(functions.col(index), value.isNull());
    Column rank = functions.row_number().over(all.orderBy(value));
    Column count = functions.count(functions.lit(1)).over(all);
    boolean isHolm = adjustment == InferConfig.Adjustment.HOLM;
    Column times = isHolm ? count.minus(rank).plus(1) : count.cast("double").divide(rank);
    Dataset<Row> scaled = rows.withColumn(ROW, value.multiply(times));
    Column monotone =
        isHolm
            ? functions
                .max(ROW)
                .over(all.orderBy(value).rowsBetween(Window.unboundedPreceding(), 0))
            : functions
                .min(ROW)
                .over(all.orderBy(value.desc()).rowsBetween(Window.unboundedPreceding(), 0));
    return scaled
        .withColumn(
            ADJUSTED,
            functions.when(value.isNotNull(), functions.least(functions.lit(1.0), monotone)))
        .drop(ROW);
  }
}
