package org.sparkcurvature.job.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.sparkcurvature.job.config.ModelConfig;

class PageTest {
  private static List<String> footer(Map<String, Double> seconds) {
    Page page = new Page(Style.PLAIN);
    page.footer("out", seconds, 1234.5);
    return page.text().lines().toList();
  }

  @Test
  void stagesTakeAsManyLinesAsTheyNeed() {
    Map<String, Double> seconds = new LinkedHashMap<>();
    for (int k = 0; k < 9; k++) {
      seconds.put("stage_number_" + k, 100.0 + k);
    }
    assertThat(footer(seconds))
        .containsExactly(
            "",
            "written to out",
            "1234.5 s: stage number 0 100.0 s, stage number 1 101.0 s, stage number 2 102.0 s,",
            "  stage number 3 103.0 s, stage number 4 104.0 s, stage number 5 105.0 s,"
                + " stage number 6 106.0 s,",
            "  stage number 7 107.0 s, stage number 8 108.0 s");
  }

  @Test
  void shortStagesAreLeftOut() {
    assertThat(footer(Map.of("session", 2.0, "read", 0.04)).get(2))
        .isEqualTo("1234.5 s: session 2.0 s");
  }

  @Test
  void manyDefinitionsAreCounted() {
    Map<String, String> definitions = new LinkedHashMap<>();
    for (int k = 0; k < 1000; k++) {
      definitions.put("h" + k, "x[" + k + "]");
    }
    Page page = new Page(Style.PLAIN);
    page.model(new ModelConfig(Map.of(), definitions, "h999", Optional.empty(), false));
    assertThat(page.text().lines())
        .hasSize(14)
        .contains("             h11 = x[11]")
        .last()
        .isEqualTo("             and 988 more definitions, in config.conf");
  }
}
