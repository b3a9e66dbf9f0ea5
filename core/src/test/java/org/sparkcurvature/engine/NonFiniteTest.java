package org.sparkcurvature.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assertions.within;

import java.util.Map;
import java.util.function.BiFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.sparkcurvature.graph.Node;

/** What is said of a result that is NaN or infinite. */
class NonFiniteTest {
  private static final double[] ONES = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1};

  /** Evaluates f(x, b) at x and b, everything asked for. */
  private static NonFiniteException fault(
      BiFunction<Expressions, Node[], Node> f, double[] x, double b) {
    Expressions e = new Expressions();
    Node[] leaves = {e.input("x"), e.parameter("b")};
    DerivativeSpec spec =
        new DerivativeSpec(
            e.model(f.apply(e, leaves)),
            Request.by("b").withSums(Request.Global.NONE.withValue().withGradient().withHessian()),
            Precision.DOUBLE,
            1 << 20);
    try (Engine engine = spec.open(Map.of("b", new double[] {b}))) {
      System.arraycopy(x, 0, engine.input("x"), 0, x.length);
      return catchThrowableOfType(NonFiniteException.class, () -> engine.evaluate(x.length));
    }
  }

  private static double[] with(double value, int... rows) {
    double[] x = ONES.clone();
    for (int row : rows) {
      x[row] = value;
    }
    return x;
  }

  @Test
  void namesRowsAndExpression() {
    NonFiniteException fault =
        fault((e, v) -> e.call("log", e.call("multiply", v[1], v[0])), with(-2, 3, 7), 0.5);
    assertThat(fault.rows()).containsExactly(3, 7);
    assertThat(fault.where()).isEqualTo("log((b * x))");
    assertThat(fault).hasMessage("not finite: log((b * x))");
  }

  @Test
  void namesTheFirstExpressionNotThoseMadeOfIt() {
    NonFiniteException fault =
        fault(
            (e, v) -> e.call("exp", e.call("add", v[1], e.call("square", e.call("log", v[0])))),
            with(0, 12),
            0.5);
    assertThat(fault.rows()).containsExactly(12);
    assertThat(fault.where()).isEqualTo("log(x)");
  }

  @Test
  void namesAtMostTenRows() {
    NonFiniteException fault =
        fault((e, v) -> e.call("multiply", v[1], e.call("sqrt", v[0])), with(-1, all()), 0.5);
    assertThat(fault.rows()).isEqualTo(IntStream.range(0, 10).boxed().toList());
  }

  private static int[] all() {
    return IntStream.range(0, ONES.length).toArray();
  }

  @Test
  void namesNoRowsWhereAllSamplesShareTheFault() {
    NonFiniteException fault =
        fault((e, v) -> e.call("multiply", v[0], e.call("log", v[1])), ONES, -1);
    assertThat(fault.rows()).isEmpty();
    assertThat(fault.where()).isEqualTo("log(b)");
  }

  @Test
  void namesTheDerivativeWhereTheValueIsFinite() {
    NonFiniteException fault =
        fault((e, v) -> e.call("sqrt", e.call("multiply", v[1], v[0])), with(0, 5), 0.5);
    assertThat(fault.rows()).containsExactly(5);
    assertThat(fault.where()).isEqualTo("d loss / d (b * x)");
  }

  @Test
  void overflowIsNamed() {
    NonFiniteException fault =
        fault((e, v) -> e.call("exp", e.call("multiply", v[1], v[0])), with(1e4, 0), 0.5);
    assertThat(fault.rows()).containsExactly(0);
    assertThat(fault.where()).isEqualTo("exp((b * x))");
  }

  @ParameterizedTest
  @ValueSource(doubles = {3, 0, 1.5})
  void anIndexOutOfRangeIsNamed(double x) {
    NonFiniteException fault =
        fault(
            (e, v) ->
                e.call(
                    "index",
                    e.call("concat", v[1], e.constant(2)),
                    e.call("subtract", v[0], e.constant(1))),
            with(x, 4),
            0.5);
    assertThat(fault.rows()).containsExactly(4);
    assertThat(fault.where()).contains("[(x - 1)]");
  }

  /** The loss is linear in what is looked up: of the gradient only the place is wrong. */
  @ParameterizedTest
  @ValueSource(doubles = {64, -1, 1.5})
  void aGradientByAnIndexOutOfRangeIsNamed(double index) {
    Expressions e = new Expressions();
    Node i = e.input("i");
    Request.Global gradient = Request.Global.NONE.withGradient();
    DerivativeSpec spec =
        new DerivativeSpec(
            e.model(e.call("index", e.parameter("a", 64), i)),
            Request.by("a").withSums(gradient),
            Precision.DOUBLE,
            1 << 20);
    try (Engine engine = spec.open(Map.of("a", new double[64]))) {
      engine.input("i")[1] = index;
      assertThatThrownBy(() -> engine.evaluate(3)).isInstanceOf(NonFiniteException.class);
      engine.input("i")[1] = 63;
      engine.evaluate(3);
      Sums sums = Sums.zero(spec);
      engine.addTo(sums);
      assertThat(sums.gradient()[0]).isEqualTo(2);
      assertThat(sums.gradient()[63]).isEqualTo(1);
    }
  }

  /** At b x = 1e200 the square is infinite; 0.5 / inf times 2 b x would be 0, and is 1. */
  @org.junit.jupiter.api.Test
  void anInfinityThatTheGradientWouldHideIsNamed() {
    Expressions e = new Expressions();
    Node z = e.call("multiply", e.input("x"), e.parameter("b"));
    Request.Global gradient = Request.Global.NONE.withGradient();
    DerivativeSpec spec =
        new DerivativeSpec(
            e.model(e.call("sqrt", e.call("add", e.constant(1), e.call("square", z)))),
            Request.by("b").withSums(gradient),
            Precision.DOUBLE,
            1 << 20);
    try (Engine engine = spec.open(Map.of("b", new double[] {1}))) {
      java.util.Arrays.fill(engine.input("x"), 0, 3, 2);
      engine.evaluate(3);
      engine.input("x")[1] = 1e200;
      NonFiniteException fault =
          catchThrowableOfType(NonFiniteException.class, () -> engine.evaluate(3));
      assertThat(fault.rows()).containsExactly(1);
      assertThat(fault.where()).isEqualTo("square((x * b))");
    }
  }

  /** Of s (x'b)^2 at b = 0 each sample's gradient and Hessian, 2 s x x'; s and one x are given. */
  private static Engine ofEachSample(double s, double... x) {
    Expressions e = new Expressions();
    Node z = e.call("dot", e.input("x", 2), e.parameter("b", 2));
    Engine engine =
        new DerivativeSpec(
                e.model(e.call("multiply", e.input("s"), e.call("square", z))),
                Request.by("b")
                    .withSamples(
                        Request.PerSample.NONE
                            .withGradient()
                            .withHessian(Request.SampleHessianForm.PACKED)),
                Precision.DOUBLE,
                1 << 20)
            .open(Map.of("b", new double[2]));
    java.util.Arrays.fill(engine.input("s"), 0, 5, 1);
    engine.input("s")[3] = s;
    java.util.Arrays.fill(engine.input("x"), 0, 10, 1);
    System.arraycopy(x, 0, engine.input("x"), 6, 2);
    return engine;
  }

  @ParameterizedTest
  @CsvSource({"1e160, 1", "1, -1e160", "1e154, 1e154"})
  void overflowOfOneSamplesHessianIsNamed(double a, double b) {
    try (Engine engine = ofEachSample(1, a, b)) {
      NonFiniteException fault =
          catchThrowableOfType(NonFiniteException.class, () -> engine.evaluate(5));
      assertThat(fault.rows()).containsExactly(3);
    }
  }

  @Test
  void whatIsNotANumberInOneSampleIsNamed() {
    try (Engine engine = ofEachSample(1, Double.NaN, 1)) {
      NonFiniteException fault =
          catchThrowableOfType(NonFiniteException.class, () -> engine.evaluate(5));
      assertThat(fault.rows()).containsExactly(3);
    }
  }

  /** A product of factors may overflow on the way to a number that is finite: that is said. */
  @ParameterizedTest
  @CsvSource({"1e-160, 1e160", "1e-300, 1e200", "1e300, 1e-200", "1e-155, 1e155", "1e300, 1e200"})
  void noInfinityIsHandedOut(double s, double x) {
    try (Engine engine = ofEachSample(s, x, 1)) {
      NonFiniteException fault =
          catchThrowableOfType(NonFiniteException.class, () -> engine.evaluate(5));
      if (fault == null) {
        double[] hessian = java.util.Arrays.copyOfRange(engine.column("hessian"), 0, 15);
        assertThat(hessian).doesNotContain(Double.POSITIVE_INFINITY, Double.NaN);
        assertThat(hessian[9] / x).isEqualTo(2 * s * x, within(1e-12 * 2 * s * x));
      } else {
        assertThat(fault.rows()).containsExactly(3);
      }
    }
  }

  @Test
  void largeButFiniteDerivativesOfEachSampleAreFinite() {
    try (Engine engine = ofEachSample(1, 9e153, -9e153)) {
      engine.evaluate(5);
      assertThat(java.util.Arrays.copyOfRange(engine.column("hessian"), 9, 12))
          .containsExactly(2 * 9e153 * 9e153, -2 * 9e153 * 9e153, 2 * 9e153 * 9e153);
    }
  }

  @Test
  void finiteIsFinite() {
    assertThat(fault((e, v) -> e.call("exp", e.call("multiply", v[1], v[0])), ONES, 0.5)).isNull();
  }

  @Test
  void aConstantResultIsNamed() {
    Expressions e = new Expressions();
    Node x = e.input("x");
    e.define("c", e.call("log", e.constant(0)));
    Request.PerSample asked = Request.PerSample.NONE.withValuesOf("c");
    DerivativeSpec spec =
        new DerivativeSpec(
            e.model(e.call("square", x)),
            Request.by("x").withSamples(asked),
            Precision.DOUBLE,
            1 << 20);
    try (Engine engine = spec.open(Map.of())) {
      NonFiniteException fault =
          catchThrowableOfType(NonFiniteException.class, () -> engine.evaluate(2));
      assertThat(fault.rows()).isEmpty();
      assertThat(fault.where()).isEqualTo("c");
    }
  }

  @Test
  void theProductThatOverflowsIsNamedNotTheOneItIsAddedTo() {
    Expressions e = new Expressions();
    Node x = e.input("x", 2);
    Node u = e.input("u", 2);
    Node beta = e.parameter("beta", 2);
    Node gamma = e.parameter("gamma", 2);
    Node sum = e.call("add", e.call("dot", x, beta), e.call("dot", u, gamma));
    DerivativeSpec spec =
        new DerivativeSpec(
            e.model(e.call("square", sum)),
            Request.by("beta")
                .withSums(Request.Global.NONE.withValue().withGradient().withHessian()),
            Precision.DOUBLE,
            1 << 20);
    Map<String, double[]> parameters =
        Map.of("beta", new double[] {1, 1}, "gamma", new double[] {1e300, 1});
    try (Engine engine = spec.open(parameters)) {
      engine.input("u")[0] = 1e300;
      NonFiniteException fault =
          catchThrowableOfType(NonFiniteException.class, () -> engine.evaluate(2));
      assertThat(fault.rows()).containsExactly(0);
      assertThat(fault.where()).isEqualTo("(dot(x, beta) + dot(u, gamma))");
    }
  }
}
