package org.sparkcurvature.job.source;

import java.util.Map;
import org.apache.spark.sql.classic.SparkSession;
import org.sparkcurvature.job.config.InputConfig;

/** The session in which an input is read: a clone, as the user's stays as it is. */
final class InputSession {
  private InputSession() {}

  /**
   * Partitions of a table that has no files, such as range(n); Spark would take the number of
   * cores.
   */
  private static final int LEAF_PARTITIONS = 8;

  /** What a file counts for, beside its bytes, where small ones share a partition. */
  private static final String OPEN_COST = "4m";

  /** Tasks among which paths are shared out to be listed; Spark would take one for each. */
  private static final int LISTING_TASKS = 64;

  /**
   * A session in which neither the number of cores nor Spark's own keys decide which rows make a
   * partition, and a bad cell is null.
   */
  static SparkSession of(org.apache.spark.sql.SparkSession spark, InputConfig input) {
    SparkSession session = ((SparkSession) spark).cloneSession();
    String bytes = input.partitionSizeBytes() + "b";
    Map.of(
            "spark.sql.ansi.enabled",
            "false",
            // ${env:NAME} in an expression would read the environment of the driver.
            "spark.sql.variable.substitute",
            "false",
            "spark.sql.files.minPartitionNum",
            "1",
            "spark.sql.files.maxPartitionBytes",
            bytes,
            "spark.sql.files.maxPartitionNum",
            Integer.toString(Integer.MAX_VALUE),
            "spark.sql.files.openCostInBytes",
            OPEN_COST,
            "spark.sql.leafNodeDefaultParallelism",
            Integer.toString(LEAF_PARTITIONS),
            "spark.sql.adaptive.coalescePartitions.parallelismFirst",
            "false",
            "spark.sql.adaptive.advisoryPartitionSizeInBytes",
            bytes,
            "spark.sql.sources.parallelPartitionDiscovery.parallelism",
            Integer.toString(LISTING_TASKS))
        .forEach(session.conf()::set);
    return session;
  }
}
