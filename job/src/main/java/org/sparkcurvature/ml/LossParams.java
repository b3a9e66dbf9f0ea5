package org.sparkcurvature.ml;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.Params;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.Metadata;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.sparkcurvature.CurvatureException;

/** The params that an estimator and its model share, and the schema of what the model gives. */
final class LossParams {
  static final String PREDICTION = "prediction";
  static final String ERROR = "error";
  static final String SKIP = "skip";

  final Param<String> predictionCol;
  final Param<String> predicted;
  final Param<String> handleInvalid;

  LossParams(Params parent) {
    predictionCol =
        new Param<>(parent, "predictionCol", "name of the column with predictions; none may exist");
    predicted =
        new Param<>(
            parent,
            "predicted",
            "what is predicted, an expression of the model's definitions; empty: the mean");
    handleInvalid =
        new Param<>(
            parent,
            "handleInvalid",
            "rows with missing values or levels that were not seen: error (they end the run) or"
                + " skip (they are left out)");
  }

  /**
   * The schema with the predictions behind it.
   *
   * @throws CurvatureException if there is such a column already
   */
  static StructType with(StructType schema, String predictionCol) {
    List<String> taken =
        Arrays.stream(schema.fieldNames()).map(name -> name.toLowerCase(Locale.ROOT)).toList();
    if (taken.contains(predictionCol.toLowerCase(Locale.ROOT))) {
      throw refused(
          "there is a column " + predictionCol + " already",
          "predictionCol",
          "set predictionCol to another name");
    }
    return schema.add(
        new StructField(predictionCol, DataTypes.DoubleType, false, Metadata.empty()));
  }

  static CurvatureException refused(String what, String param, String remedy) {
    return CurvatureException.of(2, what, "param " + param, remedy);
  }
}
