package org.sparkcurvature.job.page;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class ReportPageTest {
  /** Anything that makes a browser fetch something, or run something. */
  private static final Pattern FETCHES =
      Pattern.compile(
          "(?i)\\b(src|srcset|action|data|poster|xlink:href)=|url\\(|@import|\\bon\\w+=");

  private static final Pattern LINK = Pattern.compile("href=\"([^\"]*)\"");

  @Test
  void namesAreTextAndNothingIsFetched() {
    List<String> names = new ArrayList<>(Pages.HOSTILE);
    names.addAll(Pages.names(3));
    String page = Pages.estimates(names);

    String markup = tags(page);
    assertThat(FETCHES.matcher(markup).results().toList()).isEmpty();
    Matcher links = LINK.matcher(markup);
    while (links.find()) {
      assertThat(links.group(1)).startsWith("#");
      assertThat(page).contains("id=\"" + links.group(1).substring(1) + "\"");
    }
    assertThat(markup).doesNotContain("style=").doesNotContain("<img").doesNotContain("<link");
    assertThat(Pattern.compile("<script").matcher(markup).results().count()).isEqualTo(1);
    assertThat(page.chars().filter(c -> c < 32 && c != '\n')).isEmpty();
    assertThat(page.chars().filter(c -> c >= 0x202a && c <= 0x202e)).isEmpty();
    assertThat(page).contains("&lt;script&gt;window.owned = 1&lt;/script&gt;");
  }

  /** The page without its texts: tags with their attributes. */
  private static String tags(String page) {
    StringBuilder tags = new StringBuilder();
    Matcher tag = Pattern.compile("<[a-z/!][^<>]*>").matcher(page);
    while (tag.find()) {
      tags.append(tag.group()).append('\n');
    }
    return tags.toString().replaceAll("(title|content|aria-label|data-v)=\"[^\"]*\"", "$1");
  }

  @Test
  void manyParametersFitOnOnePage() {
    long begin = System.nanoTime();
    String page = Pages.estimates(Pages.names(3000));
    double seconds = (System.nanoTime() - begin) / 1e9;

    assertThat(page.getBytes(StandardCharsets.UTF_8).length).isLessThan(500_000);
    assertThat(page).contains("200 of 3,000").contains("shown are 40 of 3,000");
    // No timed test: a bound that only a method of another order would miss.
    assertThat(seconds).isLessThan(30);
  }

  @Test
  void whatTheRunWasIsThere() {
    String page = Pages.estimates(Pages.names(3));

    assertThat(page)
        .contains("1,000 read, 990 used, 10 rejected")
        .contains("2026-01-02T03:04:05+01:00")
        .contains("deploy/spark-curvature estimate --config out/result/config.conf")
        .contains("estimates/")
        .contains(">110<") // bytes of both files of a table
        .contains("Warning: beta[column_0] is odd.")
        .contains("4.3 s in all");
    int last = 0;
    for (String section :
        List.of("verdict", "asked", "result", "pictures", "data", "time", "repeat")) {
      int at = page.indexOf("<section id=\"" + section + "\"");
      assertThat(at).as(section).isGreaterThan(last);
      last = at;
    }
  }

  @Test
  void pathsDoNotTellWhoseTheyAre() {
    LocalPaths paths = LocalPaths.from("/somewhere/of/mine/result");
    String home = System.getProperty("user.home");
    String here = System.getProperty("user.dir");

    assertThat(paths.shown("file:" + here + "/data/x.csv")).isEqualTo("data/x.csv");
    assertThat(paths.shown("/somewhere/of/mine/data.csv")).isEqualTo("../data.csv");
    assertThat(paths.shown(home + "/secret/x.csv")).doesNotContain(home);
    assertThat(paths.within("path=\"" + home + "/y\"")).isEqualTo("path=\"~/y\"");
    assertThat(paths.shown("s3a://bucket/x")).isEqualTo("s3a://bucket/x");
  }
}
