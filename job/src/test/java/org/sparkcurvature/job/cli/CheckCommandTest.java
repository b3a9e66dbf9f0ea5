package org.sparkcurvature.job.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.sparkcurvature.job.LocalSpark;

class CheckCommandTest {
  @TempDir Path temporary;

  @BeforeAll
  static void startSpark() {
    LocalSpark.session();
  }

  private String configuration(String rows, String loss) throws IOException {
    Files.writeString(temporary.resolve("data.csv"), "a,b\n" + rows);
    Path file = temporary.resolve("run.conf");
    Files.writeString(
        file,
        """
        curvature {
          input { path = "%s", options { header = true }, tensors { x = a, y = b } }
          model { parameters { beta = 0.5, gamma { shape = [2], fill = 1 } }, loss = "%s" }
          derive.wrt = [beta]
          output { path = "%s" }
        }
        """
            .formatted(temporary.resolve("data.csv"), loss, temporary.resolve("out")));
    return file.toString();
  }

  private void leavesNothing() throws IOException {
    try (Stream<Path> files = Files.list(temporary)) {
      assertThat(files.map(f -> f.getFileName().toString()))
          .containsExactlyInAnyOrder("data.csv", "run.conf");
    }
  }

  @Test
  void aGoodConfigurationIsExplainedAndNothingIsWritten() throws IOException {
    Console console =
        Console.run("check", "--config", configuration("1,2\n3,4\n", "square(y - beta * x)"));
    assertThat(console.err()).contains("warning: Neither the loss nor the penalty uses gamma");
    assertThat(console.out())
        .startsWith("check  PASSED: ")
        .containsPattern("compared with\\s+differences: row 0, row 1\n");
    assertThat(console.exitCode()).isZero();
    leavesNothing();
  }

  @Test
  void withoutWrtAllParametersAreLookedAt() throws IOException {
    Path file = Path.of(configuration("1,2\n3,4\n", "square(y - beta * x - gamma[0] * gamma[1])"));
    Files.writeString(file, Files.readString(file).replace("derive.wrt = [beta]", ""));
    Console console = Console.run("check", "--config", file.toString());
    assertThat(console.exitCode()).as(console.err()).isZero();
    assertThat(console.out()).contains("beta, gamma [2]").startsWith("check  PASSED: ");
  }

  @Test
  void aKinkEndsWithFourBehindTheReport() throws IOException {
    Console console = Console.run("check", "--config", configuration("0.5,1\n", "relu(beta - x)"));
    assertThat(console.out()).startsWith("check  FAILED: ").contains("DIFFERS");
    assertThat(console.err()).contains("gradient by beta is").contains("at row 0");
    assertThat(console.exitCode()).isEqualTo(4);
  }

  @Test
  void shapesThatDoNotMeetAreShownWithTheirPlace() throws IOException {
    Console console =
        Console.run("check", "--config", configuration("1,2\n", "square(y - dot(gamma, x))"));
    assertThat(console.exitCode()).isEqualTo(2);
    assertThat(console.err())
        .contains("error: column 12: dot needs two vectors")
        .contains("run.conf:3)")
        .contains("square(y - dot(gamma, x))\n               ^^^^^^^^^^^^^")
        .doesNotContain("\tat ");
    assertThat(console.out()).isEmpty();
  }

  @Test
  void theVectorLossIsRefusedWithAdvice() throws IOException {
    Console console =
        Console.run("check", "--config", configuration("1,2\n", "square(y - x * gamma)"));
    assertThat(console.exitCode()).isEqualTo(2);
    assertThat(console.err()).contains("the loss must be a scalar, and has the shape [2]");
  }

  @Test
  void aBadExpressionIsRefusedBeforeSparkStarts() throws IOException {
    Console console =
        Console.run("check", "--config", configuration("1,2\n", "square(y - betta * x)"));
    assertThat(console.exitCode()).isEqualTo(2);
    assertThat(console.err())
        .contains("model.loss (")
        .contains("column 12")
        .contains("perhaps beta was meant")
        .doesNotContain("starting Spark");
  }

  @Test
  void rowsThatAreAllInvalidEndWithThree() throws IOException {
    String file = configuration("n/a,2\n,3\n", "square(y - beta * x)");
    assertThat(Console.run("check", "--config", file).exitCode()).isEqualTo(3);
    Console dropped = Console.run("check", "--config", file, "--set", "input.invalid-rows=drop");
    assertThat(dropped.exitCode()).isEqualTo(3);
    assertThat(dropped.err()).contains("2 rows are invalid");
    assertThat(dropped.out()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"quickstart", "seed1", "seed2", "seed3"})
  void theShippedExamplesAgree(String name) {
    String home = System.getenv("SPARK_CURVATURE_HOME");
    Console console = Console.run(Map.of(), "check", "--config", home + "/conf/" + name + ".conf");
    assertThat(console.err()).doesNotContain("error:");
    assertThat(console.out()).startsWith("check  PASSED: ").doesNotContain("undecided");
    assertThat(console.exitCode()).isZero();
  }
}
