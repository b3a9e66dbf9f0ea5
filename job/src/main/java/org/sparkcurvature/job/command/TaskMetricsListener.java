package org.sparkcurvature.job.command;

import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.apache.spark.SparkContext;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.executor.TaskMetrics;
import org.apache.spark.scheduler.AccumulableInfo;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerJobEnd;
import org.apache.spark.scheduler.SparkListenerJobStart;
import org.apache.spark.scheduler.SparkListenerStageSubmitted;
import org.apache.spark.scheduler.SparkListenerTaskEnd;
import org.sparkcurvature.job.derive.EngineTime;
import org.sparkcurvature.job.result.StageMetrics;
import org.sparkcurvature.job.source.CachedSamples;
import scala.jdk.javaapi.CollectionConverters;

/** Adds up, stage by stage of a run, what Spark reports of tasks. */
final class TaskMetricsListener extends SparkListener {
  private static final String STAGE = "curvature.stage";

  /** Not Spark's own description, to which its plans add lines in HTML. */
  private static final String ANNOUNCEMENT = "curvature.announcement";

  private static final long PATIENCE_MILLIS = 10_000;

  private final SparkContext spark;
  private final ProgressLine progress;
  private final boolean listens;
  private final Map<String, StageMetrics> stages = new LinkedHashMap<>();
  private final Map<Integer, String> stageOf = new HashMap<>();

  private TaskMetricsListener(SparkContext spark, ProgressLine progress, boolean listens) {
    this.spark = spark;
    this.progress = progress;
    this.listens = listens;
  }

  /** Nothing is told of: a program's session is left as it is. */
  static TaskMetricsListener none(SparkContext spark, ProgressLine progress) {
    return new TaskMetricsListener(spark, progress, false);
  }

  /** Begins to listen. */
  static TaskMetricsListener of(SparkContext spark, ProgressLine progress) {
    TaskMetricsListener traffic = new TaskMetricsListener(spark, progress, true);
    spark.addSparkListener(traffic);
    return traffic;
  }

  /** What this thread runs from now on belongs to {@code stage}; Spark's pages show it, too. */
  static void label(SparkContext spark, String stage, String announcement) {
    spark.setLocalProperty(STAGE, stage);
    spark.setLocalProperty(ANNOUNCEMENT, announcement);
    spark.setJobDescription(announcement);
    new JavaSparkContext(spark).setCallSite(announcement);
  }

  @Override
  public synchronized void onJobStart(SparkListenerJobStart event) {
    String stage = property(event.properties(), STAGE);
    for (Object id : CollectionConverters.asJava(event.stageIds())) {
      stageOf.put((Integer) id, stage);
    }
  }

  @Override
  public void onStageSubmitted(SparkListenerStageSubmitted event) {
    progress.begins(property(event.properties(), ANNOUNCEMENT), event.stageInfo().numTasks());
  }

  private static String property(Properties properties, String name) {
    return properties == null ? "" : properties.getProperty(name, "");
  }

  @Override
  public synchronized void onTaskEnd(SparkListenerTaskEnd event) {
    TaskMetrics metrics = event.taskMetrics();
    String stage = stageOf.getOrDefault(event.stageId(), "");
    long kept = reported(event, CachedSamples.READ);
    long rows = kept > 0 ? kept : metrics == null ? 0 : metrics.inputMetrics().recordsRead();
    progress.done(rows);
    if (metrics == null || stage.isEmpty()) {
      return; // a task that was lost, or a job that is none of ours
    }
    StageMetrics task =
        new StageMetrics(
            1,
            rows,
            metrics.inputMetrics().bytesRead(),
            metrics.outputMetrics().bytesWritten(),
            metrics.executorRunTime() / 1e3,
            reported(event, EngineTime.NAME) / 1e9);
    stages.merge(stage, task, StageMetrics::plus);
  }

  /** What a task added to the accumulators of this name. */
  private static long reported(SparkListenerTaskEnd event, String name) {
    long sum = 0;
    List<AccumulableInfo> accumulated =
        CollectionConverters.asJava(event.taskInfo().accumulables().toSeq());
    for (AccumulableInfo info : accumulated) {
      if (info.name().contains(name)
          && info.update().isDefined()
          && info.update().get() instanceof Long update) {
        sum += update;
      }
    }
    return sum;
  }

  @Override
  public void onJobEnd(SparkListenerJobEnd event) {
    progress.clear();
  }

  /** What ended so far, by stage. */
  Map<String, StageMetrics> stages() {
    if (!listens) {
      return Map.of();
    }
    try {
      spark.listenerBus().waitUntilEmpty(PATIENCE_MILLIS);
    } catch (Exception e) { // Scala throws a checked TimeoutException without saying so
      // What has not been reported by now is left out.
    }
    synchronized (this) {
      return Collections.unmodifiableMap(new LinkedHashMap<>(stages));
    }
  }
}
