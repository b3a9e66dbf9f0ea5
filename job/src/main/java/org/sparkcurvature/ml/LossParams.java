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
  static final String GROUP_STATUS = "group_status";
  static final String ERROR = "error";
  static final String SKIP = "skip";
  static final String NULL = "null";

  final Param<String> predictionCol;
  final Param<String> predicted;
  final Param<String> handleInvalid;
  final Param<String> unseenGroups;

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
    unseenGroups =
        new Param<>(
            parent,
            "unseenGroups",
            "rows of groups that were not seen: null (no prediction), pooled (by the estimates of"
                + " all rows, of a fit with fit.start = pooled) or fail");
  }

  /**
   * The schema with the predictions behind it, and behind these, by groups, what became of a row's
   * group.
   *
   * @throws CurvatureException if there is such a column already
   */
  static StructType with(StructType schema, String predictionCol, boolean byGroups) {
    List<String> taken =
        Arrays.stream(schema.fieldNames()).map(name -> name.toLowerCase(Locale.ROOT)).toList();
    if (taken.contains(predictionCol.toLowerCase(Locale.ROOT))) {
      throw refused(
          "there is a column " + predictionCol + " already",
          "predictionCol",
          "set predictionCol to another name");
    }
    if (byGroups && taken.contains(GROUP_STATUS)) {
      throw refused(
          "there is a column " + GROUP_STATUS + " already, which the model adds",
          "by",
          "drop or rename it");
    }
    StructType with =
        schema.add(
            new StructField(predictionCol, DataTypes.DoubleType, byGroups, Metadata.empty()));
    return byGroups
        ? with.add(new StructField(GROUP_STATUS, DataTypes.StringType, false, Metadata.empty()))
        : with;
  }

  static CurvatureException refused(String what, String param, String remedy) {
    return CurvatureException.of(2, what, "param " + param, remedy);
  }
}
