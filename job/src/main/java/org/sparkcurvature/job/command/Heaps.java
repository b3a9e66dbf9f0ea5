package org.sparkcurvature.job.command;

import java.util.Locale;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkContext;
import org.apache.spark.SparkContext$;
import org.sparkcurvature.job.errors.Errors;

/**
 * The memory that a run has.
 *
 * @param driver bytes of the driver's heap
 * @param executor bytes of an executor's heap; the driver's where there are no other processes
 * @param tasks how many tasks run at once in an executor, at most
 * @param local whether tasks run in the driver's own process
 * @param sharedFraction how much of a heap, beside Spark's own {@link #RESERVED}, Spark fills with
 *     what waits to be merged before it goes to disk
 */
record Heaps(long driver, long executor, int tasks, boolean local, double sharedFraction) {
  /** What Spark keeps of each heap for itself. */
  static final long RESERVED = 300L << 20;

  /** What Spark and this program leave of a heap, in eighths. */
  private static final int USABLE_EIGHTHS = 7;

  /** As Spark was configured. */
  static Heaps of(SparkContext spark) {
    SparkConf conf = spark.getConf();
    long driver = Runtime.getRuntime().maxMemory();
    int perTask = conf.getInt("spark.task.cpus", 1);
    double shared = conf.getDouble("spark.memory.fraction", 0.6);
    if (spark.isLocal()) {
      int cores = SparkContext$.MODULE$.numDriverCores(spark.master());
      return new Heaps(driver, driver, Math.max(1, cores / perTask), true, shared);
    }
    return new Heaps(
        driver,
        conf.getSizeAsMb("spark.executor.memory", "1g") << 20,
        Math.max(1, cores(spark, conf) / perTask),
        false,
        shared);
  }

  /**
   * Cores of an executor. A standalone cluster gives it all of a worker's unless told otherwise.
   */
  private static int cores(SparkContext spark, SparkConf conf) {
    String master = spark.master().toLowerCase(Locale.ROOT);
    boolean allOfWorker = master.startsWith("spark://") || master.startsWith("local-cluster");
    int executors = Math.max(1, spark.getExecutorMemoryStatus().size() - 1);
    int even = (spark.defaultParallelism() + executors - 1) / executors;
    return conf.getInt("spark.executor.cores", allOfWorker ? even : 1);
  }

  /** How many of so many tasks run at once in an executor, at most. */
  int atOnce(int count) {
    return Math.max(1, Math.min(tasks, count));
  }

  /** How to get a heap of so many bytes for tasks. */
  String larger(long bytes) {
    return (local
            ? "give a heap of %s (-- --driver-memory %s)"
            : "give executors a heap of %s (-- --executor-memory %s)")
        .formatted(Errors.bytes(bytes), option(bytes));
  }

  /** How to have a heap to fewer tasks. */
  String fewerTasks() {
    return "run fewer tasks at once (%s)"
        .formatted(local ? "-- --master local[1]" : "-- --executor-cores 1");
  }

  /** As options of spark-submit take it, in whole GiB. */
  static String option(long bytes) {
    return (bytes >> 30) + 1 + "g";
  }

  /** What sums may take of a heap of so many bytes. */
  static long usable(long heap) {
    return heap / 8 * USABLE_EIGHTHS;
  }

  /** What Spark may hold, of this heap, of the sums that wait to be merged. */
  long shared(long heap) {
    return (long) (sharedFraction * Math.max(0, heap - RESERVED));
  }
}
