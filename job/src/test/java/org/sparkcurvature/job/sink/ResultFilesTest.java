package org.sparkcurvature.job.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.function.FilterFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.util.TaskCompletionListener;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sparkcurvature.job.LocalSpark;
import org.sparkcurvature.job.config.OutputConfig;
import org.sparkcurvature.job.config.OutputFormat;
import org.sparkcurvature.job.config.OutputMode;

class ResultFilesTest {
  /** What tasks of the test tell it: they run in the same process. */
  private static final Semaphore ENDED = new Semaphore(0);

  @TempDir Path folder;

  /** Of two tasks one fails, and the other opens its file after that. */
  @Test
  void aTaskThatOutlivesItsJobLeavesNothing() throws Exception {
    SparkSession spark = LocalSpark.on("local[2]", Map.of());
    Path result = folder.resolve("result");
    OutputConfig output =
        new OutputConfig(result.toString(), OutputMode.ERROR, OutputFormat.PARQUET);
    Dataset<Row> rows =
        spark
            .range(0, 2, 1, 2)
            .filter(
                (FilterFunction<Long>)
                    row -> {
                      if (row == 0) {
                        throw new IllegalStateException("the first task fails");
                      }
                      TaskContext.get()
                          .addTaskCompletionListener(
                              (TaskCompletionListener) context -> ENDED.release());
                      // As code that computes, which notices no interruption.
                      long begin = System.nanoTime();
                      while (System.nanoTime() - begin < 1_500_000_000L) {
                        Thread.onSpinWait();
                      }
                      return true;
                    })
            .toDF("id");
    assertThatThrownBy(
            () -> {
              try (OutputFolder opened =
                  OutputFolder.open(output, List.of(), OutputFolderTest.RUN, new Configuration())
                      .orElseThrow()) {
                new ResultFiles(opened).table("rows", rows, OutputFormat.PARQUET);
              }
            })
        .hasStackTraceContaining("the first task fails");
    assertThat(ENDED.tryAcquire(30, TimeUnit.SECONDS)).isTrue();
    assertThat(result).doesNotExist();
  }
}
