package org.sparkcurvature.job.source;

import java.util.Iterator;
import java.util.Optional;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RuntimeConfig;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.vectorized.ColumnarBatch;
import org.sparkcurvature.job.errors.Failures;
import org.sparkcurvature.job.reduce.Partitions;

/**
 * The rows of a table, planned once: in batches of columns where the plan reads them so and does
 * nothing to them but choose columns, one by one otherwise. The table's columns need not be in
 * their order. Of a stream there are none to look at.
 */
final class TableRows {

  private static final String MOST_FIELDS = "spark.sql.codegen.maxFields";

  /** What a task makes of the rows of a partition. */
  @FunctionalInterface
  interface Task<T> extends java.io.Serializable {
    Iterator<T> run(int partition, PartitionRows rows);
  }

  /** Batches or rows. */
  private final JavaRDD<?> arriving;

  private final boolean columnar;
  private final int[] ordinals;

  private TableRows(JavaRDD<?> arriving, boolean columnar, int[] ordinals) {
    this.arriving = arriving;
    this.columnar = columnar;
    this.ordinals = ordinals;
  }

  static TableRows of(Dataset<Row> table) {
    if (table.isStreaming()) {
      return new TableRows(
          JavaSparkContext.fromSparkContext(table.sparkSession().sparkContext()).emptyRDD(),
          false,
          inOrder(table));
    }
    return Failures.translate(() -> bare(table).orElseGet(() -> whole(table)));
  }

  private static TableRows whole(Dataset<Row> table) {
    return new TableRows(InternalRows.of(table), false, inOrder(table));
  }

  private static int[] inOrder(Dataset<Row> table) {
    return IntStream.range(0, table.columns().length).toArray();
  }

  /**
   * What the table is read from, where that is all. Spark reads a table of many columns as rows,
   * because the code that it would generate for batches is long; here none is generated.
   */
  private static Optional<TableRows> bare(Dataset<Row> table) {
    RuntimeConfig conf = table.sparkSession().conf();
    String before = conf.get(MOST_FIELDS);
    conf.set(MOST_FIELDS, Integer.toString(Integer.MAX_VALUE));
    try {
      return PhysicalScan.of(table.select("*").queryExecution().executedPlan())
          .map(
              scan ->
                  new TableRows(
                      scan.isColumnar() ? scan.batches() : scan.rows(),
                      scan.isColumnar(),
                      scan.ordinals()));
    } finally {
      conf.set(MOST_FIELDS, before);
    }
  }

  /** Where each column of the table is in the rows. */
  int[] ordinals() {
    return ordinals.clone();
  }

  int partitions() {
    return arriving.getNumPartitions();
  }

  /** Whether rows come in batches of columns. */
  boolean isColumnar() {
    return columnar;
  }

  /** A task for each partition, in their order. Nothing runs until the result is asked for. */
  <T> JavaRDD<T> run(Task<T> task) {
    boolean batches = columnar;
    return Partitions.map(
        arriving, (partition, iterator) -> task.run(partition, rows(iterator, batches)));
  }

  @SuppressWarnings("unchecked") // as the argument says
  private static PartitionRows rows(Iterator<?> arriving, boolean batches) {
    return batches
        ? PartitionRows.ofBatches((Iterator<ColumnarBatch>) arriving)
        : PartitionRows.of((Iterator<InternalRow>) arriving);
  }
}
