package org.sparkcurvature.job.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What zsh completes, by zsh itself on a terminal of its own, is what the program takes. */
class ZshCompletionTest {
  private static final Path COMPLETIONS =
      Path.of(System.getenv("SPARK_CURVATURE_HOME"), "deploy/completion");
  private static final int SECONDS = 60;

  @TempDir Path folder;

  @BeforeAll
  static void lookForZsh() {
    assumeThat(
            Arrays.stream(System.getenv("PATH").split(":"))
                .map(place -> Path.of(place, "zsh"))
                .anyMatch(Files::isExecutable))
        .as("there is a zsh on the PATH")
        .isTrue();
  }

  /** What is offered at the end of a line. */
  private Set<String> offered(String line) throws Exception {
    Path script = folder.resolve("capture.zsh");
    try (var text = getClass().getResourceAsStream("/completion/capture.zsh")) {
      Files.write(script, text.readAllBytes());
    }
    Path workplace = Files.createDirectories(folder.resolve("here"));
    Path out = folder.resolve("offered");
    ProcessBuilder builder =
        new ProcessBuilder("zsh", "-f", script.toString(), COMPLETIONS.toString(), line);
    // A Java that is started says so.
    builder.environment().put("JAVA_HOME", "/nowhere");
    Process process =
        builder
            .directory(workplace.toFile())
            .redirectErrorStream(true)
            .redirectOutput(out.toFile())
            .start();
    assertThat(process.waitFor(SECONDS, TimeUnit.SECONDS)).isTrue();
    return Files.readString(out, StandardCharsets.UTF_8)
        .lines()
        .filter(offer -> !offer.isBlank())
        .collect(Collectors.toCollection(TreeSet::new));
  }

  @Test
  void commandsAreThoseOfTheProgram() throws Exception {
    assertThat(offered("spark-curvature ")).isEqualTo(CompletionTest.commands());
    assertThat(offered("spark-curvature es")).containsExactly("estimate");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "derive",
        "fit",
        "estimate",
        "infer",
        "predict",
        "effects",
        "compare",
        "influence",
        "spectrum",
        "check",
        "init"
      })
  void optionsAreThoseOfTheCommand(String command) throws Exception {
    assertThat(offered("spark-curvature " + command + " --"))
        .isEqualTo(CompletionTest.options(command));
  }

  @Test
  void valuesAreThoseOfTheOption() throws Exception {
    assertThat(offered("spark-curvature derive --show ")).containsExactly("all", "hessian", "rows");
    assertThat(offered("spark-curvature derive --show rows,h")).contains("hessian");
    assertThat(offered("spark-curvature fit --color a")).containsExactly("always", "auto");
    Path here = Files.createDirectories(folder.resolve("here"));
    Files.createFile(here.resolve("a.conf"));
    Files.createDirectory(here.resolve("around"));
    assertThat(offered("spark-curvature fit --config a")).containsExactly("a.conf", "around");
    assertThat(offered("spark-curvature fit --from a")).containsExactly("around");
    assertThat(offered("spark-curvature compare a")).contains("around");
  }
}
