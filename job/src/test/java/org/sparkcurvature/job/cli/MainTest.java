package org.sparkcurvature.job.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MainTest {
  @TempDir Path temporary;

  @Test
  void helpIsOnStandardOutput() {
    Console console = Console.run("--help");
    assertThat(console.exitCode()).isZero();
    assertThat(console.out()).contains("derive").contains("Exit codes:");
    assertThat(console.err()).isEmpty();
    assertThat(Console.run("derive", "--help").out())
        .contains("--config=FILE")
        .contains("--set=path=value")
        .contains("--debug");
  }

  @Test
  void versionsAreThoseOfEverythingItStandsOn() {
    Console console = Console.run("--version");
    assertThat(console.exitCode()).isZero();
    assertThat(console.out())
        .contains("spark-curvature ")
        .contains("spark 4.2.0")
        .contains("nd4j 1.0.0-M2.1")
        .contains("java " + Runtime.version().feature());
  }

  @Test
  void withoutACommandNothingIsDone() {
    Console console = Console.run();
    assertThat(console.exitCode()).isEqualTo(2);
    assertThat(console.out()).isEmpty();
    assertThat(console.err()).startsWith("error: no command was given").contains("--help");
  }

  @ParameterizedTest
  @ValueSource(strings = {"merge"})
  void commandsOfLaterVersionsAreNamed(String command) {
    Console console = Console.run(command, "--config", "x.conf");
    assertThat(console.exitCode()).isEqualTo(2);
    assertThat(console.err())
        .startsWith(
            "error: the command "
                + command
                + " is not in this version; available: derive, fit, infer, estimate, predict, effects, compare, influence, spectrum, init, check");
  }

  @Test
  void aMisspeltCommandIsRefused() {
    Console console = Console.run("drive", "--config", "x.conf");
    assertThat(console.exitCode()).isEqualTo(2);
    assertThat(console.err())
        .contains("there is no command 'drive'")
        .contains("perhaps derive was meant");
  }

  @Test
  void optionsAreRefusedByName() {
    assertThat(Console.run("derive").err()).contains("--config");
    Console console = Console.run("derive", "--config", "x.conf", "--frobnicate");
    assertThat(console.exitCode()).isEqualTo(2);
    assertThat(console.err()).contains("--frobnicate").contains("the command line");
    assertThat(Console.run("--config", "x.conf", "derive").exitCode()).isEqualTo(2);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "derive --config | --config has no value",
        "derive --set --quiet | --set has no value",
        "fit --from a --from b | --from is given more than once",
        "fit --config a b | there is no option or argument 'b' here",
        "fit --quite --config a | perhaps --quiet was meant",
        "fit --quiet=1 --config a | there is no option or argument '--quiet=1' here",
        "compare a | the folders of two results or more",
        "--verson | perhaps --version was meant",
      })
  void whatIsTypedWronglyIsNamed(String line, String told) {
    Console console = Console.run(line.split(" "));
    assertThat(console.exitCode()).isEqualTo(2);
    assertThat(console.err()).contains(told).contains("at: the command line").contains("--help");
  }

  @Test
  void valuesAreTakenAsTheyAreTyped() {
    Console console =
        Console.run("fit", "--config=none.conf", "--set=input.path=\"a=b\"", "--set", "-x=1");
    assertThat(console.err()).startsWith("error: none.conf does not exist");
  }

  @Test
  void aConfigurationThatIsNotThereIsRefused() {
    Console console = Console.run("derive", "--config", temporary + "/none.conf");
    assertThat(console.exitCode()).isEqualTo(2);
    assertThat(console.out()).isEmpty();
    assertThat(console.err()).contains("none.conf").doesNotContain("\tat ");
  }

  @Test
  void everyFaultOfAConfigurationIsToldAtOnce() throws IOException {
    Path file = temporary.resolve("bad.conf");
    Files.writeString(file, "curvature { input { pth = x }, model { los = \"1\" } }");
    Console console = Console.run("derive", "--config", file.toString());
    assertThat(console.exitCode()).isEqualTo(2);
    assertThat(console.err())
        .startsWith("error: ")
        .contains("input.pth")
        .contains("model.los")
        .doesNotContain("starting Spark");
  }

  @Test
  void debugPrintsTheStackTrace() {
    Console console = Console.run("derive", "--config", temporary + "/none.conf", "--debug");
    assertThat(console.exitCode()).isEqualTo(2);
    assertThat(console.err()).contains("\tat org.sparkcurvature.");
  }

  @Test
  void anExistingOutputIsRefusedBeforeSparkStarts() throws IOException {
    Files.createDirectories(temporary.resolve("out"));
    Console console = Console.run("derive", "--config", minimal("data.csv", "error"));
    assertThat(console.exitCode()).isEqualTo(2);
    assertThat(console.err())
        .contains("exists already")
        .contains("curvature.output.mode")
        .doesNotContain("starting Spark");
  }

  @Test
  void theResultOfAnotherProgramIsNotTakenForOurs() throws IOException {
    Files.createDirectories(temporary.resolve("out"));
    Files.writeString(temporary.resolve("out/_SUCCESS"), "");
    Console console = Console.run("derive", "--config", minimal("data.csv", "ignore"));
    assertThat(console.exitCode()).isEqualTo(2);
    assertThat(console.err())
        .contains("no manifest.json of this program")
        .doesNotContain("starting Spark");
  }

  @Test
  void inputThatIsNotThereEndsWithThreeAndLeavesNothing() throws IOException {
    Console console = Console.run("derive", "--config", minimal("data.csv", "error"));
    assertThat(console.exitCode()).isEqualTo(3);
    assertThat(console.err()).contains("data.csv").doesNotContain("\tat ");
    assertThat(temporary.resolve("out")).doesNotExist();
  }

  private String minimal(String data, String mode) throws IOException {
    Path file = temporary.resolve("run.conf");
    Files.writeString(
        file,
        """
        curvature {
          input { path = "%s", options { header = true }, tensors { x = a, y = b } }
          model { parameters { beta = 0.5 }, loss = "square(y - beta * x)" }
          output { path = "%s", mode = %s }
        }
        """
            .formatted(temporary.resolve(data), temporary.resolve("out"), mode));
    return file.toString();
  }
}
