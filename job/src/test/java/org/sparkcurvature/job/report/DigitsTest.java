package org.sparkcurvature.job.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.sparkcurvature.job.infer.Estimate;

class DigitsTest {

  @ParameterizedTest
  @CsvSource({
    "0.66355609, 0.0410342, 0.664, 0.041",
    "7.9e-9, 4.5e-10, 7.90e-09, 4.5e-10",
    "-7.9e-9, 4.5e-8, -8e-09, 4.5e-08",
    "57807.4761, 20316.2, 58000, 20000",
    "4.24e9, 1.3e7, 4.240e+09, 1.3e+07",
    "-0.0000123, 0.5, -0.00, 0.50",
    "0, 0.5, 0.00, 0.50",
    "1.5, 0.0999, 1.50, 0.10",
    "1e300, 1e299, 1.00e+300, 1.0e+299",
    "12345.678, 0.00123, 12345.6780, 0.0012",
    "0.5, 0, 0.500000, 0",
    "1, 4.0e-19, 1, 4.0e-19",
    "0.5, NaN, 0.500000, -",
    "-Infinity, 1, -inf, 1.0",
  })
  void digitsFollowTheStandardError(double value, double error, String shown, String shownError) {
    assertThat(Digits.withError(value, error)).isEqualTo(shown);
    assertThat(Digits.error(error)).isEqualTo(shownError);
  }

  @ParameterizedTest
  @CsvSource({
    "0.66355609123, 0.663556",
    "-2, -2",
    "-0.0, 0",
    "7.9e-9, 7.90000e-09",
    "-0.00007, -7.00000e-05",
    "57807.4761, 57807.5",
    "1663292.4, 1.66329e+06",
    "999999.7, 1.00000e+06",
    "20190, 20190",
  })
  void withoutAnErrorThereAreSix(double value, String shown) {
    assertThat(Digits.significant(value)).isEqualTo(shown);
  }

  @ParameterizedTest
  @CsvSource({"0.5, 0.5", "1234.56789, 1234.57", "2.2e-16, 2.20000e-16", "110, 110"})
  void inASentenceZerosAtTheEndAreLeftOut(double value, String shown) {
    assertThat(Digits.brief(value)).isEqualTo(shown);
  }

  @Test
  void aProbabilityIsNeverZeroAndAStatisticKeepsItsSign() {
    Estimate far = Estimate.of("a", "a", 0, 1, 1e-6, 0.95);
    assertThat(Digits.probability(far.p())).isEqualTo("<1e-300");
    assertThat(far.p()).isPositive();
    assertThat(Digits.probability(3.2e-17)).isEqualTo("3.2e-17");
    assertThat(Digits.probability(0.0969)).isEqualTo("0.097");
    assertThat(Digits.probability(0.9999)).isEqualTo("1.0");
    assertThat(Digits.probability(Double.NaN)).isEqualTo("-");
    assertThat(Digits.statistic(-1e-5)).isEqualTo("-1.0e-05");
    assertThat(Digits.statistic(-20.7251)).isEqualTo("-20.7");
    assertThat(Digits.statistic(Double.NaN)).isEqualTo("-");
  }

  @Test
  void aDotIsADotInEveryLocale() {
    Locale before = Locale.getDefault();
    try {
      Locale.setDefault(Locale.GERMANY);
      assertThat(Digits.withError(0.66355609, 0.0410342)).isEqualTo("0.664");
      assertThat(Digits.significant(0.5)).isEqualTo("0.500000");
      assertThat(Digits.probability(0.25)).isEqualTo("0.25");
      assertThat(Page.rows(20190)).isEqualTo("20,190 rows");
    } finally {
      Locale.setDefault(before);
    }
  }
}
