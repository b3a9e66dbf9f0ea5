package org.sparkcurvature.job;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.sparkcurvature.job.cli.Console;

/** Disks that are full: the output's, and the one that Spark keeps its own files on. */
class FullDiskTest {
  private static final int ROWS = 120_000;

  @TempDir Path folder;

  @BeforeEach
  void rows() throws IOException {
    Random random = new Random(1);
    StringBuilder text = new StringBuilder("id,x,y\n");
    for (int k = 0; k < ROWS; k++) {
      text.append(k).append(',').append(random.nextDouble()).append(',');
      text.append(random.nextDouble()).append('\n');
    }
    Files.writeString(folder.resolve("rows.csv"), text, StandardCharsets.US_ASCII);
    Files.writeString(
        folder.resolve("run.conf"),
        """
        curvature {
          input {
            path = "%1$s/rows.csv", options { header = true }, partition-size = 512k
            tensors { x = x, y = y }, id = id
          }
          model {
            parameters { b = 0.5, c { shape = [400], fill = 0 } }
            loss = "square(y - b * x) + 0 * dot(c, c)"
          }
          derive { wrt = [b], reduction = sum }
          output { path = "%1$s/disk/out", mode = overwrite }
        }
        """
            .formatted(folder));
  }

  private Console run(String command, String... settings) {
    return Console.run(command, folder.resolve("run.conf"), List.of(settings));
  }

  private static List<String> files(Path path) throws IOException {
    try (Stream<Path> files = Files.walk(path)) {
      return files.map(file -> path.relativize(file).toString()).sorted().toList();
    }
  }

  /** Tables, files: a message that names the output, and the result that was there before. */
  @ParameterizedTest
  @CsvSource({
    "per_sample, 'derive.per-sample = { gradient = true, hessian = full }'",
    "parameters.json, 'model.parameters.c.shape = [400000]'",
  })
  void anOutputThatDoesNotFitLeavesTheOldOne(String entry, String setting) throws Exception {
    LocalSpark.session();
    try (TemporaryDisk disk = TemporaryDisk.mounted(folder.resolve("disk"), "1m")) {
      assertThat(run("derive").exitCode()).isZero();
      List<String> before = files(disk.folder());
      Console console = run("derive", setting);
      assertThat(console.exitCode()).as(console.err()).isEqualTo(5);
      assertThat(console.err())
          .containsPattern(
              "error: file:.*/" + entry + " cannot be written: No space left on device")
          .satisfies(
              said ->
                  assertThat(said.contains("it may not fit")).isEqualTo(entry.equals("per_sample")))
          .contains("curvature.output.path")
          .doesNotContain("\tat ");
      // What was found is printed as soon as it is known; that it was written is not said.
      assertThat(console.out()).doesNotContain("wrote");
      assertThat(files(disk.folder())).isEqualTo(before).contains("out/_SUCCESS");
    }
  }

  /** How large matrices are is known before anything is computed. */
  @Test
  void aMatrixThatDoesNotFitIsRefusedAtOnce() throws Exception {
    LocalSpark.session();
    try (TemporaryDisk disk = TemporaryDisk.mounted(folder.resolve("disk"), "1m")) {
      assertThat(run("derive").exitCode()).isZero();
      List<String> before = files(disk.folder());
      Console console = run("derive", "derive.wrt = [b, c]");
      assertThat(console.exitCode()).as(console.err()).isEqualTo(2);
      assertThat(console.err())
          .contains("error: the result takes 2.5 MiB (hessian.npy 1.2 MiB, hessian 1.2 MiB)")
          .containsPattern("at least 1.3 MiB .* are free at file:.*/disk/out")
          .contains("at: curvature.output.path, curvature.derive.global.hessian")
          .contains("set derive.global.hessian = diagonal or none")
          .contains("what output.mode = overwrite replaces stays")
          .doesNotContain("reading rows");
      assertThat(console.out()).isEmpty();
      assertThat(files(disk.folder())).isEqualTo(before).contains("out/_SUCCESS");
    }
  }

  @Test
  void aDiskThatIsFullBeforehandIsRefusedAtOnce() throws Exception {
    try (TemporaryDisk disk = TemporaryDisk.mounted(folder.resolve("disk"), "64k")) {
      Files.write(disk.folder().resolve("else"), new byte[64 << 10]);
      Console console = run("derive");
      assertThat(console.exitCode()).as(console.err()).isEqualTo(2);
      assertThat(console.err())
          .contains("cannot be written: No space left on device")
          .doesNotContain("starting Spark");
      assertThat(files(disk.folder())).containsExactly("", "else");
      assertThat(run("derive", "run.status = \"" + disk.folder() + "/status\"").err())
          .contains("the status cannot be written")
          .contains("No space left on device");
    }
  }

  @AfterEach
  void stop() {
    LocalSpark.stop();
  }

  /** What is shuffled between tasks, and samples that memory does not hold. */
  @ParameterizedTest
  @CsvSource({
    "infer, 1, 'infer = { covariance = cluster, groups = [id] }'",
    "fit, 0.0005, 'fit.method = lbfgs'",
  })
  void aFullLocalDiskIsNamed(String command, String memory, String setting) throws Exception {
    LocalSpark.session();
    assertThat(run("fit", "derive.wrt = [b]", "output.path = " + folder + "/fit").exitCode())
        .isZero();
    LocalSpark.stop();
    try (TemporaryDisk disk = TemporaryDisk.mounted(folder.resolve("local"), "700k")) {
      LocalSpark.on(
          "local[2]",
          Map.of(
              "spark.local.dir",
              disk.folder().toString(),
              "spark.shuffle.compress",
              "false",
              "spark.broadcast.compress",
              "false",
              "spark.memory.fraction",
              memory.equals("1") ? "0.6" : memory));
      Console console =
          run(
              command,
              setting,
              "model.parameters-from = " + folder + "/fit/parameters.json",
              "output.path = " + folder + "/out");
      assertThat(console.exitCode()).as(console.err()).isEqualTo(5);
      assertThat(console.err())
          .contains("error: the disk is full that Spark keeps its own files on")
          .contains("spark.local.dir")
          .contains("SPARK_LOCAL_DIRS");
      assertThat(folder.resolve("out")).doesNotExist();
      LocalSpark.stop();
    }
  }
}
