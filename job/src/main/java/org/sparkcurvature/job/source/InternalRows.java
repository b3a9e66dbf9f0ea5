package org.sparkcurvature.job.source;

import java.util.Optional;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.types.StructType;
import org.sparkcurvature.job.errors.Failures;
import org.sparkcurvature.job.watch.RowWatch;

/**
 * The way between tables and Spark's internal rows, which hold numbers unboxed. Not a stable
 * interface of Spark: all use of it is here.
 */
public final class InternalRows {
  private InternalRows() {}

  /**
   * The rows of {@code table}, planned now. A row is overwritten by the next one of its partition.
   */
  public static JavaRDD<InternalRow> of(Dataset<Row> table) {
    return Failures.translate(() -> table.queryExecution().toRdd().toJavaRDD());
  }

  /** The same, watched while it is read. */
  public static Dataset<Row> dataset(
      SparkSession spark, JavaRDD<InternalRow> rows, StructType schema, Optional<RowWatch> watch) {
    return dataset(spark, watch.map(w -> w.watching(rows, schema)).orElse(rows), schema);
  }

  /** The table of {@code rows}, which are of {@code schema}. */
  public static Dataset<Row> dataset(
      SparkSession spark, JavaRDD<InternalRow> rows, StructType schema) {
    return ((org.apache.spark.sql.classic.SparkSession) spark)
        .internalCreateDataFrame(rows.rdd(), schema, false);
  }
}
