package org.sparkcurvature.job.formula;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.sparkcurvature.job.language.LanguageException;

/** Formulas as R and patsy read them. */
class FormulaParserTest {

  /** Terms as labels, 1 for the intercept. */
  private static String terms(String text) {
    Predictor predictor = ModelFormula.parse("model.formula", "y ~ " + text).predictor();
    String terms =
        predictor.terms().stream().map(Predictor.Term::label).collect(Collectors.joining(" + "));
    return (predictor.intercept() ? "1" : "0") + (terms.isEmpty() ? "" : " + " + terms);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "a + b | 1 + a + b",
        "1 | 1",
        "0 + a | 0 + a",
        "a - 1 | 0 + a",
        "-1 + a | 0 + a",
        "a + 0 + 1 | 1 + a",
        "a * b | 1 + a + b + a:b",
        "a * b * c | 1 + a + b + c + a:b + a:c + b:c + a:b:c",
        "a : b + a | 1 + a + a:b",
        "(a + b)^2 | 1 + a + b + a:b",
        "(a + b + c)^2 | 1 + a + b + c + a:b + a:c + b:c",
        "(a + b):c | 1 + a:c + b:c",
        "(a + b) * c - a:c | 1 + a + b + c + b:c",
        "a + a + b:a + a:b | 1 + a + b:a",
        "a:a | 1 + a",
        "ln(1 + income) + `ph.ecog` | 1 + ln(1 + income) + ph.ecog",
        "x / 10 + y::double | 1 + x / 10 + y::double",
        "CASE WHEN a > 1 + 2 THEN a - 1 ELSE 0 END + b | 1 + CASE WHEN a > 1 + 2 THEN a - 1 ELSE 0 END + b",
        "I(pow(a, 2)) + I((a + b) / 2) | 1 + I(pow(a, 2)) + I((a + b) / 2)",
        "C(site, ref => 'b') + C(floor(age / 10)):x | 1 + C(site) + C(floor(age / 10)):x",
      })
  void expandsAsInR(String written, String expected) {
    assertThat(terms(written)).isEqualTo(expected);
  }

  @Test
  void categoriesCarryTheirOptions() {
    Factor factor =
        ModelFormula.parse(
                "model.formula",
                "y ~ C(g, levels => array('a', 'it''s', '3'), ref => 'it''s', coding => 'sum')")
            .predictor()
            .terms()
            .get(0)
            .factors()
            .get(0);
    assertThat(factor.label()).isEqualTo("C(g)");
    assertThat(factor.categories().orElseThrow())
        .isEqualTo(
            new Factor.Categories(
                Optional.of("it's"), List.of("a", "it's", "3"), Factor.Coding.SUM));
  }

  @Test
  void responsesAndOffsets() {
    assertThat(ModelFormula.parse("f", "cbind(a, b - a) ~ 1").response())
        .isEqualTo(new Response.Counts("a", "b - a"));
    assertThat(ModelFormula.parse("f", "surv(time, event) ~ 1").response())
        .isEqualTo(new Response.RightCensored("time", "event"));
    assertThat(ModelFormula.parse("f", "surv(l, u, 'interval') ~ 1").response())
        .isEqualTo(new Response.IntervalCensored("l", "u"));
    assertThat(ModelFormula.parse("f", "ln(cost + 1) ~ x").response())
        .isEqualTo(new Response.Single("ln(cost + 1)"));
    assertThat(
            ModelFormula.parse("f", "y ~ x + offset(ln(days)) + offset(z)").predictor().offsets())
        .containsExactly("ln(days)", "z");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "y | there is no ~",
        "~ x | there is no response",
        "y ~ x + | a term is missing",
        "y ~ x + + z | a term is missing before +",
        "y ~ x ~ z | a second ~",
        "y ~ (x + z | a ( without its )",
        "y ~ x + z) | a ) without its (",
        "y ~ x * 2 | a number is no term",
        "y ~ x * 1e-3 | a number is no term",
        "y ~ x:1 | can be added, not multiplied",
        "y ~ x^k | ^ takes a whole number",
        "y ~ I(x^2) | ^ within an expression is no power",
        "y ~ ln(1 + x^2) | ^ within an expression is no power",
        "y ~ x + offset(z^2) | ^ within an expression is no power",
        "y^2 ~ x | ^ within an expression is no power",
        "y ~ . | there is no .",
        "y ~ (a + b) / 2 | parentheses group terms here",
        "y ~ C(g, reference => 'a') | C takes ref, levels and coding",
        "y ~ C(g, levels => array('a')) | at least two",
        "y ~ C(g, levels => array('a', 'b'), ref => 'c') | not among the levels",
        "y ~ f(x | is not closed",
        "y ~ 'x | a quote is not closed",
        "surv(a) ~ x | surv takes",
        "cbind(a) ~ x | cbind takes two",
        "y ~ x - offset(z) | an offset is taken away",
      })
  void refusesWithThePlace(String written, String message) {
    assertThatThrownBy(() -> ModelFormula.parse("model.formula", written))
        .isInstanceOf(LanguageException.class)
        .hasMessageContaining(message)
        .hasMessageContaining("^");
  }
}
