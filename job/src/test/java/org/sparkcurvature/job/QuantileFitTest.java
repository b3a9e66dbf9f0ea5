package org.sparkcurvature.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.sparkcurvature.job.cli.Console;

/** Quantile regression by the commands, on Engel's data of 1857. */
class QuantileFitTest {
  @TempDir Path temporary;

  @BeforeAll
  static void startSpark() {
    LocalSpark.session();
  }

  @BeforeEach
  void data() throws IOException {
    try (InputStream data = QuantileFitTest.class.getResourceAsStream("/fit/engel.csv")) {
      Files.copy(data, temporary.resolve("engel.csv"));
    }
  }

  private Console run(String command, String loss, String... more) {
    return FitTest.run(
        temporary,
        command,
        "input { path = \"%s/engel.csv\", options { header = true }, tensors { x = income, y = foodexp } }"
            .formatted(temporary),
        "model { parameters { b0 = 0, b1 = 0 }, define { r = \"y - b0 - b1 * x\" }, loss = \"%s\" }"
            .formatted(loss),
        String.join("\n", more));
  }

  private JsonNode json(String name) throws IOException {
    return new ObjectMapper().readTree(temporary.resolve("out").resolve(name).toFile());
  }

  /** The optimum as in QuantileRegressionTest. */
  @Test
  void theMedianIsTheOptimumOfTheLinearProgramme() throws IOException {
    Console console = run("fit", "pinball(r, 0.5)");
    assertThat(console.exitCode()).as(console.err()).isZero();
    assertThat(console.out()).containsPattern("the optimum of a\\s+piecewise\\s+linear\\s+loss");
    assertThat(console.err())
        .doesNotContain("kink")
        .doesNotContain("singular")
        .doesNotContain("not unique");
    JsonNode parameters = json("parameters.json");
    assertThat(parameters.get("b0").get("values").get(0).asDouble())
        .isCloseTo(81.48224741693616, within(1e-8));
    assertThat(parameters.get("b1").get("values").get(0).asDouble())
        .isCloseTo(0.5601805512094196, within(1e-10));
    JsonNode summary = json("summary.json");
    assertThat(summary.get("value").asDouble()).isCloseTo(8779.966323812847, within(1e-8));
    assertThat(summary.get("converged").asBoolean()).isTrue();
    assertThat(summary.has("hessian")).isFalse();
    assertThat(summary.get("optimum").get("unique").asBoolean()).isTrue();
  }

  /**
   * With a penalty that shrinks all of the slope away: the median of y, row 118 of 235 in order.
   */
  @Test
  void anL1PenaltyLeavesTheMedian() throws IOException {
    Console console = run("fit", "pinball(r, 0.5)", "fit.l1 = { b1 = 1e9 }");
    assertThat(console.exitCode()).as(console.err()).isZero();
    JsonNode parameters = json("parameters.json");
    assertThat(parameters.get("b1").get("values").get(0).asDouble()).isZero();
    double[] y =
        Files.readAllLines(temporary.resolve("engel.csv")).stream()
            .skip(1)
            .mapToDouble(line -> Double.parseDouble(line.split(",")[1]))
            .sorted()
            .toArray();
    assertThat(parameters.get("b0").get("values").get(0).asDouble())
        .isCloseTo(y[117], within(1e-9 * y[117]));
  }

  @ParameterizedTest
  @ValueSource(strings = {"infer", "influence"})
  void whatNeedsAHessianIsRefused(String command) {
    Console console =
        run(command, "pinball(r, 0.5)", command.equals("influence") ? "influence { on = b1 }" : "");
    assertThat(console.exitCode()).as(console.err()).isEqualTo(4);
    assertThat(console.err())
        .contains("the loss has a pinball, whose Hessian is 0")
        .contains("bootstrap");
  }

  /** Four rows: any number from 2 to 3 is a median, and the median of three is one number. */
  @ParameterizedTest
  @CsvSource({"1 2 3 10, not unique", "1 2 10, unique"})
  void anOptimumThatIsNotUniqueIsSaid(String rows, String optimum) throws IOException {
    Path file = Files.writeString(temporary.resolve("m.csv"), "y\n" + rows.replace(' ', '\n'));
    Console console =
        FitTest.run(
            temporary,
            "fit",
            """
            input { path = "%s", options { header = true }, tensors { y = y } }
            model { parameters { m = 0 }, loss = "pinball(y - m, 0.5)" }
            """
                .formatted(file));
    assertThat(console.exitCode()).as(console.err()).isZero();
    assertThat(console.out()).containsPattern(", " + optimum.replace(" ", "\\s+") + "\n");
    String remark = "The optimum is not unique: from this point the value stays the same";
    if (optimum.equals("unique")) {
      assertThat(console.err()).doesNotContain(remark);
    } else {
      assertThat(console.err()).contains(remark).contains("along m.");
    }
  }

  /** Written by hand it has a kink in each row, and no derivative tells of them. */
  @ParameterizedTest
  @ValueSource(strings = {"IF(r > 0, 0.5 * r, -0.5 * r)", "abs(r) / 2", "greatest(r / 2, -r / 2)"})
  void aKinkInEachRowIsNamed(String loss) {
    Console console = run("fit", loss);
    assertThat(console.exitCode()).as(console.err()).isEqualTo(4);
    assertThat(console.err()).contains("the loss has a kink").contains("pinball(r, tau)");
    assertThat(temporary.resolve("out/_SUCCESS")).doesNotExist();
  }
}
