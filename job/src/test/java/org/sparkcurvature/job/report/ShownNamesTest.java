package org.sparkcurvature.job.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ShownNamesTest {

  @Test
  void namesThatDifferInTheLastStayDifferent() {
    List<String> names =
        IntStream.range(0, 30).mapToObj(k -> "x".repeat(59) + (char) ('A' + k)).toList();
    ShownNames shown = ShownNames.of(names, 18, "\u2026");
    assertThat(shown.shown())
        .doesNotHaveDuplicates()
        .allMatch(
            name -> name.length() == 18 && name.chars().filter(c -> c == '\u2026').count() == 1);
    assertThat(shown.legend(80)).hasSize(61).contains("      " + names.get(29));
  }

  @Test
  void namesThatDifferInTheMiddleStayDifferent() {
    for (int at = 0; at < 58; at += 7) {
      int position = at;
      List<String> names =
          IntStream.range(0, 26)
              .mapToObj(k -> "y".repeat(position) + (char) ('a' + k) + "y".repeat(59 - position))
              .toList();
      assertThat(ShownNames.of(names, 16, "\u2026").shown())
          .doesNotHaveDuplicates()
          .allMatch(name -> name.length() <= 16);
    }
  }

  @Test
  void namesThatDifferAllOverStayDifferent() {
    List<String> names =
        IntStream.range(0, 200)
            .mapToObj(k -> "parameter[" + "x".repeat(30) + k + "y".repeat(30) + "]")
            .toList();
    assertThat(ShownNames.of(names, 12, "..").shown())
        .doesNotHaveDuplicates()
        .allMatch(name -> name.length() <= 12 && name.contains(".."));
  }

  @Test
  void shortNamesStayAndTheSameNameIsTheSame() {
    ShownNames shown = ShownNames.of(List.of("b0", "beta[x]", "b0"), 8, "\u2026");
    assertThat(shown.shown()).containsExactly("b0", "beta[x]", "b0");
    assertThat(shown.legend(80)).isEmpty();
  }

  @Test
  void charactersThatMoveTheCursorAreShown() {
    assertThat(ShownNames.of(List.of("a\u001b[31mb", "c\u202ed"), 20, "\u2026").shown())
        .containsExactly("a\\x1b[31mb", "c\\u202ed");
  }
}
