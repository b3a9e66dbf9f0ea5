package org.sparkcurvature.job.language;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.apache.spark.sql.catalyst.parser.CatalystSqlParser$;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Where operands and operators do not follow each other. */
class SequenceTest {
  private static final List<String> TOKENS =
      List.of(
          "x", "y", "2", "1.5e3", ".5", "exp", "+", "-", "*", "/", "=", "<", ">=", "<>", "!=",
          "<=>", "(", "(", ")", ")", "[", "]", ",", "and", "or", "not", "!", "~", "%", "^", "&",
          "|", "==");

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "a - * b; 4; '*' has no operand before it",
        "* b; 0; '*' has no operand before it",
        "a ** 2; 2; ** is no operator of SQL",
        "(a +) * b; 3; '+' has no operand behind it",
        "exp(a,); 6; an operand is missing before ')'",
        "a + (); 5; an operand is missing before ')'",
        "a + b +; 7; the expression ends too early",
        "a b; 2; there is nothing between b and",
        "2 (a); 2; there is nothing between ( and",
        "exp(a 2); 6; there is nothing between 2 and",
        "a, b; 1; ',' stands outside",
        "A[0, 1]; 3; ',' stands within",
        "A[]; 2; '[]' names no element",
        "a and or b; 6; 'or' has no operand before it",
        "a + [b]; 4; an array is no operand",
      })
  void isTold(String text, int at, String what) {
    Fault fault = Sequence.fault(new Formula("model.loss", text)).orElseThrow();
    assertThat(fault.span().start()).isEqualTo(at);
    assertThat(fault.what()).startsWith(what);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "-a * +b",
        "not a = b and !(a > 2.) or .5 < b",
        "A[0][1] - f(a, g(), -1e-5)",
        "sum(z, axis => 0)",
        "a IS NOT NULL",
        "a DIV b",
        "a AS b",
        "CASE WHEN a THEN b END",
        "a NOT IN (1, 2)",
        "a.b c",
        "'text' 'text'",
        "2x y",
        "",
      })
  void isNotTold(String text) {
    assertThat(Sequence.fault(new Formula("model.loss", text))).isEmpty();
  }

  /** What is told here the parser does not read, or reads as what has no place in a loss. */
  @Test
  void whatIsToldIsWrong() {
    Random random = new Random(11);
    Dictionary dictionary = new Dictionary(Set.of("x", "y"), Set.of(), Set.of());
    int told = 0;
    int right = 0;
    for (int k = 0; k < 20000; k++) {
      StringBuilder text = new StringBuilder();
      for (int length = 1 + random.nextInt(8); length > 0; length--) {
        text.append(TOKENS.get(random.nextInt(TOKENS.size()))).append(' ');
      }
      Formula formula = new Formula("model.loss", text.toString());
      if (Surface.fault(formula).isPresent()) {
        continue;
      }
      boolean isTold = Sequence.fault(formula).isPresent();
      if (isTold) {
        told++;
        assertThat(isReadable(formula, dictionary)).as(text.toString()).isFalse();
      } else {
        right++;
      }
    }
    assertThat(told).isGreaterThan(5000);
    assertThat(right).isGreaterThan(300);
  }

  private static boolean isReadable(Formula formula, Dictionary dictionary) {
    try {
      CatalystSqlParser$.MODULE$.parseExpression(formula.text());
    } catch (Exception e) {
      return false;
    }
    List<Fault> faults = new ArrayList<>();
    TermParser.parse(formula, dictionary, faults);
    return faults.isEmpty();
  }
}
