package org.sparkcurvature.job.chart;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class MarkupTest {
  @Test
  void whatNamesHoldIsText() {
    Markup made =
        new Markup()
            .element("td", "</td><script>alert('a')</script>&\"", "title", "\" onload=\"x()")
            .element("td", "a\u001b[31mb\u202ec\u0000");

    assertThat(made.toString())
        .isEqualTo(
            "<td title=\"&quot; onload=&quot;x()\">"
                + "&lt;/td&gt;&lt;script&gt;alert(&#39;a&#39;)&lt;/script&gt;&amp;&quot;</td>"
                + "<td>a\\x1b[31mb\\u202ec\\x00</td>");
  }

  @Test
  void secretsAreMasked() {
    assertThat(new Markup().element("td", "s3://me:kf83Qz@host").text("password=kf83Qz").toString())
        .doesNotContain("kf83Qz")
        .contains("(masked)");
  }

  @Test
  void halvesOfCharactersAreReplaced() {
    assertThat(new Markup().text("a\ud83db").toString()).isEqualTo("a\ufffdb");
    assertThat(new Markup().text("\ud83d\ude00").toString()).isEqualTo("\ud83d\ude00");
  }

  @Test
  void numbersHaveATenthAndMissingAttributesAreLeftOut() {
    assertThat(new Markup().empty("a", "x", 1.25, "y", -0.01, "z", null, "w", 3.0).toString())
        .isEqualTo("<a x=\"1.3\" y=\"0\" w=\"3\"/>");
  }
}
