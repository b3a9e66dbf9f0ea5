package org.sparkcurvature.job.source;

import java.util.Map;
import java.util.Optional;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.BinaryType;
import org.apache.spark.sql.types.BooleanType;
import org.apache.spark.sql.types.ByteType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DoubleType;
import org.apache.spark.sql.types.FloatType;
import org.apache.spark.sql.types.IntegerType;
import org.apache.spark.sql.types.LongType;
import org.apache.spark.sql.types.ShortType;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.types.TimestampType;

/**
 * Values by which rows are grouped, as texts for people that are equal where Spark's values are,
 * and nowhere else: 0 and -0 are one, bytes are told by what they hold, and so are the two hours of
 * the night in which clocks are put back. Null stays null.
 */
public final class KeyTexts {
  private static final String ZONED = "yyyy-MM-dd HH:mm:ss.SSSSSSXXX";
  private static final Map<String, String> WHOLE =
      Map.of("ignoreNullFields", "false", "timestampFormat", ZONED);

  private KeyTexts() {}

  /**
   * The text of a value.
   *
   * @return the value itself where its text is that of the Java object that Spark hands on
   */
  public static Column of(Column value, DataType type) {
    return converted(value, type).orElse(value);
  }

  /** Empty where the value's text is that of the Java object that Spark hands on. */
  static Optional<Column> converted(Column value, DataType type) {
    if (type instanceof IntegerType
        || type instanceof LongType
        || type instanceof ShortType
        || type instanceof ByteType
        || type instanceof BooleanType
        || type instanceof StringType) {
      return Optional.empty();
    }
    Column text = value.cast("string");
    if (type instanceof DoubleType || type instanceof FloatType) {
      Column zero = functions.lit(0).cast(type);
      return Optional.of(functions.when(value.equalTo(zero), zero.cast("string")).otherwise(text));
    } else if (type instanceof TimestampType) {
      return Optional.of(
          functions
              .when(text.try_cast(type).equalTo(value), text)
              .otherwise(functions.date_format(value, ZONED)));
    } else if (type instanceof BinaryType) {
      return Optional.of(functions.hex(value));
    } else if (type instanceof StructType || type instanceof ArrayType) {
      return Optional.of(functions.to_json(value, WHOLE));
    }
    return Optional.of(text);
  }
}
