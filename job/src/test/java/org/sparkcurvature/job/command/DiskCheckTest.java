package org.sparkcurvature.job.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.spark.SparkContext;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerTaskEnd;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sparkcurvature.job.LocalSpark;
import org.sparkcurvature.job.cli.Console;
import org.sparkcurvature.job.config.OutputMode;
import org.sparkcurvature.job.derive.TiledPass;
import org.sparkcurvature.job.errors.ExitCode;
import org.sparkcurvature.job.errors.JobException;
import org.sparkcurvature.job.sink.FreeSpace;

class DiskCheckTest {
  private static final int PARTITIONS = 20;
  private static final int P = 100;

  @TempDir Path folder;

  private static Optional<FreeSpace> free(long bytes, int copies) {
    return Optional.of(new FreeSpace("hdfs://there", bytes, copies));
  }

  private static Optional<JobException> refusal(ResultSize size, long bytes, int copies) {
    return DiskCheck.tooSmall(size, free(bytes, copies), OutputMode.ERROR);
  }

  @Test
  void oneByteLessThanTheLeastIsRefused() {
    ResultSize size = ResultSize.ofCovariance(1000);
    assertThat(size.least()).isEqualTo(8_000_128);
    assertThat(refusal(size, 8_000_128, 1)).isEmpty();
    JobException refusal = refusal(size, 8_000_127, 1).orElseThrow();
    assertThat(refusal.exitCode()).isEqualTo(ExitCode.CONFIGURATION);
    assertThat(refusal)
        .hasMessageContaining(
            "the result takes 7.6 MiB (covariance.npy 7.6 MiB); 7.6 MiB are free at hdfs://there")
        .hasMessageContaining("name less in derive.wrt");
    // Of an object store nothing is known.
    assertThat(DiskCheck.tooSmall(size, Optional.empty(), OutputMode.ERROR)).isEmpty();
    assertThat(DiskCheck.warning(size, Optional.empty())).isEmpty();
    assertThat(refusal(ResultSize.NONE, 0, 1)).isEmpty();
    assertThat(DiskCheck.warning(ResultSize.NONE, free(0, 1))).isEmpty();
  }

  /** A file system may keep fewer copies than it is told to. */
  @Test
  void copiesAreWarnedOf() {
    ResultSize size = ResultSize.ofCovariance(1000);
    assertThat(refusal(size, 10_000_000, 3)).isEmpty();
    assertThat(DiskCheck.warning(size, free(10_000_000, 1))).isEmpty();
    assertThat(DiskCheck.warning(size, free(10_000_000, 3)))
        .hasValueSatisfying(
            sentence -> assertThat(sentence).contains("takes up to 7.6 MiB in each of 3 copies"));
    assertThat(DiskCheck.warning(size, free(24_000_400, 3))).isEmpty();
    // One message is enough.
    assertThat(DiskCheck.warning(size, free(1, 3))).isEmpty();
  }

  @Test
  void whatHasNoRoomOnSparksDiskIsWarnedOf() {
    SparkContext spark = LocalSpark.session().sparkContext();
    assertThat(DiskCheck.warning(1 << 20, spark)).isEmpty();
    assertThat(DiskCheck.warning(1L << 60, spark))
        .hasValueSatisfying(
            sentence ->
                assertThat(sentence)
                    .contains("tasks hand on up to 1.0 EiB by way of Spark's own disk, and ")
                    .contains("are free at /")
                    .contains("spark.local.dir"));
  }

  /** 200,000 samples are three runs; a matrix of order 1,024 has three tiles of 512 by 512. */
  @Test
  void tilesAreHandedOnByEachRun() {
    assertThat(TiledPass.handedOn(1024, 200_000, 100)).isEqualTo(3L * 3 * 512 * 512 * 16);
    assertThat(TiledPass.handedOn(1024, 200_000, 2)).isEqualTo(2L * 3 * 512 * 512 * 16);
    assertThat(TiledPass.handedOn(1024, 200_000, 1)).isZero();
    assertThat(TiledPass.handedOn(1024, 70_000, 100)).isZero();
  }

  @AfterEach
  void compressAgain() {
    LocalSpark.stop();
  }

  /** What tasks wrote for others to read, beside what was reckoned: 16 bytes for each sum. */
  @Test
  void whatTasksHandOnIsReckoned() throws Exception {
    LocalSpark.stop();
    LocalSpark.on("local[2]", Map.of("spark.shuffle.compress", "false"))
        .range(0, 4000, 1, PARTITIONS)
        .selectExpr(
            "transform(sequence(1, %d), i -> sin(31 * id + i)) AS x".formatted(P), "rand(0) AS y")
        .write()
        .parquet(folder + "/rows");
    Path config =
        Files.writeString(
            folder.resolve("run.conf"),
            """
            curvature {
              input {
                path = "%1$s/rows", format = parquet, tensors { x = x, y = y }
                partition-size = 256k
              }
              model { parameters { b { labels = x, fill = 0.5 } }, loss = "square(y - dot(x, b))" }
              block-memory = 64k # a task of one block has lost nothing by rounding, and hands on half
              output { path = "%1$s/out" }
            }
            """
                .formatted(folder));
    AtomicLong written = new AtomicLong();
    SparkListener listener =
        new SparkListener() {
          @Override
          public void onTaskEnd(SparkListenerTaskEnd task) {
            written.addAndGet(task.taskMetrics().shuffleWriteMetrics().bytesWritten());
          }
        };
    SparkContext spark = LocalSpark.session().sparkContext();
    spark.addSparkListener(listener);
    try {
      Console console = Console.run("derive", "--config", config.toString());
      assertThat(console.exitCode()).as(console.err()).isZero();
      spark.listenerBus().waitUntilEmpty();
    } finally {
      spark.removeSparkListener(listener);
    }
    double reckoned = PARTITIONS * 16.0 * (P + P * (P + 1) / 2);
    assertThat((double) written.get()).isBetween(reckoned, 1.05 * reckoned);
  }
}
