package org.sparkcurvature.job;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sparkcurvature.job.cli.Console;

/** What a run says of its derivatives without being asked: on the console and in its summary. */
class DeriveWarningsTest {
  @TempDir Path temporary;

  @BeforeAll
  static void startSpark() {
    LocalSpark.session();
  }

  private Console run(String command, String rows, String model) throws IOException {
    Path data = Files.writeString(temporary.resolve("rows.csv"), rows);
    Path configuration =
        Files.writeString(
            temporary.resolve("run.conf"),
            """
            curvature {
              input { path = "%s", options { header = true }, tensors { x = x, y = y } }
              %s
              output { path = "%s", mode = overwrite }
            }
            """
                .formatted(data, model, temporary.resolve("out")));
    return Console.run(command, "--config", configuration.toString());
  }

  private List<String> warnings() throws IOException {
    JsonNode summary = new ObjectMapper().readTree(temporary.resolve("out/summary.json").toFile());
    List<String> warnings = new ArrayList<>();
    summary.get("warnings").forEach(warning -> warnings.add(warning.asText()));
    return warnings;
  }

  private static final String ROWS = "x,y\n1,0.5\n2,3\n-1,0.25\n0.5,1\n";

  @Test
  void aKinkAtARowIsNamed() throws IOException {
    // At the second row b + x is 3: two slopes.
    Console console =
        run("derive", ROWS, "model { parameters { b = 1 }, loss = \"relu(b + x - y)\" }");
    assertThat(console.exitCode()).as(console.err()).isZero();
    assertThat(console.err())
        .contains("derivatives differ from central differences: gradient by b is 0")
        .contains("at row 1")
        .contains("at a kink");
    assertThat(warnings()).anyMatch(w -> w.contains("derivatives differ from central differences"));
  }

  @Test
  void rowsThatAreLeftOutAreCountedByReason() throws IOException {
    String rows = "x,y\n" + "1,0.5\n2,3\n-1,0.25\n".repeat(20) + "yes,1\n,\n0.5,\n";
    String model =
        """
        model { parameters { b = 0, a = 0 }, loss = "square(y - a - b * x) / 2" }
        derive.wrt = [a, b]
        input.invalid-rows = drop
        """;
    String sentence =
        "3 of 63 rows are invalid and left out, 4.8%: x is null (1); x is text that is no number"
            + " (1); y is null (1)";
    for (String command : List.of("derive", "fit")) {
      Console console = run(command, rows, model);
      assertThat(console.exitCode()).as(console.err()).isZero();
      assertThat(console.err()).containsOnlyOnce("warning: 3 of 63 rows are invalid");
      assertThat(warnings())
          .anySatisfy(
              warning ->
                  assertThat(warning.split(": |; "))
                      .containsExactlyInAnyOrder(sentence.split(": |; ")));
      JsonNode summary =
          new ObjectMapper().readTree(temporary.resolve("out/summary.json").toFile());
      assertThat(summary.get("rejected_by_reason"))
          .isEqualTo(
              new ObjectMapper()
                  .readTree(
                      "{\"x is text that is no number\": 1, \"x is null\": 1, \"y is null\": 1}"));
    }
  }

  @Test
  void derivativesThatAgreeAreNotSpokenOf() throws IOException {
    String model = "model { parameters { b = 0, a = 0 }, loss = \"square(y - a - b * x) / 2\" }";
    for (String command : List.of("derive", "fit")) {
      Console console = run(command, ROWS, model + "\nderive.wrt = [a, b]");
      assertThat(console.exitCode()).as(console.err()).isZero();
      assertThat(console.err()).doesNotContain("differ");
      assertThat(warnings()).isEmpty();
    }
  }

  @Test
  void anExactFitIsNotSuspected() throws IOException {
    // Residuals of some 1e-13: gradients are nothing but rounding.
    StringBuilder rows = new StringBuilder("x,y\n");
    for (int k = 1; k < 30; k++) {
      rows.append(k * 37.1).append(',').append(1000.3 + 0.7 * (k * 37.1)).append('\n');
    }
    Console console =
        run(
            "fit",
            rows.toString(),
            "model { parameters { b = 0, a = 0 }, loss = \"square(y - a - b * x) / 2\" }\n"
                + "derive.wrt = [a, b]");
    assertThat(console.exitCode()).as(console.err()).isZero();
    assertThat(warnings()).noneMatch(w -> w.contains("differ"));
  }

  @Test
  void elementsThatAddUpToOneAreSaidToBeTakenAsFree() throws IOException {
    String model =
        """
        model { parameters { p { value = [0.25, 0.75], transform = simplex } }
                loss = "-ln(p[0] * exp(-square(x)) + p[1] * exp(-square(x - 1)))" }
        """;
    Console console = run("derive", ROWS, model);
    assertThat(console.exitCode()).as(console.err()).isZero();
    assertThat(warnings()).anyMatch(w -> w.contains("p as if they were free"));
  }
}
