package org.sparkcurvature.job.derive;

import org.apache.spark.sql.SparkSession;
import org.apache.spark.util.LongAccumulator;

/** How long tasks are inside engines, which Spark reports with each task that ends. */
public final class EngineTime {
  private EngineTime() {}

  /** The name under which a task's nanoseconds are reported. */
  public static final String NAME = "nanoseconds in engines";

  static LongAccumulator of(SparkSession spark) {
    return spark.sparkContext().longAccumulator(NAME);
  }
}
