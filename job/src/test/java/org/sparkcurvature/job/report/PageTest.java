package org.sparkcurvature.job.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.sparkcurvature.job.result.RunSummary;

class PageTest {

  @Test
  void whatIsLongTakesSeveralLines() {
    Page page = new Page(View.PLAIN.wide(60));
    page.title("fit", "word ".repeat(20).strip());
    page.field("value", "digit ".repeat(20).strip());
    page.field("a name that is long", "one two");
    assertThat(page.text().lines()).hasSize(6).allMatch(line -> line.length() <= 60);
    assertThat(page.text())
        .startsWith("fit  word word")
        .contains("\n  value      digit digit")
        .contains("\n             digit")
        .contains("\n  a name that is long  one two\n");
  }

  @Test
  void rowsAreToldOfWhereSomeAreLeftOut() {
    assertThat(rows(RunSummary.Rows.valid(100, 100), 100)).isEqualTo("\n");
    assertThat(rows(RunSummary.Rows.valid(100, 90), 95.5))
        .isEqualTo("  rows       100 read, 90 used\n  weights    add up to 95.5\n");
    assertThat(rows(new RunSummary.Rows(100, 90, 10, Map.of()), 90))
        .isEqualTo("  rows       100 read, 90 used, 10 invalid and left out\n");
  }

  private static String rows(RunSummary.Rows rows, double weight) {
    Page page = new Page(View.PLAIN);
    page.rows(rows, weight);
    return page.text();
  }

  @Test
  void headingsAreSetOffOnATerminal() {
    Page page = new Page(new View(80, Style.TERMINAL, "..", Set.of()));
    page.title("fit", "done");
    page.heading("tests");
    assertThat(page.text()).isEqualTo("\u001b[1mfit  done\u001b[0m\n  \u001b[1mtests\u001b[0m\n");
  }

  @Test
  void oneIsSingular() {
    assertThat(Page.counted(1, "estimate")).isEqualTo("1 estimate");
    assertThat(Page.counted(0, "estimate")).isEqualTo("0 estimates");
    assertThat(Page.counted(20_190, "row")).isEqualTo("20,190 rows");
    assertThat(Page.groups(Map.of("id", 1L))).isEqualTo("1 group of id");
  }
}
