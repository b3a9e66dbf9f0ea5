package org.sparkcurvature.job;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.sparkcurvature.job.cli.Console;
import org.sparkcurvature.job.cli.Program;
import org.sparkcurvature.job.config.OutputConfig;
import org.sparkcurvature.job.config.OutputFormat;
import org.sparkcurvature.job.config.OutputMode;
import org.sparkcurvature.job.sink.OutputFolder;
import org.sparkcurvature.job.sink.RunIdentity;

/** What a scheduler relies on: the status, the marks of a result, and what is let pass. */
class PipelineTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir Path folder;

  @BeforeEach
  void rows() throws IOException {
    LocalSpark.session();
    Files.writeString(folder.resolve("rows.csv"), "x,y\n1,2\n2,n/a\n3,1\n4,5\n");
    Files.writeString(
        folder.resolve("daily.conf"),
        """
        curvature {
          input {
            path = "%1$s/rows.csv", options { header = true }
            tensors { x = x, y = y }
          }
          model { parameters { b = 0.5 }, loss = "square(y - b * x)" }
          output { path = "%1$s/out", mode = ignore }
          run { status = "%1$s/status/day.json" }
        }
        """
            .formatted(folder));
  }

  private Console derive(String... settings) {
    return Console.run("derive", folder.resolve("daily.conf"), List.of(settings));
  }

  private JsonNode status() throws IOException {
    return JSON.readTree(folder.resolve("status/day.json").toFile());
  }

  private boolean isComplete() {
    return Files.exists(folder.resolve("out/_SUCCESS"));
  }

  @Test
  void aFailureIsToldAndARetryAfterSuccessIsDoneAtOnce() throws IOException {
    Console failed = derive();
    assertThat(failed.exitCode()).isEqualTo(3);
    assertThat(isComplete()).isFalse();
    assertThat(status().get("state").asText()).isEqualTo("failed");
    assertThat(status().get("exit_code").asInt()).isEqualTo(3);
    assertThat(status().get("retry").asBoolean()).isFalse();
    assertThat(status().get("message").asText()).contains("row 1: y is 'n/a', not a number");
    String first = status().get("run_id").asText();

    assertThat(derive("input.invalid-rows=drop").exitCode()).isZero();
    assertThat(isComplete()).isTrue();
    assertThat(status().get("state").asText()).isEqualTo("succeeded");
    assertThat(status().get("exit_code").asInt()).isZero();
    assertThat(status().get("run_id").asText()).isNotEqualTo(first);

    Files.delete(folder.resolve("rows.csv"));
    Console again = derive("input.invalid-rows=drop");
    assertThat(again.exitCode()).isZero();
    assertThat(again.out()).contains("a complete result is at");
    assertThat(status().get("state").asText()).isEqualTo("succeeded");
  }

  @ParameterizedTest
  @CsvSource({"0.2, 3", "0.25, 0", "1, 0"})
  void soManyRowsMayBeInvalid(double share, int exitCode) throws IOException {
    Console console = derive("input.invalid-rows=drop", "input.max-rejected=" + share);
    assertThat(console.exitCode()).as(console.err()).isEqualTo(exitCode);
    assertThat(isComplete()).isEqualTo(exitCode == 0);
    if (exitCode != 0) {
      assertThat(console.err())
          .contains("1 of 4 rows are invalid, more than the share 0.2, as:\n    row 1: y is 'n/a'")
          .contains("curvature.input.max-rejected");
    }
  }

  @Test
  void aShareIsFromZeroToOne() {
    Console console = derive("input.max-rejected=20");
    assertThat(console.exitCode()).isEqualTo(2);
    assertThat(console.err()).contains("input.max-rejected").contains("a share, from 0 to 1");
  }

  @Test
  void aDayWithoutRowsMaySucceed() throws IOException {
    Console failed = derive("input.where=\"x > 10\"");
    assertThat(failed.exitCode()).isEqualTo(3);
    assertThat(failed.err()).contains("on-empty = succeed");
    Console done = derive("input.where=\"x > 10\"", "input.on-empty=succeed");
    assertThat(done.exitCode()).as(done.err()).isZero();
    assertThat(isComplete()).isTrue();
    JsonNode summary = JSON.readTree(folder.resolve("out/summary.json").toFile());
    assertThat(summary.get("rows_read").asInt()).isZero();
    assertThat(folder.resolve("out/gradient.npy")).doesNotExist();
  }

  @Test
  void aDayThatIsNotThereFailsIsEmptyOrIsTriedAgain() throws IOException {
    String missing = "input.path=" + folder.resolve("day=2030-01-01.csv");
    Console failed = derive(missing);
    assertThat(failed.exitCode()).isEqualTo(3);
    assertThat(failed.err()).contains("there is nothing at ").contains("missing-path");
    assertThat(status().get("retry").asBoolean()).isFalse();
    Console later = derive(missing, "input.missing-path=retry");
    assertThat(later.exitCode()).isEqualTo(5);
    assertThat(later.err()).contains("2030-01-01.csv yet");
    assertThat(status().get("retry").asBoolean()).isTrue();
    assertThat(derive(missing, "input.missing-path=empty").exitCode()).isEqualTo(3);
    assertThat(isComplete()).isFalse();
    Console done = derive(missing, "input.missing-path=empty", "input.on-empty=succeed");
    assertThat(done.exitCode()).as(done.err()).isZero();
    assertThat(isComplete()).isTrue();
    // What is there is read.
    Console some =
        derive(
            "input.path=[\"%s\", \"%s/none*.csv\"]".formatted(folder.resolve("rows.csv"), folder),
            "input.missing-path=empty",
            "input.invalid-rows=drop",
            "output.mode=overwrite");
    assertThat(some.exitCode()).as(some.err()).isZero();
  }

  @Test
  void theSummaryTellsRowsBytesAndTheEnginesShare() throws IOException {
    Console console =
        derive(
            "input.invalid-rows=drop", "derive.per-sample.gradient=true", "output.mode=overwrite");
    assertThat(console.exitCode()).as(console.err()).isZero();
    JsonNode stages = JSON.readTree(folder.resolve("out/summary.json").toFile()).get("stages");
    JsonNode global = stages.get("global_pass");
    assertThat(global.get("rows").asLong()).isEqualTo(4);
    assertThat(global.get("tasks").asLong()).isEqualTo(1);
    assertThat(global.get("bytes_read").asLong()).isEqualTo(Files.size(folder.resolve("rows.csv")));
    assertThat(global.get("engine_share").asDouble()).isPositive().isLessThanOrEqualTo(1);
    JsonNode perSample = stages.get("per_sample_pass");
    assertThat(perSample.get("rows").asLong()).isEqualTo(4);
    assertThat(perSample.get("bytes_written").asLong()).isPositive();
    assertThat(perSample.get("engine_share").asDouble()).isPositive().isLessThanOrEqualTo(1);
  }

  @Test
  void whereAnotherRunWritesARetryHelps() throws IOException {
    RunIdentity other = new RunIdentity("derive", "", Map.of());
    OutputConfig output = new OutputConfig(folder + "/out", OutputMode.ERROR, OutputFormat.PARQUET);
    try (OutputFolder ignored =
        OutputFolder.open(output, List.of(), other, new Configuration()).orElseThrow()) {
      Console console = derive("input.invalid-rows=drop");
      assertThat(console.exitCode()).isEqualTo(2);
      assertThat(console.err()).contains("another run writes the output");
      assertThat(status().get("retry").asBoolean()).isTrue();
      assertThat(ignored.entry("x").getParent().getName()).startsWith("_incomplete-");
    }
  }

  /** While Spark starts, or soon after. */
  @Test
  void aSignalIsToldAsAFailureThatARetryMayMend() throws Exception {
    Console console =
        Program.terminated(
            600,
            List.of("spark.master=local[2]"),
            folder.resolve("log"),
            folder.resolve("status/day.json"),
            "derive",
            "--config",
            folder.resolve("daily.conf").toString(),
            "--set",
            "input.invalid-rows=drop");
    assertThat(console.exitCode()).isNotZero();
    assertThat(isComplete()).isFalse();
    assertThat(status().get("state").asText()).isEqualTo("failed");
    assertThat(status().get("exit_code").asInt()).isEqualTo(5);
    assertThat(status().get("retry").asBoolean()).isTrue();
    assertThat(status().get("message").asText()).contains("interrupted");
  }

  @Test
  void aStatusThatCannotBeWrittenIsRefused() {
    Console console = derive("run.status=\"" + folder + "/rows.csv/day.json\"");
    assertThat(console.exitCode()).isEqualTo(2);
    assertThat(console.err()).contains("curvature.run.status");
  }
}
