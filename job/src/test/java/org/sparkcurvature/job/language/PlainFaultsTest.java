package org.sparkcurvature.job.language;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is told without Spark's parser is what is told with it. */
class PlainFaultsTest {
  private static final Dictionary DICTIONARY =
      new Dictionary(Set.of("x", "y"), Set.of("b0", "beta"), Set.of("eta"));

  private static final List<String> NAMES =
      List.of("x", "y", "b0", "eta", "etta", "z", "Beta", "_1");

  private static final List<String> FUNCTIONS = List.of("exp", "Lgamma", "sqare", "f");

  private static Optional<List<Fault>> plain(String text) {
    return PlainFaults.of(new Formula("model.loss", text), DICTIONARY);
  }

  private static List<Fault> parsed(String text) {
    List<Fault> faults = new ArrayList<>();
    TermParser.parse(new Formula("model.loss", text), DICTIONARY, faults);
    return faults;
  }

  /** An expression that is well formed, of names and functions some of which there are not. */
  private static String expression(Random random, int depth) {
    int kind = depth == 0 ? random.nextInt(2) : random.nextInt(10);
    return switch (kind) {
      case 0 -> NAMES.get(random.nextInt(NAMES.size()));
      case 1 -> String.valueOf(random.nextInt(30) / 4.0);
      case 2 -> "(" + expression(random, depth - 1) + ")";
      case 3 -> expression(random, depth - 1) + " + " + expression(random, depth - 1);
      case 4 -> "-" + expression(random, 0) + "/" + expression(random, depth - 1);
      case 5 ->
          "CASE WHEN %s>=%s THEN %s else %s END"
              .formatted(
                  expression(random, 0),
                  expression(random, depth - 1),
                  expression(random, depth - 1),
                  expression(random, 0));
      case 6 ->
          "IF(%s = 1 and not %s < 2, %s, %s)"
              .formatted(
                  expression(random, 0),
                  expression(random, 0),
                  expression(random, depth - 1),
                  expression(random, depth - 1));
      case 7 ->
          expression(random, 0)
              + " "
              + "^%|&".charAt(random.nextInt(4))
              + " "
              + expression(random, 0);
      case 8 -> NAMES.get(random.nextInt(4)) + "[" + random.nextInt(3) + "]";
      default ->
          FUNCTIONS.get(random.nextInt(FUNCTIONS.size()))
              + " ("
              + expression(random, depth - 1)
              + ")";
    };
  }

  @Test
  void namesAndFunctionsAreToldAsTheParserTellsThem() {
    Random random = new Random(7);
    int wrong = 0;
    for (int k = 0; k < 2000; k++) {
      String text = expression(random, 4);
      Optional<List<Fault>> found = plain(text);
      assertThat(found).as(text).isPresent();
      if (!found.get().isEmpty()) {
        wrong++;
        assertThat(parsed(text)).as(text).isEqualTo(found.get());
      }
    }
    assertThat(wrong).isGreaterThan(1000);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "squared(y) + sqare(x)",
        "multiply(x, y)",
        "beta(x)",
        "E() + EXPP(x)",
        "loss + pi + exp",
        "sum(z, axis => 0)",
        "x BETWEEN low AND y",
        "x IN (1, none)",
        "(x + y",
        "x + y]",
        "x -- y",
        "q * 2\n  + zz",
        "x - * y",
        "x **2",
        "exp(x y)",
        "x +",
        "x, y",
        "(/ x)",
        "beta[]",
        "x ^ 2 + q",
        "~x",
      })
  void soAreOthers(String text) {
    assertThat(plain(text)).contains(parsed(text));
  }

  /** What SQL has a meaning for is the parser's to judge. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "x IS NULL",
        "CAST(x AS double)",
        "null + x",
        "x LIKE y",
        "date '2020-01-01'",
        "`a b` + x",
        "a.b",
        "ä + 1",
        "x::int",
        "first(x)",
        "interval 3 days",
        "current_date",
        "x AS z",
        "x DIV y",
        "x RLIKE y",
        "z || x",
        "sum(x) OVER (PARTITION BY y)",
        "transform(x, v -> v + 1)",
      })
  void whatOnlyTheParserCanTell(String text) {
    assertThat(plain(text)).isEmpty();
    assertThat(parsed(text)).isNotEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"square(y - eta)", "IF(x > 0, b0, -pi())", "dot(x, beta)[0] * 1e-5", "e()"})
  void nothingIsWrong(String text) {
    assertThat(plain(text)).contains(List.of());
  }
}
