package org.sparkcurvature.job.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class TableTest {
  private final Table table =
      new Table(
          List.of("a", "bb", "c"),
          List.of(
              new Table.Row("first", List.of("1", "22", "333")),
              new Table.Row("x", List.of("4", "5", "-6"))));

  @Test
  void columnsLineUp() {
    assertThat(table.lines(40))
        .containsExactly(
            "         a  bb    c", //
            "  first  1  22  333",
            "  x      4   5   -6");
  }

  @Test
  void columnsThatDoNotFitContinueBelow() {
    assertThat(table.lines(15))
        .containsExactly(
            "         a  bb", //
            "  first  1  22",
            "  x      4   5",
            "           c",
            "  first  333",
            "  x       -6");
  }

  @Test
  void aColumnWiderThanTheWidthStandsAlone() {
    assertThat(table.lines(5)).hasSize(9).allMatch(line -> line.length() <= 12);
  }
}
