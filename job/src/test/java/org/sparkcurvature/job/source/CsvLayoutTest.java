package org.sparkcurvature.job.source;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class CsvLayoutTest {
  private static Map<String, String> options(String beginning) {
    return CsvLayout.options(beginning, Map.of());
  }

  @Test
  void namesAboveNumbers() {
    assertThat(options("a,b\n1,2\n")).isEqualTo(Map.of("header", "true"));
    assertThat(options("\"a\",\"b, c\"\n1,2\n")).isEqualTo(Map.of("header", "true"));
    assertThat(options(",x,y\n0,1,2\n1,3,4\n")).isEqualTo(Map.of("header", "true"));
    assertThat(options("x,1,2\n3,1,2\n4,5,6\n")).isEqualTo(Map.of("header", "true"));
    assertThat(options("country,2019,2020\nAT,5,6\n")).isEqualTo(Map.of("header", "true"));
  }

  @Test
  void valuesInTheFirstLine() {
    assertThat(options("1,2\n3,4\n")).isEmpty();
    assertThat(options("AT,5,6\nDE,7,8\n")).isEmpty();
    assertThat(options("2019,2020\n2021,2022\n")).isEmpty();
    assertThat(options("")).isEmpty();
  }

  @Test
  void separators() {
    assertThat(options("a;b\n1,5;2\n3,5;4\n")).isEqualTo(Map.of("header", "true", "sep", ";"));
    assertThat(options("a\tb\n1\tx, y\n")).isEqualTo(Map.of("header", "true", "sep", "\t"));
    assertThat(options("a|b|c\n1|2|3\n")).isEqualTo(Map.of("header", "true", "sep", "|"));
    assertThat(options("a b c\n1 2 3\n")).isEqualTo(Map.of("header", "true", "sep", " "));
    // Blanks within texts separate nothing.
    assertThat(options("text\nto be or\nnot to\n")).isEqualTo(Map.of("header", "true"));
    assertThat(options("first name,b\nJo Ann,2\n")).isEqualTo(Map.of("header", "true"));
  }

  @Test
  void quotesWithinQuotesAndLineEnds() {
    assertThat(options("a,b\n\"say \"\"x, y\"\"\",1\n")).isEqualTo(Map.of("header", "true"));
    assertThat(options("a,b\r\n\"two\nlines\",1\r\n"))
        .isEqualTo(Map.of("header", "true", "multiLine", "true"));
  }

  @Test
  void whatIsConfiguredWins() {
    assertThat(CsvLayout.options("a;b\n1;2\n", Map.of("delimiter", ",")))
        .isEqualTo(Map.of("header", "true"));
    assertThat(CsvLayout.options("a;b\n1;2\n", Map.of("HEADER", "false")))
        .isEqualTo(Map.of("sep", ";"));
  }
}
