package org.sparkcurvature.job;

import org.apache.spark.sql.SparkSession;

/**
 * The Spark session that tests share. Ask for it in each test: a test that needs another master
 * stops it.
 */
public final class LocalSpark {
  private LocalSpark() {}

  /** The running session, on {@code local[2]} where none runs. */
  public static synchronized SparkSession session() {
    return on("local[2]");
  }

  /**
   * A session on {@code master}; a session on another master, unless that is local[2], is to be
   * stopped first.
   */
  public static synchronized SparkSession on(String master) {
    return SparkSession.builder()
        .master(master)
        .appName("tests")
        .config("spark.ui.enabled", "false")
        .config("spark.sql.shuffle.partitions", "4")
        .config("spark.sql.warehouse.dir", "target/spark-warehouse")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .getOrCreate();
  }

  /** Stops the running session, if any. */
  public static synchronized void stop() {
    SparkSession.builder().master("local[1]").getOrCreate().stop();
    SparkSession.clearActiveSession();
    SparkSession.clearDefaultSession();
  }
}
