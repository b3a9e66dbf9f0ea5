package org.sparkcurvature.job.source;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.api.java.UDF1;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.util.LongAccumulator;

/**
 * What rows are expected to fulfil, looked at while they are read for something else, where that
 * costs next to nothing.
 *
 * @param tensors those that the condition names, of one column each
 * @param condition in Spark SQL, over tensors as doubles
 */
public record Expectation(List<String> tensors, String condition) {

  /**
   * The same rows; those that fall short are counted when these are read, once or more often. A row
   * does not count in which one of the tensors is no finite number.
   *
   * @param columns the tensors' columns by name, none of which is called as a tensor
   */
  Dataset<Row> noted(Dataset<Row> rows, Map<String, String> columns, LongAccumulator count) {
    List<String> own = List.of(rows.columns());
    Dataset<Row> numbers = rows;
    for (String tensor : tensors) {
      numbers = numbers.withColumn(tensor, number(rows, columns.get(tensor)));
    }
    String finite = tensors.stream().map(SqlNumbers::isFinite).collect(Collectors.joining(" AND "));
    UDF1<Double, Boolean> noted =
        unused -> {
          count.add(1);
          return true;
        };
    // A filter that all rows pass: Spark compiles it into the loop that reads them.
    Column passes =
        functions
            .when(
                functions.expr(finite + " AND NOT coalesce(" + condition + ", false)"),
                functions.udf(noted, DataTypes.BooleanType).apply(functions.col(tensors.get(0))))
            .otherwise(true);
    List<Column> kept = new ArrayList<>();
    own.forEach(column -> kept.add(Quoted.column(column)));
    return numbers.filter(passes).select(kept.toArray(Column[]::new));
  }

  private static Column number(Dataset<Row> rows, String column) {
    return functions.expr(SqlNumbers.of(column, rows.schema().apply(column).dataType()));
  }
}
