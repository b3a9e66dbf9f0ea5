package org.sparkcurvature.job;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sparkcurvature.job.cli.Console;

/** Hundreds of files of some rows each. */
class ManyFilesTest {
  private static final int FILES = 400;

  @TempDir Path folder;

  @AfterEach
  void stop() {
    LocalSpark.stop();
  }

  private JsonNode derived(String master) throws IOException {
    LocalSpark.stop();
    LocalSpark.on(master, Map.of());
    Path conf =
        Files.writeString(
            folder.resolve("run.conf"),
            """
            curvature {
              input { path = "%1$s/rows", options { header = true }, tensors { x = x, y = y } }
              model { parameters { b = 0.5 }, loss = "square(y - b * x)" }
              derive { reduction = sum, per-sample.value = true }
              output { path = "%1$s/out", mode = overwrite }
            }
            """
                .formatted(folder));
    Console console = Console.run("derive", "--config", conf.toString());
    assertThat(console.exitCode()).as(console.err()).isZero();
    return new ObjectMapper().readTree(folder.resolve("out/summary.json").toFile());
  }

  @Test
  void tasksTakeManyFilesEachWhateverTheCores() throws IOException {
    Files.createDirectory(folder.resolve("rows"));
    double value = 0;
    for (int k = 0; k < FILES; k++) {
      Files.writeString(
          folder.resolve("rows/%03d.csv".formatted(k)), "x,y\n%d,1\n0,2\n0,3\n".formatted(k));
      value += (1 - 0.5 * k) * (1 - 0.5 * k) + 4 + 9;
    }
    JsonNode one = derived("local[1]");
    // Whole numbers and halves: the sum has no rounding.
    assertThat(one.get("value").asDouble()).isEqualTo(value);
    assertThat(one.get("rows_used").asInt()).isEqualTo(3 * FILES);
    JsonNode stages = one.get("stages");
    // Spark counts a file as 4 MB at least: 16 of them make 64 MB.
    assertThat(stages.get("per_sample_pass").get("tasks").asInt()).isEqualTo(FILES / 16);
    assertThat(stages.get("global_pass").get("tasks").asInt()).isLessThan(FILES / 16 + 8);
    assertThat(stages.get("open").get("tasks").asInt()).isLessThan(FILES);
    JsonNode four = derived("local[4]");
    assertThat(four.get("value").asDouble()).isEqualTo(value);
    for (String stage : new String[] {"open", "global_pass", "per_sample_pass"}) {
      assertThat(four.get("stages").get(stage).get("tasks"))
          .as(stage)
          .isEqualTo(stages.get(stage).get("tasks"));
    }
  }
}
