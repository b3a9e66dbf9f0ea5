package org.sparkcurvature.job.command;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.util.Locale;
import java.util.Optional;
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
 * @param process bytes that a process with tasks may take in all, its heap and what lies beside it:
 *     those of the container or the machine; {@link Long#MAX_VALUE} where nothing says so
 */
record ClusterMemory(
    long driver, long executor, int tasks, boolean local, double sharedFraction, long process) {
  /** What Spark keeps of each heap for itself. */
  static final long RESERVED = 300L << 20;

  /** What Spark and this program leave of a heap, in eighths. */
  private static final int USABLE_EIGHTHS = 7;

  /** Spark's own defaults of what a container has beside the heap. */
  private static final double OVERHEAD = 0.1;

  private static final long LEAST_OVERHEAD_MIB = 384;

  /** Spark starts with no less. */
  private static final long LEAST_HEAP_MIB = 512;

  /** As Spark was configured. */
  static ClusterMemory of(SparkContext spark) {
    SparkConf conf = spark.getConf();
    long driver = Runtime.getRuntime().maxMemory();
    int perTask = conf.getInt("spark.task.cpus", 1);
    double shared = conf.getDouble("spark.memory.fraction", 0.6);
    if (spark.isLocal()) {
      int cores = SparkContext$.MODULE$.numDriverCores(spark.master());
      return new ClusterMemory(driver, driver, Math.max(1, cores / perTask), true, shared, here());
    }
    long executor = conf.getSizeAsMb("spark.executor.memory", "1g") << 20;
    return new ClusterMemory(
        driver,
        executor,
        Math.max(1, cores(spark, conf) / perTask),
        false,
        shared,
        container(conf, spark.master(), executor));
  }

  /** Bytes that this process may take: of its control group where that has a limit. */
  static long here() {
    return ManagementFactory.getOperatingSystemMXBean() instanceof OperatingSystemMXBean system
        ? system.getTotalMemorySize()
        : Long.MAX_VALUE;
  }

  /** Bytes of an executor's container, where a scheduler makes one. */
  static long container(SparkConf conf, String master, long heap) {
    String lower = master.toLowerCase(Locale.ROOT);
    if (!lower.startsWith("yarn") && !lower.startsWith("k8s")) {
      return Long.MAX_VALUE;
    }
    double share = conf.getDouble("spark.executor.memoryOverheadFactor", OVERHEAD);
    long least = Math.max(LEAST_OVERHEAD_MIB, (long) (share * (heap >> 20)));
    return heap + (conf.getSizeAsMb("spark.executor.memoryOverhead", least + "m") << 20);
  }

  /** What to say of a heap that is larger than the memory that its process has. */
  Optional<String> warning() {
    return local && driver > process
        ? Optional.of(
            "a heap of %s is more than the %s that this container or machine has: when it fills, the process is killed. Give a smaller heap (-- --driver-memory %dm), or more memory"
                .formatted(
                    Errors.bytes(driver),
                    Errors.bytes(process),
                    Math.max(LEAST_HEAP_MIB, process / 2 >> 20)))
        : Optional.empty();
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
