package org.sparkcurvature.ml;

import java.util.Arrays;
import java.util.List;
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
  static final String KEEP = "keep";
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
            "rows with missing values or levels that were not seen: error (they end the run), skip"
                + " (they are left out) or keep (they stay, without a prediction; a fit leaves them"
                + " out)");
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
   * @param nullable whether there are rows without a prediction
   * @throws CurvatureException if there is such a column already
   */
  static StructType with(
      StructType schema, String predictionCol, boolean nullable, boolean byGroups) {
    refuseTaken(schema, predictionCol, "predictionCol");
    if (byGroups && isTaken(schema, GROUP_STATUS)) {
      throw refused(
          "there is a column " + GROUP_STATUS + " already, which the model adds",
          "by",
          "drop or rename it");
    }
    StructType with =
        schema.add(
            new StructField(predictionCol, DataTypes.DoubleType, nullable, Metadata.empty()));
    return byGroups
        ? with.add(new StructField(GROUP_STATUS, DataTypes.StringType, false, Metadata.empty()))
        : with;
  }

  /** Refuses a column that there is already. */
  static void refuseTaken(StructType schema, String column, String param) {
    if (isTaken(schema, column)) {
      throw refused(
          "there is a column " + column + " already", param, "set " + param + " to another name");
    }
  }

  private static boolean isTaken(StructType schema, String column) {
    return Arrays.stream(schema.fieldNames()).anyMatch(column::equalsIgnoreCase);
  }

  static void refuseUnknown(String handleInvalid) {
    if (!List.of(ERROR, SKIP, KEEP).contains(handleInvalid)) {
      throw refused(
          "handleInvalid is " + handleInvalid, "handleInvalid", "take error, skip or keep");
    }
  }

  /** What {@code input.invalid-rows} calls it. */
  static String invalidRows(String handleInvalid) {
    return switch (handleInvalid) {
      case SKIP -> "drop";
      case KEEP -> "keep";
      default -> "fail";
    };
  }

  static CurvatureException refused(String what, String param, String remedy) {
    return CurvatureException.of(2, what, "param " + param, remedy);
  }
}
