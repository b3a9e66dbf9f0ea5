package org.sparkcurvature.job.source;

import java.util.Locale;
import java.util.regex.Pattern;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.sparkcurvature.job.config.OutputFormat;

/** Paths that Spark's readers are to take as they are: they look for patterns in every path. */
public final class LiteralPath {
  private static final Pattern SPECIAL = Pattern.compile("[\\\\*?{}\\[\\]]");

  private LiteralPath() {}

  /** A table that this program wrote. */
  public static Dataset<Row> read(SparkSession spark, OutputFormat format, String path) {
    return spark.read().format(format.name().toLowerCase(Locale.ROOT)).load(of(path));
  }

  /** The pattern that matches this path alone. */
  public static String of(String path) {
    return SPECIAL.matcher(path).replaceAll("\\\\$0");
  }
}
