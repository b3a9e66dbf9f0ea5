package org.sparkcurvature.job.source;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DecimalType;
import org.apache.spark.sql.types.DoubleType;
import org.apache.spark.sql.types.FloatType;
import org.apache.spark.sql.types.NumericType;
import org.sparkcurvature.graph.Shape;
import org.sparkcurvature.job.config.InputConfig;
import org.sparkcurvature.job.config.TensorConfig;
import org.sparkcurvature.job.errors.Errors;
import org.sparkcurvature.job.errors.PublicText;

/**
 * The tables of an input.
 *
 * @param whole their rows that pass the filter
 * @param samples what is asked for of these
 */
record OpenedTables(Dataset<Row> whole, Dataset<Row> samples) {

  static OpenedTables of(SparkSession spark, InputConfig input, Projection projection) {
    List<Dataset<Row>> tables = new ArrayList<>();
    List<Dataset<Row>> projected = new ArrayList<>();
    for (Tables.Table table :
        new Tables(
                InputSession.of(spark, input),
                input.acceptance().missingPath(),
                features(input),
                new Repeatability(input.nondeterministic()))
            .open(input.source())) {
      Dataset<Row> filtered = projection.filtered(table.rows());
      if (!input.held().isEmpty()) {
        // A row is in the group in which it is, whatever a column is held at.
        filtered = held(projection.withKeys(filtered), input.held());
      }
      // Each table must have the columns: a union would fill them with null.
      projected.add(projection.of(filtered, List.of()));
      tables.add(filtered);
    }
    Dataset<Row> whole = tables.stream().reduce((a, b) -> a.unionByName(b, true)).orElseThrow();
    return new OpenedTables(
        whole, projected.size() == 1 ? projected.get(0) : projection.of(whole, List.of()));
  }

  /** With columns that have one value in all rows, of their own types where these hold it. */
  private static Dataset<Row> held(Dataset<Row> rows, Map<String, String> values) {
    Dataset<Row> changed = rows;
    for (Map.Entry<String, String> value : values.entrySet()) {
      String column =
          new ColumnNames(rows.schema())
              .named(value.getKey())
              .orElseThrow(
                  () ->
                      Errors.missingColumn(
                          value.getKey(), "curvature.effects", Projection.columns(rows)));
      DataType type = rows.schema().apply(column).dataType();
      if (Source.isOfSeveral(type)) {
        throw Errors.configuration(
            "the column %s is of the type %s, and is held at no single value"
                .formatted(PublicText.label(column), type.simpleString()),
            "curvature.effects",
            "hold a column of numbers, texts or dates: one with an element of it, as by input.sql");
      }
      changed = changed.withColumn(column, held(value.getValue(), type));
    }
    return changed;
  }

  /** A number that the type would round, as 40.5 of a column of integers, is held as a double. */
  private static Column held(String value, DataType type) {
    Column text = functions.lit(value);
    if (!(type instanceof NumericType) || type instanceof DoubleType || type instanceof FloatType) {
      return text.cast(type);
    }
    try {
      BigDecimal number = new BigDecimal(value.strip());
      int scale = type instanceof DecimalType decimal ? decimal.scale() : 0;
      return number.stripTrailingZeros().scale() > scale
          ? functions.lit(number.doubleValue())
          : functions.lit(number.toPlainString()).cast(type);
    } catch (NumberFormatException e) {
      return text.cast(type);
    }
  }

  /** The size of a tensor that is the column of libsvm's features, where that is configured. */
  private static Optional<Integer> features(InputConfig input) {
    return input.tensors().values().stream()
        .filter(OpenedTables::isFeatures)
        .flatMap(tensor -> tensor.knownShape().stream())
        .map(Shape::size)
        .findFirst();
  }

  /** Whether a tensor is the column of libsvm's features. */
  static boolean isFeatures(TensorConfig tensor) {
    return tensor instanceof TensorConfig.Single single && single.column().equals(Tables.FEATURES);
  }
}
