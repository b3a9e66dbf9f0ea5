package org.sparkcurvature.job.source;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class InvalidValueTest {
  /** What stands for no value is told as it is written, other texts by what they are not. */
  @ParameterizedTest
  @CsvSource({
    "NA, age is NA",
    "null, age is null",
    "' NA ', age is NA",
    "12a, age is text that is no number",
    "None, age is text that is no number",
  })
  void kindsOfTexts(String text, String kind) {
    InvalidValue value = InvalidValue.text(text).of("age", "age");
    assertThat(value.kind()).isEqualTo(kind);
    assertThat(value).hasMessage("age is '" + text + "', not a number");
  }
}
