package org.sparkcurvature.job.source;

import java.util.Iterator;
import java.util.Optional;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RuntimeConfig;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.vectorized.ColumnarBatch;
import org.sparkcurvature.job.errors.Failures;

/**
 * The rows of a table, planned once: in batches of columns where the plan reads them so and does
 * nothing to them but choose columns, one by one otherwise.
 */
final class TableRows {

  private static final String MOST_FIELDS = "spark.sql.codegen.maxFields";

  /** What a task makes of the rows of a partition. */
  @FunctionalInterface
  interface Task<T> extends java.io.Serializable {
    Iterator<T> run(int partition, PartitionRows rows);
  }

  /** Rows one by one where there are no ordinals, else batches. */
  private final JavaRDD<?> arriving;

  private final int[] ordinals;

  private TableRows(JavaRDD<?> arriving, int[] ordinals) {
    this.arriving = arriving;
    this.ordinals = ordinals;
  }

  static TableRows of(Dataset<Row> table) {
    return Failures.translate(
        () -> columnar(table).orElseGet(() -> new TableRows(InternalRows.of(table), new int[0])));
  }

  /**
   * The batches of the table. Spark reads a table of many columns as rows, because the code that it
   * would generate for batches is long; here none is generated.
   */
  private static Optional<TableRows> columnar(Dataset<Row> table) {
    RuntimeConfig conf = table.sparkSession().conf();
    String before = conf.get(MOST_FIELDS);
    conf.set(MOST_FIELDS, Integer.toString(Integer.MAX_VALUE));
    try {
      return ColumnarScan.of(table.select("*").queryExecution().executedPlan())
          .map(scan -> new TableRows(scan.batches(), scan.ordinals()));
    } finally {
      conf.set(MOST_FIELDS, before);
    }
  }

  int partitions() {
    return arriving.getNumPartitions();
  }

  /** Whether rows come in batches of columns. */
  boolean isColumnar() {
    return ordinals.length > 0;
  }

  /** A task for each partition, in their order. Nothing runs until the result is asked for. */
  <T> JavaRDD<T> run(Task<T> task) {
    int[] sent = ordinals;
    return arriving.mapPartitionsWithIndex(
        (partition, iterator) -> task.run(partition, rows(iterator, sent)), true);
  }

  @SuppressWarnings("unchecked") // what arrives follows from the ordinals
  private static PartitionRows rows(Iterator<?> arriving, int[] ordinals) {
    return ordinals.length > 0
        ? PartitionRows.ofBatches((Iterator<ColumnarBatch>) arriving, ordinals)
        : PartitionRows.of((Iterator<InternalRow>) arriving);
  }
}
