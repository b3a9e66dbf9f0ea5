package org.sparkcurvature.job.command;

import java.util.Locale;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkContext;
import org.apache.spark.SparkContext$;
import org.sparkcurvature.job.errors.Errors;
import org.sparkcurvature.job.errors.Failures;
import org.sparkcurvature.job.errors.JobException;
import org.sparkcurvature.job.errors.OutOfMemoryException;

/**
 * What a run says whose memory ran out although nothing was refused beforehand: how much there was,
 * and the keys that set it.
 */
final class OutOfMemoryAdvice {
  private OutOfMemoryAdvice() {}

  /**
   * The failure with figures.
   *
   * @param failure an error of the driver, or an exception in whose tasks memory ran out
   */
  static JobException explain(Throwable failure, SparkContext spark) {
    SparkConf conf = spark.getConf();
    long driver = Runtime.getRuntime().maxMemory();
    String reason =
        failure instanceof OutOfMemoryException known
            ? known.what()
            : "memory ran out in the driver: " + Failures.reason(failure);
    if (spark.isLocal()) {
      int cores = SparkContext$.MODULE$.numDriverCores(spark.master());
      return Errors.outOfMemory(
          "%s; the heap is of %s, for %s"
              .formatted(
                  reason,
                  Errors.bytes(driver),
                  cores == 1 ? "one task at once" : "up to " + cores + " tasks at once"),
          "spark.driver.memory",
          "give a larger heap (-- --driver-memory %s)%s"
              .formatted(
                  twice(driver),
                  cores == 1 ? "" : ", or run fewer tasks at once (-- --master local[1])"),
          failure);
    } else if (failure instanceof Error) {
      return Errors.outOfMemory(
          "%s; its heap is of %s".formatted(reason, Errors.bytes(driver)),
          "spark.driver.memory",
          "give the driver a larger heap (-- --driver-memory %s)".formatted(twice(driver)),
          failure);
    }
    long executor = conf.getSizeAsMb("spark.executor.memory", "1g") << 20;
    return Errors.outOfMemory(
        "%s; executors have heaps of %s".formatted(reason, Errors.bytes(executor)),
        "spark.executor.memory",
        "give executors larger heaps (-- --executor-memory %s), run fewer tasks at once in each (-- --executor-cores 1), or, where a container's limit ended them, raise spark.executor.memoryOverhead"
            .formatted(twice(executor)),
        failure);
  }

  /** As options of spark-submit take it. */
  private static String twice(long heap) {
    return String.format(Locale.ROOT, "%dm", 2 * heap >> 20);
  }
}
