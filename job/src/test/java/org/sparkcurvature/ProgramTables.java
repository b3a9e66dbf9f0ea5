package org.sparkcurvature;

import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/** What tests of programs share: a table, a model of it, and what it is refused with. */
final class ProgramTables {
  static final Path HOME = Path.of(System.getenv("SPARK_CURVATURE_HOME"));
  static final String FORMULA = "mdvis ~ lncoins + idp + C(hlthg)";

  private ProgramTables() {}

  /** Visits to physicians: 20,190 rows. */
  static Dataset<Row> visits(SparkSession spark) {
    return spark
        .read()
        .option("header", "true")
        .option("inferSchema", "true")
        .csv(HOME.resolve("conf/data/randhie.csv").toString());
  }

  static Curvature poisson(Dataset<Row> table) {
    return Curvature.on(table).formula(FORMULA).family("poisson");
  }

  static Dataset<Row> frame(SparkSession spark, String[] columns, double[][] rows) {
    StructType schema = new StructType();
    for (String column : columns) {
      schema = schema.add(column, DataTypes.DoubleType);
    }
    List<Row> values = new ArrayList<>();
    for (double[] row : rows) {
      values.add(RowFactory.create(Arrays.stream(row).boxed().toArray()));
    }
    return spark.createDataFrame(values, schema);
  }

  static CurvatureException failure(Callable<?> work) {
    return catchThrowableOfType(CurvatureException.class, work::call);
  }
}
