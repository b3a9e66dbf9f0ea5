package org.sparkcurvature.job.language;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.sparkcurvature.graph.Model;
import org.sparkcurvature.graph.Shape;
import org.sparkcurvature.rewrite.Rewriter;

/** A row for each pattern: what is written, and what is computed. */
class RewritingTest {
  private static final Map<String, Shape> INPUTS = new LinkedHashMap<>();
  private static final Map<String, Shape> PARAMETERS = new LinkedHashMap<>();

  static {
    INPUTS.put("x", Shape.SCALAR);
    INPUTS.put("y", Shape.SCALAR);
    INPUTS.put("v", Shape.of(3));
    PARAMETERS.put("a", Shape.SCALAR);
    PARAMETERS.put("b", Shape.SCALAR);
    PARAMETERS.put("c", Shape.of(3));
    PARAMETERS.put("d", Shape.of(2));
  }

  private static Model model(Map<String, String> definitions, String loss) {
    return LossModel.parse(
            INPUTS.keySet(), PARAMETERS.keySet(), definitions, loss, Optional.empty())
        .compile(INPUTS, PARAMETERS)
        .loss();
  }

  private static String computed(String loss) {
    return Rewriter.rewrite(model(Map.of(), loss), Set.of()).model().loss().toString();
  }

  // spotless:off
  private static final List<String> ROWS = List.of(
      // Squares of what has a kink.
      "square(abs(a))                               | square(a)",
      "square(norm2(c))                             | sum(square(c))",
      "square(norm2(c) / a)                         | (sum(square(c)) / square(a))",
      "pow(norm2(c), 2)                             | sum(square(c))",
      "norm2(c) * norm2(c)                          | sum(square(c))",
      "a * norm2(c) * norm2(c)                      | (a * sum(square(c)))",
      "sqrt(1 + square(norm2(c)))                   | sqrt((1 + sum(square(c))))",
      "sqrt(square(a))                              | abs(a)",
      "square(sqrt(square(a)))                      | square(a)",
      "sqrt(sum(square(c)))                         | norm2(c)",
      "sqrt(dot(c, c))                              | norm2(c)",
      "sqrt(mean(square(c)))                        | (0.5773502691896257 * norm2(c))",
      "sqrt(square(a) + 4 * square(b))              | norm2(concat(a, (2 * b)))",
      "sqrt(a)                                      | sqrt(a)",
      "square(sqrt(a))                              | square(sqrt(a))",
      "square(acos(a))                              | acos_square(a)",
      "acosh(a + b)                                 | acosh_sum(a, b)",
      "atanh(a - b)                                 | atanh_sum(a, -b)",
      "acosh(a)                                     | acosh(a)",
      // Exponentials and logarithms by hand.
      "ln(1 + a)                                    | log1p(a)",
      "ln(1 + exp(a))                               | softplus(a)",
      "ln(exp(a) + 1)                               | softplus(a)",
      "log1p(exp(a))                                | softplus(a)",
      "ln(1 - exp(a))                               | log_diff_exp(0, a)",
      "log1p(-exp(a))                               | log_diff_exp(0, a)",
      "exp(a) - 1                                   | expm1(a)",
      "1 - exp(a)                                   | -expm1(a)",
      "ln(exp(a) - 1)                               | log_diff_exp(a, 0)",
      "ln(exp(a) + exp(b))                          | logaddexp(a, b)",
      "ln(exp(a) - exp(b))                          | log_diff_exp(a, b)",
      "ln(exp(a))                                   | a",
      "1 / (1 + exp(-a))                            | sigmoid(a)",
      "exp(a) / (1 + exp(a))                        | sigmoid(a)",
      "ln(1 / (1 + exp(a)))                         | log_sigmoid(-a)",
      "1 - sigmoid(a)                               | sigmoid(-a)",
      "ln(1 - sigmoid(a))                           | log_sigmoid(-a)",
      "sigmoid(a) + sigmoid(-a)                     | 1",
      "a - a                                        | 0",
      // Logarithms of probabilities.
      "ln(sigmoid(a))                               | log_sigmoid(a)",
      "ln(normal_cdf(a))                            | normal_log_cdf(a)",
      "ln(1 - normal_cdf(a))                        | normal_log_cdf(-a)",
      "log1p(-normal_cdf(a))                        | normal_log_cdf(-a)",
      "ln(erfc(a))                                  | log_erfc(a)",
      "ln(1 - erf(a))                               | log_erfc(a)",
      "ln(0.5 * erfc(a))                            | normal_log_cdf((-1.4142135623730951 * a))",
      "ln(0.5 * (1 + erf(a)))                       | normal_log_cdf((-1.4142135623730951 * -a))",
      "ln(2 * erfc(a))                              | (log_erfc(a) + 0.6931471805599453)",
      "ln(normal_cdf((x - a) / b) - normal_cdf((y - a) / b)) | normal_log_interval(((y - a) / b), ((x - a) / b), ((x - y) / b))",
      "ln(sigmoid(x - a) - sigmoid(y - a))          | ((log_sigmoid((x - a)) + log_sigmoid((a - y))) + log_diff_exp(0, (y - x)))",
      "log_diff_exp(normal_log_cdf(a), normal_log_cdf(b)) | normal_log_interval(b, a, (a - b))",
      "log_diff_exp(log1mexp(a), log1mexp(b))       | log_diff_exp(-abs(b), -abs(a))",
      // Gamma functions.
      "lgamma(y + a) - lgamma(a)                    | log_rising(a, y)",
      "lgamma(a) - b - lgamma(a + y)                | (-b - log_rising(a, y))",
      "lgamma((a + 1) / 2) - lgamma(a / 2)          | log_rising((a / 2), 0.5)",
      "lgamma(a) + lgamma(b) - lgamma(a + b)        | lbeta(a, b)",
      "lgamma(y + a) - lgamma(a) - y * ln(b)        | (log_rising(a, y) - (y * log(b)))",
      "lgamma(y + 1 / a) - lgamma(1 / a) - (y + 1 / a) * log1p(a * exp(b)) + y * ln(a * exp(b)) | -negative_binomial(b, y, a)",
      "lgamma(y + exp(a)) - lgamma(exp(a)) + exp(a) * log_sigmoid(a - b) + y * log_sigmoid(b - a) | -negative_binomial(b, y, exp(-a))",
      // Quotients.
      "sin(a) / a                                   | sinc(a)",
      "log1p(a * x) / a                             | log1p_ratio(x, a)",
      "(1 + 1 / a) * log1p(a * x)                   | (log1p((a * x)) + log1p_ratio(x, a))",
      "a * log1p(x / a)                             | log1p_ratio(x, (1 / a))",
      "(pow(x, a) - 1) / a                          | box_cox(x, a)",
      "expm1(a * ln(x)) / a                         | expm1_ratio(log(x), a)",
      "pow(1 + a * x, -1 / a)                       | exp(-log1p_ratio(x, a))",
      "pow(x * exp(-a), b)                          | pow_exp(x, -a, b)",
      "pow(x / exp(a), b)                           | pow_exp(x, -a, b)",
      "IF(a = 0, 0, a * ln(x))                      | xlogy(a, x)",
      "IF(a = 0, 0, a * ln(a))                      | where((a = 0), 0, (a * log(a)))",
      "logsumexp(concat(a, b))                      | logaddexp(a, b)",
      "ln(exp(a) + exp(b)) - b                      | softplus((a - b))",
      "logaddexp(a, b) - a                          | softplus((b - a))",
      "cross_entropy(concat(a, b), 1)               | softplus((a - b))",
      "cross_entropy(d, 0)                          | softplus((d[1] - d[0]))",
      "cross_entropy(concat(0, b), y)               | binary_cross_entropy((b - 0), y)",
      "-log_softmax(concat(a, b))[0]                | softplus((b - a))",
      "sum(ln(cumsum(exp(c))))                      | sum(logcumsumexp(c))",
      "logsumexp(d) - d[y]                          | binary_cross_entropy((d[1] - d[0]), y)",
      "ln(sum(exp(c)))                              | logsumexp(c)",
      "lgamma(a + b) - lgamma(a)                    | log_rising(a, b)",
      "log_rising(a * b, 2) - 2 * ln(a)             | (rising_excess((1 / (a * b)), 2) + (2 * log(b)))",
      "lgamma(a * x)                                | lgamma_product(a, x)",
      "lgamma(a * x + y) - lgamma(a * x)            | log_rising((a * x), y)",
      "lgamma(a * b)                                | lgamma((a * b))",
      "-(-a)                                        | a",
      "-log_softmax(c)[y]                           | -log_softmax(c)[y]",
      "cross_entropy(c, y)                          | -log_softmax(c)[y]",
      "logsumexp(c) - c[y]                          | -log_softmax(c)[y]",
      "b - c[1] + logsumexp(c)                      | (b - log_softmax(c)[1])",
      "sum(v * (c - logsumexp(c)))                  | sum((v * log_softmax(c)))",
      "logsumexp(concat(a, b, x)) - b               | -log_softmax(concat(a, b, x))[1]",
      "-ln(softmax(c)[y])                           | -log_softmax(c)[y]",
      "log_softmax(concat(a, b))[y]                 | -binary_cross_entropy((b - a), y)",
      // Nothing to mend.
      "square(y - a * x)                            | square((y - (a * x)))",
      "exp(a * x) - y * (a * x)                     | (exp((a * x)) - (y * (a * x)))",
      "lgamma(y + 1)                                | lgamma((y + 1))",
      "ln(2 + exp(a))                               | log((2 + exp(a)))");
  // spotless:on

  static Stream<Arguments> rows() {
    return ROWS.stream()
        .map(row -> row.split("\\|"))
        .map(row -> Arguments.of(row[0].strip(), row[1].strip()));
  }

  @ParameterizedTest
  @MethodSource("rows")
  void isComputedAs(String written, String computed) {
    assertThat(computed(written)).isEqualTo(computed);
  }

  /** A pattern that no row shows is missing here. */
  @Test
  void everyPatternHasARow() {
    Set<String> missing = new TreeSet<>(Rewriter.patterns());
    rows()
        .flatMap(
            row ->
                Rewriter.rewrite(model(Map.of(), (String) row.get()[0]), Set.of())
                    .applied()
                    .stream())
        .forEach(applied -> missing.removeAll(applied.patterns()));
    assertThat(missing).isEmpty();
  }

  @Test
  void logSumExpAndItsRelativesByHand() {
    for (String byHand : List.of("ln(sum(exp(c)))", "ln(exp(c[0]) + exp(c[1]))")) {
      assertThat(computed(byHand)).isNotEqualTo(model(Map.of(), byHand).loss().toString());
    }
    assertThat(computed("ln(sum(exp(c)))"))
        .isEqualTo(model(Map.of(), "logsumexp(c)").loss().toString());
    assertThat(computed("sum(ln(softmax(c)))"))
        .isEqualTo(model(Map.of(), "sum(log_softmax(c))").loss().toString());
    assertThat(computed("cross_entropy(d, y)")).isEqualTo("binary_cross_entropy((d[1] - d[0]), y)");
  }

  @Test
  void scalarsInVectorsAreLookedThrough() {
    assertThat(computed("sum(lgamma(v + a) - lgamma(a))")).isEqualTo("sum(log_rising(a, v))");
  }

  /** A definition by which the loss is differentiated is what the loss goes on using. */
  @Test
  void definitionsThatAreDifferentiatedByAreKept() {
    Model model = model(Map.of("p", "sigmoid(a)"), "-ln(p)");
    assertThat(Rewriter.rewrite(model, Set.of()).model().loss()).hasToString("-log_sigmoid(a)");
    Rewriter.Result kept = Rewriter.rewrite(model, Set.of("p"));
    assertThat(kept.model()).isSameAs(model);
  }

  @Test
  void definitionsAreSeenThroughAndToldOfByName() {
    Model model =
        model(
            Map.of("r", "1 / a", "upper", "lgamma(y + r)", "lower", "lgamma(r)"), "upper - lower");
    Rewriter.Result result = Rewriter.rewrite(model, Set.of());
    assertThat(result.applied())
        .extracting(Object::toString)
        .containsExactly("(upper - lower) -> log_rising(r, y)");
    assertThat(result.model().definitions()).containsOnlyKeys("r", "upper", "lower");
  }

  @Test
  void modelsWithoutAnythingToMendAreLeftAsTheyAre() {
    Model model = model(Map.of(), "softplus(a * x) - y * a * x");
    assertThat(Rewriter.rewrite(model, Set.of()).model()).isSameAs(model);
  }

  /** The pass looks at each node a bounded number of times. */
  @Test
  void longSumsAreRewrittenInLinearTime() {
    StringBuilder loss = new StringBuilder("a");
    for (int k = 0; k < 300; k++) {
      loss.append(" + lgamma(y + ").append(k).append(" + a) * x");
    }
    Model model = model(Map.of(), loss.toString());
    long start = System.nanoTime();
    Rewriter.rewrite(model, Set.of());
    assertThat((System.nanoTime() - start) / 1e9).isLessThan(5);
  }
}
