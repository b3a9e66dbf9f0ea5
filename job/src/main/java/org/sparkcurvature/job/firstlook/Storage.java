package org.sparkcurvature.job.firstlook;

import org.apache.spark.sql.types.BooleanType;
import org.apache.spark.sql.types.ByteType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DateType;
import org.apache.spark.sql.types.DecimalType;
import org.apache.spark.sql.types.DoubleType;
import org.apache.spark.sql.types.FloatType;
import org.apache.spark.sql.types.IntegerType;
import org.apache.spark.sql.types.LongType;
import org.apache.spark.sql.types.ShortType;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.sql.types.TimestampNTZType;
import org.apache.spark.sql.types.TimestampType;

/** As what a column's values are looked at. */
enum Storage {
  /** Integers of up to 64 bits. */
  INTEGER,
  REAL,
  DECIMAL,
  TEXT,
  TRUTH,
  /** Days since 1970. */
  DATE,
  /** Microseconds since 1970. */
  TIMESTAMP,
  /** Whatever no formula takes as it is: only whether there is a value is looked at. */
  OTHER;

  static Storage of(DataType type) {
    if (type instanceof ByteType
        || type instanceof ShortType
        || type instanceof IntegerType
        || type instanceof LongType) {
      return INTEGER;
    } else if (type instanceof FloatType || type instanceof DoubleType) {
      return REAL;
    } else if (type instanceof DecimalType) {
      return DECIMAL;
    } else if (type instanceof StringType) {
      return TEXT;
    } else if (type instanceof BooleanType) {
      return TRUTH;
    } else if (type instanceof DateType) {
      return DATE;
    }
    return type instanceof TimestampType || type instanceof TimestampNTZType ? TIMESTAMP : OTHER;
  }
}
