package org.sparkcurvature.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The figures of {@code deploy/BENCHMARKS.md} are what {@code deploy/bench record} wrote. */
class BenchmarksPageTest {
  private static final Path DEPLOY = Path.of(System.getProperty("user.dir"), "..", "deploy");

  private static List<String> block(String suite) throws IOException {
    List<String> page = Files.readAllLines(DEPLOY.resolve("BENCHMARKS.md"));
    int begin = page.indexOf("<!-- begin %s -->".formatted(suite));
    int end = page.indexOf("<!-- end %s -->".formatted(suite));
    assertThat(begin).as("the place of %s", suite).isNotNegative().isLessThan(end);
    return page.subList(begin + 1, end);
  }

  @ParameterizedTest
  @ValueSource(strings = {"core", "peers", "sizes", "planning", "fit", "estimate", "groups", "job"})
  void eachHasItsDayCommitAndMachine(String suite) throws IOException {
    assertThat(block(suite).get(0))
        .matches(
            "`deploy/bench %s`, \\d{4}-\\d\\d-\\d\\d, commit [0-9a-f]{7,}: .+, \\d+ processors, \\d+ GB, Java .+, Spark .+\\."
                .formatted(suite));
  }

  /** Our time, the limit's or the peer's, the ratio, the target, and whether it is met. */
  @ParameterizedTest
  @ValueSource(strings = {"fit", "estimate", "groups", "job"})
  void ratiosAreOfTheTimesBesideThem(String suite) throws IOException {
    Pattern row =
        Pattern.compile("(\\S+) +([\\d.]+) +([\\d.]+) +([\\d.]+) +([<>]=) ([\\d.]+) +(yes|no)");
    List<Matcher> rows = block(suite).stream().map(row::matcher).filter(Matcher::matches).toList();
    assertThat(rows).isNotEmpty();
    for (Matcher figure : rows) {
      double ours = Double.parseDouble(figure.group(2));
      double other = Double.parseDouble(figure.group(3));
      double ratio = Double.parseDouble(figure.group(4));
      double target = Double.parseDouble(figure.group(6));
      boolean limit = figure.group(5).equals("<=");
      double expected = limit ? ours / other : other / ours;
      assertThat(ratio).as(figure.group(1)).isCloseTo(expected, within(0.006 + expected / 100));
      if (Math.abs(ratio - target) > 0.01) {
        assertThat(figure.group(7))
            .isEqualTo((limit ? ratio < target : ratio > target) ? "yes" : "no");
      }
    }
  }

  @Test
  void theCommandKnowsThePlaces() throws IOException {
    String command = Files.readString(DEPLOY.resolve("bench"));
    Matcher all = Pattern.compile("\\|\\| set -- (.*)").matcher(command);
    assertThat(all.find()).isTrue();
    try (Stream<String> lines = Files.lines(DEPLOY.resolve("BENCHMARKS.md"))) {
      assertThat(lines.filter(line -> line.startsWith("<!-- begin ")))
          .containsExactly(
              Stream.of(all.group(1).split(" "))
                  .map("<!-- begin %s -->"::formatted)
                  .toArray(String[]::new));
    }
  }
}
