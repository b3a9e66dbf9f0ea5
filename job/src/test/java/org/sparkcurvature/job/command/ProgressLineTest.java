package org.sparkcurvature.job.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class ProgressLineTest {
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

  private ProgressLine line(boolean terminal) {
    return new ProgressLine(new PrintStream(bytes, true, StandardCharsets.UTF_8), terminal);
  }

  private String text() {
    return bytes.toString(StandardCharsets.UTF_8);
  }

  @Test
  void aLineIsWrittenOverOnATerminalAndClearedInTheEnd() throws InterruptedException {
    ProgressLine line = line(true);
    line.begins("reading rows", 4);
    line.done(1000);
    assertThat(text()).isEmpty();
    Thread.sleep(2100);
    line.done(1000);
    assertThat(text())
        .startsWith("\r\u001B[Kspark-curvature: reading rows: 2,000 rows, ")
        .contains(" rows/s, 2 of 4 tasks, 0:02 left")
        .doesNotContain("\n");
    line.clear();
    assertThat(text()).endsWith("left\r\u001B[K");
  }

  @Test
  void elsewhereItIsALineOfItsOwn() throws InterruptedException {
    ProgressLine line = line(false);
    line.begins("writing", 3);
    Thread.sleep(2100);
    line.done(0);
    line.done(0);
    line.clear();
    assertThat(text().lines()).hasSize(1);
    assertThat(text())
        .startsWith("spark-curvature: writing: 1 of 3 tasks, 0:0")
        .doesNotContain("\r");
  }
}
