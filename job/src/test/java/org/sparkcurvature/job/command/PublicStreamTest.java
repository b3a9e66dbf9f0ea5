package org.sparkcurvature.job.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.sparkcurvature.job.report.Style;

class PublicStreamTest {
  private final ByteArrayOutputStream printed = new ByteArrayOutputStream();

  private Terminal terminal(Style style) {
    PrintStream stream = new PrintStream(printed, true, StandardCharsets.UTF_8);
    return new Terminal(stream, stream, Map.of(), style);
  }

  private String printed() {
    return printed.toString(StandardCharsets.UTF_8);
  }

  @Test
  void nothingIsPrintedAsItIs() {
    Terminal terminal = terminal(Style.PLAIN);
    terminal.warning("column \u001b[2Jä");
    terminal.progress("password=hush");
    terminal.out().print("left \u0007");
    terminal.out().flush();
    new PrintWriter(terminal.err(), true, StandardCharsets.UTF_8).println("pin=hush");
    new IllegalStateException("token=hush").printStackTrace(terminal.err());
    assertThat(printed())
        .startsWith(
            "warning: column \\x1b[2Jä\nspark-curvature: password=(masked)\nleft \\x07pin=(masked)\n")
        .contains("IllegalStateException: token=(masked)\n\tat ")
        .doesNotContain("hush");
  }

  @Test
  void headingsAreBoldOnATerminal() {
    Terminal terminal = terminal(Style.TERMINAL);
    terminal.out().println(Style.TERMINAL.heading("fit") + " \u001b[2J");
    assertThat(printed()).isEqualTo("\u001b[1mfit\u001b[0m \\x1b[2J\n");
  }
}
