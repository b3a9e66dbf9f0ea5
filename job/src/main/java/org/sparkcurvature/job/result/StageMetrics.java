package org.sparkcurvature.job.result;

/**
 * What the tasks of a stage of a run did, repeated and speculative ones included.
 *
 * @param tasks how many ended
 * @param rows rows that they read from the input; 0 where they read what executors keep
 * @param bytesRead bytes of the input
 * @param bytesWritten bytes of the output
 * @param taskSeconds the sum of their times
 * @param engineSeconds how much of it they spent inside engines
 */
public record StageMetrics(
    long tasks,
    long rows,
    long bytesRead,
    long bytesWritten,
    double taskSeconds,
    double engineSeconds) {

  /** No task yet. */
  public static final StageMetrics NONE = new StageMetrics(0, 0, 0, 0, 0, 0);

  /** Both together. */
  public StageMetrics plus(StageMetrics other) {
    return new StageMetrics(
        tasks + other.tasks,
        rows + other.rows,
        bytesRead + other.bytesRead,
        bytesWritten + other.bytesWritten,
        taskSeconds + other.taskSeconds,
        engineSeconds + other.engineSeconds);
  }

  /** The share of the tasks' time that they spent inside engines, from 0 to 1. */
  public double engineShare() {
    return taskSeconds > 0 ? Math.min(1, engineSeconds / taskSeconds) : 0;
  }
}
