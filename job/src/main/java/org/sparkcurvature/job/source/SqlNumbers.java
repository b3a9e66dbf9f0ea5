package org.sparkcurvature.job.source;

import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StringType;

/** Spark SQL that makes doubles of columns, as they are made of the rows of an input. */
public final class SqlNumbers {
  private SqlNumbers() {}

  /** The number in a column; null in text that writes none. */
  public static String of(String column, DataType type) {
    return type instanceof StringType ? ofText(column) : "double(" + column + ")";
  }

  /** The number that a text writes; null where it writes none. */
  public static String ofText(String column) {
    return "try_cast(trim(" + column + ") AS double)";
  }

  /** Whether there is a number, and it is finite. */
  public static String isFinite(String number) {
    return "%1$s IS NOT NULL AND NOT isnan(%1$s) AND abs(%1$s) < double('infinity')"
        .formatted(number);
  }
}
