package org.sparkcurvature.job.sink;

import java.time.Duration;
import org.apache.spark.SparkContext;
import org.apache.spark.scheduler.TaskSchedulerImpl;
import scala.jdk.javaapi.CollectionConverters;

/**
 * Tasks that outlive their job. One that fails ends the job at once; the others are told to stop,
 * and until they have read that they go on. A task that opens its file only then makes the folder
 * again that the run has just removed.
 */
final class RunningTasks {
  private static final Duration LOOK = Duration.ofMillis(20);

  private RunningTasks() {}

  /**
   * Waits until no executor runs a task, those of other jobs of the same application included:
   * Spark does not tell whose a task is that has lost its job.
   *
   * @param longest for so long at most
   */
  static void awaitEnd(SparkContext context, Duration longest) {
    long begin = System.nanoTime();
    try {
      while (!context.isStopped()
          && System.nanoTime() - begin < longest.toNanos()
          && any(context)) {
        Thread.sleep(LOOK.toMillis());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** By the scheduler's own books: what Spark's status tells is a while old. */
  private static boolean any(SparkContext context) {
    return context.taskScheduler() instanceof TaskSchedulerImpl scheduler
        && CollectionConverters.asJava(scheduler.runningTasksByExecutors()).values().stream()
            .anyMatch(count -> (Integer) count > 0);
  }
}
