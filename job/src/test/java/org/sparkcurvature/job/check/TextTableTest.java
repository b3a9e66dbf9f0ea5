package org.sparkcurvature.job.check;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class TextTableTest {

  @Test
  void aLongLastCellTakesSeveralLines() {
    TextTable table = new TextTable(List.of("node", "is"), List.of(0), 100);
    table.add("#1", "short");
    table.add("#20", "ln(1 + exp(x)) + ".repeat(20) + "1");
    table.add("#3", "x".repeat(200));
    List<String> lines = table.lines();
    assertThat(lines.get(1)).isEqualTo("    #1  short");
    assertThat(lines.subList(2, lines.size() - 1))
        .hasSizeGreaterThan(3)
        .allSatisfy(line -> assertThat(line).hasSizeLessThanOrEqualTo(100));
    assertThat(String.join(" ", lines.subList(2, lines.size() - 1)).replaceAll("\\s+", " "))
        .isEqualTo(" #20 " + "ln(1 + exp(x)) + ".repeat(20) + "1");
    assertThat(lines.get(lines.size() - 1)).endsWith("x".repeat(200));
  }
}
