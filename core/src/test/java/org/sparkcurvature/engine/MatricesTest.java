package org.sparkcurvature.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.sparkcurvature.diff.Differentiator;
import org.sparkcurvature.graph.Model;
import org.sparkcurvature.graph.Node;
import org.sparkcurvature.ops.FunctionRegistry;

/**
 * Functions of small matrices: numbers in many digits where matrices are badly conditioned or
 * scaled, and what is said of those that have no result.
 */
class MatricesTest {
  private static final double EPSILON = 0x1p-52;

  /** Value, gradient and Hessian of a sum of a function's results. */
  private record Results(double[] values, double[] gradient, double[] hessian) {}

  /** One line of matrices.csv. */
  private record Line(String function, int n, double condition, double[] numbers) {
    double[] arguments() {
      return Arrays.copyOf(numbers, n * n + (function.equals("solve") ? n : 0));
    }

    @Override
    public String toString() {
      return function + " of order " + n + ", condition " + condition;
    }
  }

  static Stream<Line> lines() throws IOException {
    try (InputStream stream = FunctionRegistry.class.getResourceAsStream("matrices.csv")) {
      return new String(stream.readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .map(line -> line.split(","))
          .map(
              cells ->
                  new Line(
                      cells[0],
                      Integer.parseInt(cells[1]),
                      Double.parseDouble(cells[2]),
                      Arrays.stream(cells, 3, cells.length)
                          .mapToDouble(Double::parseDouble)
                          .toArray()));
    }
  }

  private static Results evaluate(
      String function, int n, double[] arguments, Differentiator.Mode mode) {
    Expressions e = new Expressions();
    Node a = e.input("A", n, n);
    boolean solve = function.equals("solve");
    Node f = e.define("f", solve ? e.call(function, a, e.input("b", n)) : e.call(function, a));
    Node flat = e.call("reshape", f, e.constant(f.shape().size()));
    Node loss = e.constant(0);
    for (int k = 0; k < f.shape().size(); k++) {
      Node share = e.call("divide", e.call("index", flat, e.constant(k)), e.constant(k + 1));
      loss = e.call("add", loss, share);
    }
    Request request =
        Request.by(solve ? List.of("A", "b") : List.of("A"))
            .withSamples(
                Request.PerSample.NONE
                    .withValue()
                    .withGradient()
                    .withHessian(Request.SampleHessianForm.PACKED)
                    .withValuesOf("f"));
    DerivativeSpec spec = new DerivativeSpec(e.model(loss), request, Precision.DOUBLE, 1 << 20);
    try (Engine engine = spec.open(Map.of(), mode)) {
      System.arraycopy(arguments, 0, engine.input("A"), 0, n * n);
      if (solve) {
        System.arraycopy(arguments, n * n, engine.input("b"), 0, n);
      }
      engine.evaluate(1);
      int p = spec.layout().length();
      return new Results(
          Arrays.copyOf(engine.column("value_f"), f.shape().size()),
          Arrays.copyOf(engine.column("gradient"), p),
          Arrays.copyOf(engine.column("hessian"), p * (p + 1) / 2));
    }
  }

  /** Relative to the largest element; a rounding of A alone changes that by its condition. */
  @ParameterizedTest
  @MethodSource("lines")
  void agreesWithNumbersInManyDigits(Line line) {
    double[] arguments = line.arguments();
    int p = arguments.length;
    for (Differentiator.Mode mode : Differentiator.Mode.values()) {
      Results results = evaluate(line.function(), line.n(), arguments, mode);
      int at = p;
      int count = results.values().length;
      double tolerance = 16 * EPSILON * line.condition();
      assertClose(results.values(), slice(line, at, count), tolerance, line + " value");
      assertClose(results.gradient(), slice(line, at + count, p), tolerance, line + " gradient");
      int second = p * (p + 1) / 2;
      assertClose(
          results.hessian(), slice(line, at + count + p, second), tolerance, line + " hessian");
      assertThat(line.numbers()).hasSize(at + count + p + second);
    }
  }

  private static double[] slice(Line line, int from, int length) {
    return Arrays.copyOfRange(line.numbers(), from, from + length);
  }

  private static void assertClose(
      double[] actual, double[] expected, double tolerance, String what) {
    double largest = Arrays.stream(expected).map(Math::abs).max().orElseThrow();
    for (int k = 0; k < expected.length; k++) {
      assertThat(Math.abs(actual[k] - expected[k]) <= tolerance * largest)
          .as("%s, element %d: %s instead of %s", what, k, actual[k], expected[k])
          .isTrue();
    }
  }

  // spotless:off
  private static final double[] CORRELATIONS = {1, 0.5, -0.25, 0.5, 1, 0.125, -0.25, 0.125, 1};
  private static final double[] RIGHT = {1, -2, 0.5};
  // spotless:on

  /**
   * D A D for D of powers of two from about 1e-8 to 1e8: every result is that of A, scaled, to the
   * last digit, element by element.
   */
  @ParameterizedTest
  @ValueSource(strings = {"inverse", "solve"})
  void scalesCostNoDigits(String function) {
    double[] d = {0x1p-27, 1, 0x1p27};
    double[] scaled = CORRELATIONS.clone();
    for (int k = 0; k < 9; k++) {
      scaled[k] *= d[k / 3] * d[k % 3];
    }
    boolean solve = function.equals("solve");
    double[] right = RIGHT.clone();
    for (int k = 0; k < 3; k++) {
      right[k] *= d[k];
    }
    double[] plain =
        evaluate(
                function,
                3,
                solve ? join(CORRELATIONS, RIGHT) : CORRELATIONS,
                Differentiator.Mode.REVERSE)
            .values();
    double[] found =
        evaluate(function, 3, solve ? join(scaled, right) : scaled, Differentiator.Mode.REVERSE)
            .values();
    for (int k = 0; k < plain.length; k++) {
      double scale = solve ? d[k] : d[k / 3] * d[k % 3];
      assertThat(found[k] * scale).isEqualTo(plain[k]);
    }
  }

  private static double[] join(double[] a, double[] b) {
    double[] both = Arrays.copyOf(a, a.length + b.length);
    System.arraycopy(b, 0, both, a.length, b.length);
    return both;
  }

  /** The gradient and the Hessian of logdet and of a solution, scaled rows and columns back. */
  @ParameterizedTest
  @CsvSource({"1e-8", "1e-4", "1e4", "1e8"})
  void scaledCovariancesHaveAccurateDerivatives(double scale) {
    double[] d = {scale, 1, 1 / scale};
    double[] scaled = CORRELATIONS.clone();
    for (int k = 0; k < 9; k++) {
      scaled[k] *= d[k / 3] * d[k % 3];
    }
    for (Differentiator.Mode mode : Differentiator.Mode.values()) {
      Results plain = evaluate("logdet", 3, CORRELATIONS, mode);
      Results found = evaluate("logdet", 3, scaled, mode);
      assertThat(found.values()[0]).isCloseTo(plain.values()[0], within(1e-13));
      int at = 0;
      for (int i = 0; i < 9; i++) {
        double row = d[i / 3] * d[i % 3];
        assertThat(Math.abs(found.gradient()[i] * row - plain.gradient()[i])).isLessThan(1e-13);
        for (int j = i; j < 9; j++, at++) {
          double back = found.hessian()[at] * row * d[j / 3] * d[j % 3];
          assertThat(Math.abs(back - plain.hessian()[at])).isLessThan(1e-13);
        }
      }
    }
  }

  private static DerivativeSpec spec(Model model, String... wrt) {
    return new DerivativeSpec(
        model,
        Request.by(wrt).withSums(Request.Global.NONE.withValue().withGradient().withHessian()),
        Precision.DOUBLE,
        1 << 20);
  }

  /**
   * A normal likelihood, the covariance S of parameters; the steps of a sample do not factor it.
   */
  @Test
  void whatParametersAloneMakeIsFactoredOnce() {
    Expressions e = new Expressions();
    Node s = e.parameter("S", 3, 3);
    Node r = e.call("subtract", e.input("y", 3), e.parameter("mu", 3));
    Node loss =
        e.call("add", e.call("logdet", s), e.call("dot", r, e.define("z", e.call("solve", s, r))));
    List<String> steps = spec(e.model(loss), "mu", "S").cost().steps();
    assertThat(steps).noneMatch(step -> step.matches(".*<- (factors|logdet|solve -> \\[9\\]).*"));
    assertThat(steps).anyMatch(step -> step.endsWith("<- solve -> [M, 3]"));
  }

  /** solve(A, A) is the identity whatever A is. */
  @Test
  void aMatrixUsedTwiceHasNoDerivativeHere() {
    Expressions e = new Expressions();
    Node a = e.parameter("A", 2, 2);
    Node x = e.call("solve", a, a);
    Node loss = e.call("sum", e.call("multiply", e.input("c", 2, 2), x));
    DerivativeSpec spec = spec(e.model(loss), "A");
    for (Differentiator.Mode mode : Differentiator.Mode.values()) {
      try (Engine engine = spec.open(Map.of("A", new double[] {2, 1, -1, 3}), mode)) {
        System.arraycopy(new double[] {1, 2, 3, 5}, 0, engine.input("c"), 0, 4);
        engine.evaluate(1);
        Sums sums = Sums.zero(spec);
        engine.addTo(sums);
        assertThat(sums.value()).isCloseTo(6, within(1e-14));
        assertThat(Arrays.stream(sums.gradient())).allMatch(g -> Math.abs(g) < 1e-14);
        assertThat(Arrays.stream(sums.curvature(Request.Curvature.HESSIAN)))
            .allMatch(h -> Math.abs(h) < 1e-14);
      }
    }
  }

  private static NonFiniteException fault(BiFunction<Expressions, Node, Node> f, double[] second) {
    Expressions e = new Expressions();
    Node a = e.call("multiply", e.parameter("scale"), e.input("A", 2, 2));
    DerivativeSpec spec = spec(e.model(f.apply(e, e.define("S", a))), "scale");
    try (Engine engine = spec.open(Map.of("scale", new double[] {1}))) {
      for (int row = 0; row < 3; row++) {
        double[] matrix = row == 1 ? second : new double[] {2, 1, 1, 2};
        System.arraycopy(matrix, 0, engine.input("A"), 4 * row, 4);
      }
      return catchThrowableOfType(NonFiniteException.class, () -> engine.evaluate(3));
    }
  }

  // spotless:off
  @ParameterizedTest
  @CsvSource({
      "logdet,   logdet(S),   1, 2, 2, 1",
      "logdet,   logdet(S),   1, 0, 0.5, 1",
      "logdet,   logdet(S),   0.1, 0.3, 0.3, 0.9",
      "logdet,   logdet(S),   0, 0, 0, 0",
      "cholesky, cholesky(S), -1, 0, 0, 1",
      "cholesky, cholesky(S), 1, 0.5, 0.4, 1",
      "inverse,  inverse(S),  1, 2, 2, 4",
      "inverse,  inverse(S),  0.1, 0.2, 0.3, 0.6",
      "inverse,  inverse(S),  1e-200, 2e-200, 3e-200, 6e-200",
      "inverse,  inverse(S),  0, 0, 0, 0",
      "inverse,  inverse(S),  1, 0, 5, 0"
  })
  // spotless:on
  void aMatrixWithoutResultIsNamed(
      String function, String where, double a, double b, double c, double d) {
    double[] matrix = {a, b, c, d};
    NonFiniteException fault = fault((e, s) -> e.call("sum", e.call(function, s)), matrix);
    assertThat(fault.rows()).containsExactly(1);
    assertThat(fault.where()).isEqualTo(where);
    if (function.equals("inverse")) {
      fault =
          fault(
              (e, s) -> e.call("sum", e.call("solve", s, e.call("index", s, e.constant(0)))),
              matrix);
      assertThat(fault.rows()).containsExactly(1);
      assertThat(fault.where()).startsWith("solve(S, ");
    }
  }

  /** A branch that is not taken may hold a matrix that has no inverse. */
  @Test
  void aBranchNotTakenCountsForNothing() {
    Expressions e = new Expressions();
    Node a = e.call("multiply", e.parameter("scale"), e.input("A", 2, 2));
    Node ok = e.call("greater", e.input("ok"), e.constant(0));
    Node chosen = e.call("where", ok, e.call("logdet", a), e.constant(0));
    DerivativeSpec spec = spec(e.model(chosen), "scale");
    try (Engine engine = spec.open(Map.of("scale", new double[] {3}))) {
      System.arraycopy(new double[] {2, 1, 1, 2, 1, 2, 2, 1}, 0, engine.input("A"), 0, 8);
      engine.input("ok")[0] = 1;
      engine.evaluate(2);
      Sums sums = Sums.zero(spec);
      engine.addTo(sums);
      assertThat(sums.value()).isCloseTo(Math.log(27), within(1e-14));
      assertThat(sums.gradient()[0]).isCloseTo(2.0 / 3, within(1e-14));
    }
  }
}
