package org.sparkcurvature.job.source;

import static org.apache.spark.sql.functions.col;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.UnsafeRow;
import org.apache.spark.sql.types.StructField;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.sparkcurvature.job.LocalSpark;

class PackedRowsTest {
  private static final String FIXED =
      "id % 37 AS k|id AS n|if(id % 5 = 0, null, id / 7) AS x|true AS b";

  /**
   * Texts, arrays, long decimals and null, and rows that are longer than what is packed together.
   */
  private static final String VARIABLE =
      "concat('k', id % 37) AS k|if(id % 3 = 0, null, repeat('ü', int(id % 200))) AS t"
          + "|array(id, null) AS a|cast(id AS decimal(30, 2)) AS d|named_struct('u', 'v', 'w', id) AS s"
          + "|if(id % 997 = 5, repeat('long', 20000), '') AS l";

  private static Dataset<Row> table(String columns, long rows) {
    return LocalSpark.session().range(0, rows, 1, 3).selectExpr(columns.split("\\|"));
  }

  /** A row with the partition that it lies in: its values, and the number. */
  private static List<String> texts(JavaRDD<InternalRow> rows, Dataset<Row> table) {
    StructField[] fields = table.schema().fields();
    return rows.mapPartitions(
            arriving -> {
              List<String> texts = new ArrayList<>();
              while (arriving.hasNext()) {
                UnsafeRow row = (UnsafeRow) arriving.next();
                StringBuilder text = new StringBuilder();
                for (int k = 0; k < fields.length; k++) {
                  Object value = row.isNullAt(k) ? null : row.get(k, fields[k].dataType());
                  text.append(value).append('|');
                }
                texts.add(text.append(TaskContext.getPartitionId()).toString());
              }
              return texts.iterator();
            })
        .collect();
  }

  @ParameterizedTest
  @CsvSource({"false, 1", "false, 8", "false, 250", "true, 1", "true, 7", "true, 250"})
  void bringsEachRowToThePartitionOfItsKey(boolean variable, int partitions) {
    Dataset<Row> table = table(variable ? VARIABLE : FIXED, 20_000);
    JavaRDD<InternalRow> expected = InternalRows.of(table.repartition(partitions, col("k")));
    JavaRDD<InternalRow> together = PackedRows.together(table, new Column[] {col("k")}, partitions);
    assertThat(together.getNumPartitions()).isEqualTo(partitions);
    // As Spark's repartition does, for all we know of its hash.
    assertThat(texts(together, table)).containsExactlyInAnyOrderElementsOf(texts(expected, table));
  }

  @Test
  void ofNoRowsThereAreNone() {
    Dataset<Row> table = table(VARIABLE, 0);
    assertThat(PackedRows.together(table, new Column[] {col("k")}, 4).collect()).isEmpty();
  }

  /** Rows of many columns, the bits for null of which take several words. */
  @Test
  void handsOnRowsOfManyColumns() {
    List<String> columns = new ArrayList<>(List.of("id % 3 AS k"));
    for (int k = 1; k < 128; k++) {
      columns.add("if(id %% %d = 0, null, id + %d) AS c%d".formatted(k + 1, k, k));
    }
    Dataset<Row> table = table(String.join("|", columns), 500);
    assertThat(texts(PackedRows.together(table, new Column[] {col("k")}, 2), table))
        .containsExactlyInAnyOrderElementsOf(
            texts(InternalRows.of(table.repartition(2, col("k"))), table));
  }
}
