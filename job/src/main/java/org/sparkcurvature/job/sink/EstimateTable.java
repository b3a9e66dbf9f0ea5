package org.sparkcurvature.job.sink;

import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.sparkcurvature.job.infer.Estimate;

/** Estimates as a table, one row each, in one file. */
public final class EstimateTable {
  private static final StructType SCHEMA =
      new StructType()
          .add("name", DataTypes.StringType, false)
          .add("parameter", DataTypes.StringType, false)
          .add("index", DataTypes.IntegerType, false)
          .add("estimate", DataTypes.DoubleType, false)
          .add("std_error", DataTypes.DoubleType, true)
          .add("z", DataTypes.DoubleType, true)
          .add("p", DataTypes.DoubleType, true)
          .add("ci_low", DataTypes.DoubleType, true)
          .add("ci_high", DataTypes.DoubleType, true);

  private EstimateTable() {}

  /** A row for each estimate. */
  public static Dataset<Row> of(SparkSession spark, List<Estimate> estimates) {
    List<Row> rows = estimates.stream().map(EstimateTable::row).toList();
    return spark.createDataFrame(rows, SCHEMA).coalesce(1);
  }

  private static Row row(Estimate e) {
    return RowFactory.create(
        e.name(),
        e.parameter(),
        e.index(),
        e.estimate(),
        finite(e.stdError()),
        finite(e.z()),
        finite(e.p()),
        finite(e.ciLow()),
        finite(e.ciHigh()));
  }

  private static Double finite(double value) {
    return Double.isFinite(value) ? Double.valueOf(value) : null;
  }
}
