package org.sparkcurvature.job.source;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.apache.spark.unsafe.types.UTF8String;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is read fast is what is read with care. */
class TextNumbersTest {
  /** In the middle of other text, as in a row. */
  private double parse(String text) {
    byte[] row = ("7" + text + "7").getBytes(StandardCharsets.UTF_8);
    return TextNumbers.parse(UTF8String.fromBytes(row, 1, row.length - 2));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "0",
        "-0",
        "7",
        "-7.25",
        "+.5",
        "5.",
        "1e5",
        "1E-5",
        "-1.25e+300",
        "4.9e-324",
        "1e-400",
        "123456789012345678901234567890",
        "0.1",
        "2.2250738585072014E-308",
        "1.7976931348623157e308"
      })
  void numbersAreThoseThatJavaReads(String text) {
    assertThat(Double.doubleToRawLongBits(parse(text)))
        .isEqualTo(Double.doubleToRawLongBits(Double.parseDouble(text)))
        .isEqualTo(Double.doubleToRawLongBits(Kind.parse(text)));
  }

  @Test
  void randomNumbersAreThoseThatJavaReads() {
    Random random = new Random(5);
    for (int k = 0; k < 20_000; k++) {
      double value = Double.longBitsToDouble(random.nextLong());
      double shown = Double.isFinite(value) && k % 2 == 0 ? value : random.nextGaussian();
      assertThat(parse(Double.toString(shown))).isEqualTo(shown);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        " 1",
        "1 ",
        "\u00001",
        "1d",
        "1f",
        "2D",
        "0x1p3",
        "-0X1p3",
        "NaN",
        "Infinity",
        "-inf",
        "n/a",
        "1,5",
        "1_000",
        "--1",
        "1e",
        ".",
        "e5",
        "\u0661",
        "1\u00a0",
        "1e999",
        "-1e999"
      })
  void everythingElseIsLeftToLookAt(String text) {
    assertThat(Double.isFinite(parse(text))).isFalse();
  }

  @Test
  void longTextIsANumber() {
    assertThat(parse("1" + "0".repeat(64))).isEqualTo(1e64);
    assertThat(parse("0." + "0".repeat(100) + "1")).isEqualTo(1e-101);
    assertThat(Kind.parse("1" + "0".repeat(64))).isEqualTo(1e64);
  }
}
