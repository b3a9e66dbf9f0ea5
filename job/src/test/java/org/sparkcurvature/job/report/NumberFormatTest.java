package org.sparkcurvature.job.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class NumberFormatTest {

  @Test
  void wholeNumbersStayWhole() {
    assertThat(written(30, 60, 0, -150)).containsExactly("30", "60", "0", "-150");
  }

  @Test
  void moderateNumbersHaveEightDecimals() {
    assertThat(written(0.102457128, -2, 0.002587583))
        .containsExactly("0.10245713", "-2.00000000", "0.00258758");
  }

  @Test
  void largeNumbersHaveTwelveDigits() {
    assertThat(written(20190.123456789, 1.5)).containsExactly("20190.1234568", "1.5000000");
  }

  @Test
  void numbersThatDecimalsWouldHideHaveExponents() {
    assertThat(written(1.5e-7, 2.5)).containsExactly("1.50000000e-07", "2.50000000e+00");
    assertThat(written(1.5e12, 2.5)).containsExactly("1.50000000e+12", "2.50000000e+00");
    assertThat(written(1e-300)).containsExactly("1.00000000e-300");
  }

  @Test
  void roundingIsNotShownAsANumber() {
    assertThat(written(2.5, -1e-17)).containsExactly("2.50000000", "0.00000000");
    assertThat(written(2.25, 0, 0.5)).containsExactly("2.25", "0", "0.50");
    assertThat(written(-0.0, 1)).containsExactly("0", "1");
  }

  @Test
  void inASentenceSixDigitsDo() {
    assertThat(NumberFormat.brief(110)).isEqualTo("110");
    assertThat(NumberFormat.brief(0.1220987654)).isEqualTo("0.122099");
    assertThat(NumberFormat.brief(1234.56789)).isEqualTo("1234.57");
    assertThat(NumberFormat.brief(2.2e-16)).isEqualTo("2.200e-16");
    assertThat(NumberFormat.brief(3.5e14)).isEqualTo("3.500e+14");
    assertThat(NumberFormat.brief(0)).isEqualTo("0");
  }

  private static List<String> written(double... values) {
    return NumberFormat.of(values).format(values);
  }
}
