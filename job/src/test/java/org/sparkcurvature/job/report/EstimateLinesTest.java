package org.sparkcurvature.job.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.sparkcurvature.job.infer.Estimate;

class EstimateLinesTest {

  private static Estimate estimate(String name, double value, double error) {
    return Estimate.of(name, name, 0, value, error * error, 0.95);
  }

  @ParameterizedTest
  @ValueSource(ints = {60, 80, 120})
  void oneLineForEachWhateverTheWidth(int width) {
    String name = "beta[a_name_of_fifty_eight_characters_that_is_much_too_lo%s]";
    List<String> lines =
        EstimateLines.of(
            View.PLAIN.wide(width),
            List.of(
                estimate(name.formatted("a"), 12.5, 0.25),
                estimate(name.formatted("b"), -1234.5, 0.0251),
                estimate("tiny", 7.9e-9, 4.5e-10),
                estimate("large", -4.2e9, 1.1e7)),
            0.95,
            "z");
    List<String> table = lines.subList(0, 5);
    assertThat(table).allMatch(line -> line.length() <= width).doesNotHaveDuplicates();
    assertThat(table.get(0)).contains("estimate").contains("std.err.").contains("95% interval");
    assertThat(table.get(0).contains(" z")).isEqualTo(width > 60);
    assertThat(table.get(3)).contains("7.90e-09").contains("4.5e-10").contains("[");
    if (width < 120) {
      assertThat(lines.subList(5, lines.size()).toString())
          .contains("names in full")
          .contains(name.formatted("b"));
    }
  }

  @Test
  void whatHasNoErrorHasNone() {
    assertThat(EstimateLines.of(View.PLAIN, List.of(Estimate.held("x", "x", 0, 0.25)), 0.9, "t"))
        .containsExactly(
            "     estimate  std.err.  90% interval  t  p",
            "  x  0.250000         -             -  -  -");
  }

  @Test
  void ofManyTheStrongestAreShown() {
    List<Estimate> many =
        IntStream.range(0, 3000).mapToObj(k -> estimate("b" + k, (k * 37) % 3000, 1)).toList();
    List<String> lines = EstimateLines.of(View.PLAIN, many, 0.95, "z");
    assertThat(lines)
        .hasSize(22)
        .last()
        .isEqualTo("  ... 2,980 more of smaller abs(z): --show all");
    assertThat(lines.stream().filter(line -> line.contains("  2999.0 "))).hasSize(1);
    assertThat(EstimateLines.of(View.PLAIN.showing(Set.of(Part.ALL)), many, 0.95, "z"))
        .hasSize(3001);
  }

  @Test
  void valuesWithoutErrorsHaveSixDigits() {
    assertThat(
            EstimateLines.of(
                View.PLAIN,
                List.of("a", "b", "c"),
                new double[] {0.66355609123, -2, 7.9e-9},
                "estimate"))
        .containsExactly(
            "        estimate", "  a     0.663556", "  b           -2", "  c  7.90000e-09");
  }
}
