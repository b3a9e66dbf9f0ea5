package org.sparkcurvature.job;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sparkcurvature.job.cli.Console;

/** A disk that is too small is known before anything is computed. */
class DiskRoomTest {
  private static final int ROWS = 20_000;

  @TempDir static Path folder;

  @BeforeAll
  static void start() throws IOException {
    LocalSpark.stop();
    System.setProperty(SmallFileSystem.KEY, SmallFileSystem.class.getName());
    LocalSpark.session()
        .range(ROWS)
        .selectExpr("id", "rand(1) AS a", "rand(2) AS b", "rand(3) AS y")
        .write()
        .parquet(folder + "/rows");
    Files.writeString(
        folder.resolve("run.conf"),
        """
        curvature {
          input { path = "%1$s/rows", format = parquet, tensors { x = [a, b], y = y }, id = id }
          model { parameters { beta { labels = x, fill = 0.5 } }, loss = "square(y - dot(x, beta))" }
          derive.per-sample { value = true, hessian = full }
          output { path = "small:%1$s/out" }
        }
        """
            .formatted(folder));
  }

  @AfterAll
  static void stop() {
    SmallFileSystem.leave(Long.MAX_VALUE);
    System.clearProperty(SmallFileSystem.KEY);
    LocalSpark.stop();
  }

  private static Console run(String command, String... settings) {
    return Console.run(command, folder.resolve("run.conf"), List.of(settings));
  }

  private static void assertRefused(Console console) {
    assertThat(console.exitCode()).as(console.err()).isEqualTo(2);
    assertThat(console.out()).isEmpty();
    assertThat(console.err())
        .doesNotContain("reading rows")
        .doesNotContain("warning")
        .doesNotContain("\tat ");
    assertThat(folder.resolve("out")).doesNotExist();
  }

  /** 20,000 rows: id, row, value and four numbers, of which Snappy cannot compress away 3/64. */
  @Test
  void rowsThatCertainlyDoNotFitAreRefused() {
    SmallFileSystem.leave(20_000);
    Console console = run("derive");
    assertRefused(console);
    assertThat(console.err())
        .contains("error: the result takes 1.1 MiB (per_sample 1.1 MiB), and at least 29.7 KiB")
        .contains("; 19.5 KiB are free at small:")
        .contains("at: curvature.output.path, curvature.derive.per-sample")
        .contains("to mend it: free space there, name a folder on a larger disk, ask for less")
        .doesNotContain("overwrite");
  }

  @Test
  void rowsThatMayFitAreWarnedOf() {
    SmallFileSystem.leave(1_000_000);
    Console console = run("derive", "output.mode = overwrite");
    assertThat(console.exitCode()).as(console.err()).isZero();
    assertThat(console.err())
        .containsOnlyOnce("warning:")
        .containsPattern(
            "warning: the result takes up to 1.1 MiB \\(per_sample 1.1 MiB\\), and 976.6 KiB are free at small:.*: it may not fit \\(curvature.derive.per-sample\\)");
    SmallFileSystem.leave(2_000_000);
    assertThat(run("derive", "output.mode = overwrite").err()).doesNotContain("warning");
    assertThat(folder.resolve("out/_SUCCESS")).exists();
    clear();
  }

  @Test
  void otherCommandsAreRefusedAlike() {
    SmallFileSystem.leave(100);
    for (String command : new String[] {"infer", "spectrum"}) {
      assertRefused(run(command));
    }
    assertThat(run("infer").err())
        .contains("takes 160 bytes (covariance.npy 160 bytes); 100 bytes")
        .contains("at: curvature.output.path, curvature.derive.wrt");
    SmallFileSystem.leave(20_000);
    assertThat(run("influence").err())
        .contains("warning: the result takes up to 781.3 KiB (influence 781.3 KiB)");
  }

  @Test
  void aCheckShowsWhatTheResultTakesAndEndsAsTheRunWould() {
    SmallFileSystem.leave(Long.MAX_VALUE);
    Console console = run("check");
    assertThat(console.exitCode()).as(console.err()).isZero();
    assertThat(console.out()).containsPattern("disk +up to 1.1 MiB: .*per_sample 1.1\\s+MiB");
    SmallFileSystem.leave(20_000);
    Console small = run("check");
    assertThat(small.out()).startsWith("check  PASSED: ");
    assertThat(small.err()).contains("error: the result takes 1.1 MiB");
    assertThat(small.exitCode()).isEqualTo(2);
    assertThat(folder.resolve("out")).doesNotExist();
  }

  private static void clear() {
    try (var files = Files.walk(folder.resolve("out"))) {
      files.sorted(java.util.Comparator.reverseOrder()).forEach(path -> path.toFile().delete());
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
