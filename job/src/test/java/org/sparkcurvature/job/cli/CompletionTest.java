package org.sparkcurvature.job.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What shells complete, by bash itself, is what the program takes. */
class CompletionTest {
  private static final Path DEPLOY = Path.of(System.getenv("SPARK_CURVATURE_HOME"), "deploy");
  private static final Path BASH = DEPLOY.resolve("completion/spark-curvature.bash");

  @TempDir Path folder;

  /** What bash offers for the last of these words. */
  private Set<String> offered(String... words) throws IOException, InterruptedException {
    String script =
        """
        source '%s'
        COMP_WORDS=("$@")
        COMP_CWORD=$(($# - 1))
        _spark_curvature
        printf '%%s\\n' "${COMPREPLY[@]}"
        """
            .formatted(BASH);
    ProcessBuilder builder = new ProcessBuilder("bash", "-c", script, "bash", "spark-curvature");
    builder.command().addAll(List.of(words));
    builder.directory(folder.toFile());
    // A Java that is started says so.
    builder.environment().put("JAVA_HOME", "/nowhere");
    Process process = builder.start();
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    process.waitFor();
    return out.lines()
        .filter(line -> !line.isBlank())
        .collect(Collectors.toCollection(TreeSet::new));
  }

  /** The program's commands. */
  static Set<String> commands() {
    return new TreeSet<>(Commands.all().keySet());
  }

  /** The options of a command that shells offer. */
  static Set<String> options(String command) {
    Set<String> options =
        Commands.all().get(command).syntax().options().stream()
            .map(Syntax.Taken::typed)
            .collect(Collectors.toCollection(TreeSet::new));
    // What shows nothing more has no use for the option that asks for it.
    if (Set.of("predict", "influence", "compare").contains(command)) {
      options.remove("--show");
    }
    return options;
  }

  @Test
  void commandsAreThoseOfTheProgram() throws Exception {
    Set<String> offered = offered("");
    assertThat(offered).containsAll(commands()).contains("--help");
    assertThat(offered("es")).containsExactly("estimate");
    String zsh = Files.readString(DEPLOY.resolve("completion/_spark-curvature"));
    String launcher = Files.readString(DEPLOY.resolve("spark-curvature"));
    for (String command : commands()) {
      assertThat(zsh).contains("'" + command + ":");
      assertThat(launcher.lines().filter(line -> line.startsWith("commands=(")))
          .singleElement()
          .asString()
          .containsPattern("\\b" + command + "\\b");
    }
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
    Set<String> options = options(command);
    assertThat(offered(command, "--")).isEqualTo(options);
    String launcher = Files.readString(DEPLOY.resolve("spark-curvature"));
    // The options of init, which needs no configuration, are left to the program.
    for (String option : command.equals("init") ? Set.<String>of() : options) {
      assertThat(launcher.contains(" " + option)).as(option).isTrue();
    }
  }

  @ParameterizedTest
  @CsvSource({"derive", "fit", "check", "spectrum"})
  void partsAreThoseOfTheCommand(String command) throws Exception {
    for (String part : offered(command, "--show", "")) {
      Console console = Console.run(command, "--config", "none.conf", "--show", part);
      assertThat(console.err()).doesNotContain("to show").contains("none.conf");
    }
    Console refused = Console.run(command, "--config", "none.conf", "--show", "x");
    for (String part : refused.err().split("it has: ")[1].split("\n")[0].split(", ")) {
      assertThat(offered(command, "--show", part.substring(0, 2))).contains(part);
    }
  }

  @Test
  void filesAndFoldersAreCompletedWhereTheyAreMeant() throws Exception {
    Files.createFile(folder.resolve("a.conf"));
    Files.createDirectory(folder.resolve("around"));
    assertThat(offered("fit", "--config", "a")).containsExactly("a.conf", "around");
    assertThat(offered("fit", "--config", "=", "a")).containsExactly("a.conf", "around");
    assertThat(offered("fit", "--from", "a")).containsExactly("around");
    assertThat(offered("compare", "a")).contains("around");
    assertThat(offered("fit", "--color", "a")).containsExactly("always", "auto");
    assertThat(offered("derive", "--show", "rows,h")).containsExactly("rows,hessian");
    assertThat(offered("fit", "--", "--ma")).isEmpty();
  }
}
