package org.sparkcurvature.job.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.apache.hadoop.fs.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.sparkcurvature.job.report.Style;

class TerminalTest {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  private Terminal terminal(String environment, boolean interactive, Terminal.Wishes wishes) {
    Map<String, String> variables = new HashMap<>();
    for (String pair : environment.split(" ")) {
      if (!pair.isEmpty()) {
        variables.put(pair.split("=", 2)[0], pair.split("=", 2)[1]);
      }
    }
    return Terminal.of(
            new PrintStream(out, true, StandardCharsets.UTF_8),
            new PrintStream(err, true, StandardCharsets.UTF_8),
            variables,
            interactive)
        .with(wishes);
  }

  @Test
  void aProcessWhoseStreamsAreTakenHasNoTerminal() throws Exception {
    String program = "org.sparkcurvature.job.command.TerminalTest$Told";
    Process process =
        new ProcessBuilder(
                System.getProperty("java.home") + "/bin/java",
                "-cp",
                System.getProperty("java.class.path"),
                program)
            .redirectErrorStream(true)
            .start();
    process.getOutputStream().close();
    assertThat(process.getInputStream()).hasContent("false\n");
  }

  /** What a process of its own takes its streams for. */
  static final class Told {
    public static void main(String[] arguments) {
      System.out.println(Terminal.isTerminal(System.console()));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "'', 80",
    "COLUMNS=132, 132",
    "COLUMNS=132 SPARK_CURVATURE_WIDTH=91, 91",
    "COLUMNS=20, 60",
    "COLUMNS=wide, 80",
    "COLUMNS=0, 80",
  })
  void theWidthIsTheTerminals(String environment, int width) {
    assertThat(terminal(environment, false, Terminal.Wishes.NONE).view().width()).isEqualTo(width);
  }

  @ParameterizedTest
  @CsvSource({
    "'', false, AUTO, false",
    "'', true, AUTO, true",
    "SPARK_CURVATURE_WIDTH=80, false, AUTO, true",
    "'', false, ALWAYS, true",
    "'', true, NEVER, false",
    "NO_COLOR=1, true, AUTO, false",
    "NO_COLOR=, true, AUTO, true",
    "NO_COLOR=1, false, ALWAYS, true",
    "TERM=dumb, true, AUTO, false",
    "TERM=dumb, true, ALWAYS, true",
  })
  void boldIsForTerminalsThatDoNotRefuseIt(
      String environment, boolean interactive, Terminal.Color color, boolean bold) {
    Terminal.Wishes wishes = new Terminal.Wishes(Set.of(), false, false, color, false);
    assertThat(terminal(environment, interactive, wishes).style())
        .isEqualTo(bold ? Style.TERMINAL : Style.PLAIN);
  }

  @ParameterizedTest
  @CsvSource({
    "'', \u2026",
    "SPARK_CURVATURE_CHARSET=UTF-8, \u2026",
    "SPARK_CURVATURE_CHARSET=ANSI_X3.4-1968, ..",
    "SPARK_CURVATURE_CHARSET=ISO-8859-1, ..",
    "SPARK_CURVATURE_CHARSET=no-such, ..",
  })
  void theEllipsisIsOneThatTheEncodingHas(String environment, String ellipsis) {
    assertThat(terminal(environment, false, Terminal.Wishes.NONE).view().ellipsis())
        .isEqualTo(ellipsis);
  }

  @Test
  void anObjectTakesThePlaceOfText() {
    Terminal terminal =
        terminal("", false, new Terminal.Wishes(Set.of(), false, true, Terminal.Color.AUTO, false));
    terminal.print("text\n");
    terminal.out().println("printed by a library");
    terminal.answer().orElseThrow().put("name", "a\u001b".repeat(3000));
    terminal.warning("look out");
    terminal.printAnswer();
    assertThat(err.toString(StandardCharsets.UTF_8))
        .isEqualTo("printed by a library\nwarning: look out\n");
    assertThat(out.toString(StandardCharsets.UTF_8))
        .startsWith("{\n  \"name\" : \"a\\u001B")
        .doesNotContain("text")
        .endsWith("}\n")
        .hasSizeGreaterThan(20_000);
  }

  @Test
  void aQuietOneSaysNothingButResults() {
    Terminal terminal =
        terminal("", true, new Terminal.Wishes(Set.of(), true, false, Terminal.Color.AUTO, false));
    terminal.progress("starting Spark");
    terminal.warning("look out");
    terminal.print("value 1\n");
    assertThat(err.size()).isZero();
    assertThat(out.toString(StandardCharsets.UTF_8)).isEqualTo("value 1\n");
  }

  @Test
  void pathsCanBePasted() {
    String here = java.nio.file.Path.of("").toAbsolutePath().toString();
    assertThat(Pasted.path(new Path("file:" + here + "/out/fit"))).isEqualTo("out/fit");
    assertThat(Pasted.path(new Path("file:/data/out/fit"))).isEqualTo("/data/out/fit");
    assertThat(Pasted.path(new Path("file:" + here + "/it's here"))).isEqualTo("'it'\\''s here'");
    assertThat(Pasted.path(new Path("s3a://bucket/fit"))).isEqualTo("s3a://bucket/fit");
    assertThat(Pasted.quoted("a b")).isEqualTo("'a b'");
    assertThat(Pasted.quoted("$(rm)")).isEqualTo("'$(rm)'");
  }
}
