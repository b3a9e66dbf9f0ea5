package org.sparkcurvature.job.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.sparkcurvature.job.infer.Estimate;

class EstimateLinesTest {

  private static Estimate estimate(String name, double value, double error) {
    return Estimate.of(name, name, 0, value, error * error, 0.95);
  }

  @ParameterizedTest
  @CsvSource({
    "0.66355609, 0.0410342, 0.6636, 0.0410",
    "7.9e-9, 4.5e-10, 7.900e-09, 4.50e-10",
    "-7.9e-9, 4.5e-8, -7.90e-09, 4.50e-08",
    "57807.4761, 20316.2, 57807, 20316",
    "4.24e9, 1.3e7, 4.2400e+09, 1.30e+07",
    "-0.0000123, 0.5, 0.000, 0.500",
    "1e300, 1e299, 1.000e+300, 1.00e+299",
    "12345.678, 0.00123, 12345.67800, 0.00123",
  })
  void digitsFollowTheStandardError(double value, double error, String shown, String shownError) {
    assertThat(EstimateLines.withError(value, error)).isEqualTo(shown);
    assertThat(EstimateLines.withError(error, error)).isEqualTo(shownError);
  }

  @Test
  void aProbabilityIsNeverZeroAndAStatisticKeepsItsSign() {
    assertThat(EstimateLines.probability(estimate("a", 1, 1e-3).p())).isEqualTo("<1e-300");
    assertThat(estimate("a", 1, 1e-3).p()).isPositive();
    assertThat(EstimateLines.probability(3.2e-17)).isEqualTo("3.2e-17");
    assertThat(EstimateLines.probability(0.0123)).isEqualTo("0.012");
    assertThat(EstimateLines.probability(Double.NaN)).isEqualTo("-");
    assertThat(EstimateLines.statistic(-1e-5)).isEqualTo("-1.0e-05");
    assertThat(EstimateLines.statistic(-20.7251)).isEqualTo("-20.725");
    assertThat(EstimateLines.statistic(Double.NaN)).isEqualTo("-");
    assertThat(EstimateLines.significant(-1.5e-20)).isEqualTo("-1.500000e-20");
  }

  @Test
  void oneLineForEachWithinEightyColumns() {
    String name = "beta[a_name_of_fifty_eight_characters_that_is_much_too_lo%s]";
    List<String> lines =
        EstimateLines.of(
            List.of(
                estimate(name.formatted("a"), 12.5, 0.25),
                estimate(name.formatted("b"), -1234.5, 0.0251),
                estimate("tiny", 7.9e-9, 4.5e-10),
                estimate("large", -4.2e9, 1.1e7)),
            "95");
    assertThat(lines).hasSize(5).allMatch(line -> line.length() <= 80);
    assertThat(lines.stream().distinct()).hasSize(5);
    assertThat(lines.get(3)).contains("7.90e-09").contains("4.5e-10");
  }

  @Test
  void shortenedNamesStayDifferent() {
    List<String> names =
        IntStream.range(0, 200)
            .mapToObj(k -> "parameter[" + "x".repeat(30) + k + "yyyyyy]")
            .toList();
    List<String> shortened = EstimateLines.shortened(names, 18);
    assertThat(shortened).doesNotHaveDuplicates().allMatch(name -> name.length() <= 18);
    assertThat(EstimateLines.shortened(List.of("b0", "beta[x]"), 18))
        .containsExactly("b0", "beta[x]");
  }

  @Test
  void valuesWithoutErrorsHaveSevenDigits() {
    assertThat(EstimateLines.of(List.of("a", "b", "c"), new double[] {0.66355609123, -2, 7.9e-9}))
        .containsExactly("  a     0.6635561", "  b            -2", "  c  7.900000e-09");
  }
}
