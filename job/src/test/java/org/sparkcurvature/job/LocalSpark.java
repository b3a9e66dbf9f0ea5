package org.sparkcurvature.job;

import java.util.Map;
import org.apache.spark.sql.SparkSession;
import org.sparkcurvature.job.command.LocalDisk;

/**
 * The Spark session that tests share. Ask for it in each test: a test that needs another master
 * stops it.
 */
public final class LocalSpark {
  private LocalSpark() {}

  /** What every session of tests is told. */
  public static final Map<String, String> CONFIGURATION =
      Map.of(
          "spark.ui.enabled", "false",
          "spark.sql.shuffle.partitions", "4",
          // as commands have it
          "spark.sql.artifact.isolation.enabled", "false",
          "spark.hadoop.fs.file.impl", LocalDisk.class.getName(),
          "spark.sql.warehouse.dir", "target/spark-warehouse",
          "spark.driver.host", "127.0.0.1",
          "spark.driver.bindAddress", "127.0.0.1");

  /** The running session, on {@code local[2]} where none runs. */
  public static synchronized SparkSession session() {
    return on("local[2]", Map.of());
  }

  /**
   * A session on {@code master}; a session on another master, unless that is local[2], is to be
   * stopped first.
   */
  public static synchronized SparkSession on(String master, Map<String, String> configuration) {
    String classes = System.getProperty("java.class.path");
    String cache = System.getProperty("org.bytedeco.javacpp.cachedir", "");
    SparkSession.Builder builder = SparkSession.builder();
    CONFIGURATION.forEach(builder::config);
    configuration.forEach(builder::config);
    return builder
        .master(master)
        .appName("tests")
        // Executors of local-cluster are JVMs of their own.
        .config("spark.executor.extraClassPath", classes)
        .config(
            "spark.executor.extraJavaOptions",
            cache.isEmpty() ? "" : "-Dorg.bytedeco.javacpp.cachedir=" + cache)
        .getOrCreate();
  }

  /** Stops the running session, if any. */
  public static synchronized void stop() {
    SparkSession.builder().master("local[1]").getOrCreate().stop();
    SparkSession.clearActiveSession();
    SparkSession.clearDefaultSession();
  }
}
