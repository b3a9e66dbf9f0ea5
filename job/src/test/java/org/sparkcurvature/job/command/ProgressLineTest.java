package org.sparkcurvature.job.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ProgressLineTest {
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final AtomicLong clock = new AtomicLong(17);

  private ProgressLine line(ProgressLine.Mode mode) {
    return new ProgressLine(
        new PrintStream(bytes, true, StandardCharsets.UTF_8), mode, 200, clock::get);
  }

  private String text() {
    return bytes.toString(StandardCharsets.UTF_8);
  }

  private void pass(double seconds) {
    clock.addAndGet((long) (seconds * 1e9));
  }

  @Test
  void aLineIsWrittenOverOnATerminalAndClearedInTheEnd() {
    ProgressLine line = line(ProgressLine.Mode.TERMINAL);
    line.stage("reading rows", true);
    line.begins("reading rows", 4);
    pass(0.1);
    line.done(1000);
    assertThat(text()).isEmpty();
    pass(2);
    line.done(1000);
    assertThat(text())
        .isEqualTo("\r\u001B[Kspark-curvature: reading rows: 2,000 rows, 50 %, 950 rows/s, 2.1 s");
    pass(4);
    line.done(1000);
    assertThat(text()).endsWith("3,000 rows, 75 %, 490 rows/s, 2.0 s left, 6.1 s");
    line.clear();
    assertThat(text()).endsWith("\r\u001B[K").doesNotContain("\n");
  }

  @Test
  void elsewhereThereIsALineEachHalfMinuteAtMost() {
    ProgressLine line = line(ProgressLine.Mode.LOG);
    line.stage("writing", true);
    line.begins("writing", 1000);
    for (int k = 0; k < 95; k++) {
      pass(1);
      line.done(10);
      line.tick();
    }
    assertThat(text().lines()).hasSize(3);
    assertThat(text())
        .startsWith("spark-curvature: writing: 300 rows, 3 %, 10 rows/s, 30 s\n")
        .doesNotContain("\r");
  }

  @Test
  void aShortRunSaysNothingElsewhereAndAQuietOneNever() {
    for (ProgressLine.Mode mode : List.of(ProgressLine.Mode.LOG, ProgressLine.Mode.NONE)) {
      ProgressLine line = line(mode);
      line.stage("opening the input", false);
      line.begins("opening the input", 2);
      pass(mode == ProgressLine.Mode.LOG ? 29 : 1e6);
      line.done(5);
      line.note("iteration 1");
      line.tick();
      line.stop();
      assertThat(text()).isEmpty();
    }
  }

  @Test
  void aFitShowsPassesAndGradientAndNoTimeLeft() {
    ProgressLine line = line(ProgressLine.Mode.TERMINAL);
    line.stage("minimising", false);
    for (int k = 1; k < 20; k++) {
      line.begins("minimising", 4);
      for (int task = 0; task < 4; task++) {
        pass(1);
        line.done(100);
      }
      line.note("pass " + k + ", relative gradient 1e-3");
    }
    pass(1);
    line.tick();
    assertThat(text())
        .endsWith("minimising: pass 19, relative gradient 1e-3, 77 s")
        .doesNotContain("left");
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5})
  void timeLeftIsSteady(int seed) {
    ProgressLine line = line(ProgressLine.Mode.TERMINAL);
    line.stage("reading rows", true);
    line.begins("reading rows", 200);
    Random random = new Random(seed);
    for (int k = 0; k < 200; k++) {
      pass(0.5 + 0.2 * random.nextDouble());
      line.done(1000);
    }
    List<Double> left = new ArrayList<>();
    Matcher shown = Pattern.compile("([0-9.]+) (s|min) left, ([0-9.]+) (s|min)").matcher(text());
    while (shown.find()) {
      double value = Double.parseDouble(shown.group(1)) * (shown.group(2).equals("s") ? 1 : 60);
      double elapsed = Double.parseDouble(shown.group(3)) * (shown.group(4).equals("s") ? 1 : 60);
      left.add(value);
      // 200 tasks of 0.6 s
      assertThat(value).isBetween(0.7 * (120 - elapsed) - 4, 1.3 * (120 - elapsed) + 4);
    }
    assertThat(left).hasSizeGreaterThan(100);
    for (int k = 1; k < left.size(); k++) {
      assertThat(left.get(k)).isLessThanOrEqualTo(1.5 * left.get(k - 1));
    }
    // Not before a tenth is done.
    assertThat(text().split("left")[0]).contains(" 9 %");
  }

  @ParameterizedTest
  @CsvSource({
    "0.04, 0.0 s",
    "9.94, 9.9 s",
    "47.3, 47 s",
    "190, 3.2 min",
    "725, 12 min",
    "9000, 2.5 h"
  })
  void durationsHaveTwoDigits(double seconds, String shown) {
    assertThat(ProgressLine.duration(seconds)).isEqualTo(shown);
  }

  @Test
  void whoLooksForAFaultSeesEveryStage() {
    ProgressLine line = line(ProgressLine.Mode.EVERY_STAGE);
    line.stage("starting Spark", false);
    line.note("iteration 1");
    assertThat(text()).isEqualTo("spark-curvature: starting Spark\nspark-curvature: iteration 1\n");
  }
}
