package org.sparkcurvature.verify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.function.BiFunction;
import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.Test;
import org.sparkcurvature.engine.DerivativeSpec;
import org.sparkcurvature.engine.Precision;
import org.sparkcurvature.engine.Request;
import org.sparkcurvature.graph.Graph;
import org.sparkcurvature.graph.Model;
import org.sparkcurvature.graph.Node;
import org.sparkcurvature.graph.Shape;
import org.sparkcurvature.ops.FunctionRegistry;
import org.sparkcurvature.verify.FiniteDifferences.Comparison;
import org.sparkcurvature.verify.FiniteDifferences.Estimate;
import org.sparkcurvature.verify.FiniteDifferences.Report;
import org.sparkcurvature.verify.FiniteDifferences.Settings;
import org.sparkcurvature.verify.FiniteDifferences.Verdict;

class FiniteDifferencesTest {

  private static Estimate estimate(DoubleUnaryOperator f, double x) {
    double[] above = new double[10];
    double[] below = new double[10];
    double[] steps = new double[10];
    double step = Math.max(1, Math.abs(x)) / 16;
    for (int k = 0; k < 10; k++, step /= 4) {
      above[k] = f.applyAsDouble(x + step);
      below[k] = f.applyAsDouble(x - step);
      steps[k] = ((x + step) - (x - step)) / 2;
    }
    return FiniteDifferences.extrapolate(above, below, steps);
  }

  private static void assertDerivative(
      DoubleUnaryOperator f, double x, double exact, double relative) {
    Estimate estimate = estimate(f, x);
    assertThat(estimate.value()).isCloseTo(exact, within(relative * Math.abs(exact)));
    assertThat(Math.abs(estimate.value() - exact)).isLessThanOrEqualTo(20 * estimate.error());
  }

  @Test
  void differencesAreExtrapolatedWhateverTheScale() {
    assertDerivative(Math::exp, 0.3, Math.exp(0.3), 1e-11);
    assertDerivative(Math::sin, 100, Math.cos(100), 1e-10);
    assertDerivative(x -> Math.exp(1000 * x), 0.001, 1000 * Math.E, 1e-9);
    assertDerivative(x -> Math.exp(x / 1000), 2500, Math.exp(2.5) / 1000, 1e-10);
    assertDerivative(x -> x * x * x, 5e4, 3 * 5e4 * 5e4, 1e-10);
  }

  @Test
  void stepsThatLeaveTheDomainAreLeftOut() {
    assertDerivative(Math::log, 1e-3, 1e3, 1e-8);
    assertThat(estimate(x -> Double.NaN, 1).value()).isNaN();
  }

  @Test
  void aKinkNearbyIsSeenFromCloser() {
    assertDerivative(Math::abs, 1e-3, 1, 1e-9);
    assertThat(estimate(x -> Math.max(x, 0), 0).value()).isEqualTo(0.5);
  }

  private static Node call(Graph graph, String function, Node... arguments) {
    return FunctionRegistry.call(graph, function, List.of(arguments), OptionalInt.empty());
  }

  /** A model of x [2] and y with parameters beta [2] and b. */
  private static Model model(BiFunction<Graph, Map<String, Node>, Node> loss) {
    Graph graph = new Graph();
    Map<String, Node> inputs = new LinkedHashMap<>();
    inputs.put("x", graph.input("x", Shape.of(2)));
    inputs.put("y", graph.input("y", Shape.SCALAR));
    Map<String, Node> parameters = new LinkedHashMap<>();
    parameters.put("beta", graph.parameter("beta", Shape.of(2)));
    parameters.put("b", graph.parameter("b", Shape.SCALAR));
    Map<String, Node> names = new LinkedHashMap<>(inputs);
    names.putAll(parameters);
    Node eta =
        call(graph, "add", names.get("b"), call(graph, "dot", names.get("x"), names.get("beta")));
    names.put("eta", eta);
    return new Model(graph, inputs, parameters, Map.of("eta", eta), loss.apply(graph, names));
  }

  private static Report compare(Model model, List<String> wrt, Request.Global global) {
    Request request =
        Request.by(wrt).withSums(global).withSamples(Request.PerSample.NONE.withJacobiansOf("eta"));
    return FiniteDifferences.compare(
        new DerivativeSpec(model, request, Precision.FLOAT, 1 << 20),
        Map.of("beta", new double[] {0.5, -1}, "b", new double[] {0.25}),
        Map.of("x", new double[] {1, 2, -0.25, -0.0625}, "y", new double[] {1, 3}),
        2,
        Settings.DEFAULT);
  }

  private static final Request.Global ALL =
      Request.Global.NONE.withValue().withGradient().withHessian().withOpg();

  @Test
  void exactDerivativesAgree() {
    Model poisson =
        model(
            (g, n) ->
                call(
                    g,
                    "subtract",
                    call(g, "exp", n.get("eta")),
                    call(g, "multiply", n.get("y"), n.get("eta"))));
    Report report = compare(poisson, List.of("b", "beta"), ALL);
    assertThat(report.agrees()).isTrue();
    assertThat(report.omitted()).isEmpty();
    assertThat(report.comparisons())
        .extracting(c -> c.quantity() + " " + c.wrt() + c.of().map(o -> " " + o).orElse(""))
        .contains(
            "gradient b",
            "gradient beta",
            "hessian b beta",
            "hessian beta beta",
            "jacobian_eta beta",
            "sum of gradients beta",
            "sum of hessians b beta",
            "opg beta beta");
    for (Comparison c : report.comparisons()) {
      assertThat(c.verdict()).as(c.toString()).isEqualTo(Verdict.AGREES);
      assertThat(c.relative()).as(c.toString()).isLessThan(1e-8);
      assertThat(c.largest()).isPositive();
    }
    assertThat(compare(poisson, List.of("x", "b"), Request.Global.NONE).agrees()).isTrue();
    assertThat(compare(poisson, List.of("x", "y"), Request.Global.NONE).agrees()).isTrue();
  }

  /** A logistic loss is straight a millionth away from where it bends, if columns are so large. */
  @Test
  void theVerdictDoesNotDependOnUnits() {
    Model logistic =
        model(
            (g, n) ->
                call(
                    g,
                    "subtract",
                    call(g, "softplus", n.get("eta")),
                    call(g, "multiply", n.get("y"), n.get("eta"))));
    for (double unit : new double[] {1e-6, 1, 1e6, 1e12}) {
      Report report =
          FiniteDifferences.compare(
              new DerivativeSpec(
                  logistic, Request.by("beta", "b").withSums(ALL), Precision.DOUBLE, 1 << 20),
              Map.of("beta", new double[2], "b", new double[1]),
              Map.of(
                  "x",
                  new double[] {0.41 * unit, 2 * unit, -0.25 * unit, -0.0625 * unit},
                  "y",
                  new double[] {1, 0}),
              2,
              Settings.DEFAULT);
      assertThat(report.agrees()).as("unit %s: %s", unit, report).isTrue();
    }
  }

  @Test
  void sumsOfEveryFormAreCompared() {
    Model poisson = model((g, n) -> call(g, "exp", n.get("eta")));
    for (Request.HessianForm form : Request.HessianForm.values()) {
      Report report = compare(poisson, List.of("b", "beta"), Request.Global.NONE.withHessian(form));
      assertThat(report.agrees()).isTrue();
      assertThat(
              report.comparisons().stream()
                  .filter(c -> c.quantity().equals("sum of hessians"))
                  .mapToInt(Comparison::compared)
                  .sum())
          .isEqualTo(
              switch (form) {
                case NONE -> 0;
                case DIAGONAL -> 3;
                case BLOCKS -> 1 + 3;
                case FULL -> 6;
              });
    }
  }

  @Test
  void aKinkIsNamedWithItsRowAndElement() {
    // x[0] + b is 0 at the second row: relu' is 0 there, and differences see the mean of both
    // sides.
    Model kink =
        model(
            (g, n) ->
                call(
                    g,
                    "relu",
                    call(g, "add", call(g, "index", n.get("x"), g.constant(0)), n.get("b"))));
    Report report = compare(kink, List.of("beta", "b"), Request.Global.NONE);
    assertThat(report.agrees()).isFalse();
    Comparison gradient =
        report.comparisons().stream()
            .filter(c -> c.quantity().equals("gradient") && c.wrt().equals("b"))
            .findFirst()
            .orElseThrow();
    assertThat(gradient.verdict()).isEqualTo(Verdict.DIFFERS);
    assertThat(gradient.worst().row()).isEqualTo(1);
    assertThat(gradient.worst().exact()).isZero();
    assertThat(gradient.worst().difference()).isEqualTo(0.5);
    assertThat(gradient.absolute()).isEqualTo(0.5);
    assertThat(gradient.relative()).isEqualTo(0.5);
  }

  @Test
  void pointsOutsideTheDomainAreLeftOut() {
    // The logarithm's argument is 0.002 at the second row: most steps leave its domain.
    Model narrow =
        model(
            (g, n) ->
                call(
                    g,
                    "log",
                    call(
                        g,
                        "add",
                        call(g, "add", call(g, "index", n.get("x"), g.constant(0)), n.get("b")),
                        g.constant(0.002))));
    Report report = compare(narrow, List.of("b"), Request.Global.NONE);
    assertThat(report.agrees()).isTrue();
    Comparison gradient = report.comparisons().get(0);
    assertThat(gradient.largest()).isCloseTo(500, within(1e-9));
    assertThat(gradient.verdict()).isEqualTo(Verdict.AGREES);
  }

  @Test
  void largeTensorsAreSampledAndLargeHessiansLeftOut() {
    Model square = model((g, n) -> call(g, "square", n.get("eta")));
    Request request = Request.by("beta", "b").withSums(ALL);
    Report report =
        FiniteDifferences.compare(
            new DerivativeSpec(square, request, Precision.DOUBLE, 1 << 20),
            Map.of("beta", new double[] {0.5, -1}, "b", new double[] {0.25}),
            Map.of("x", new double[] {1, 2}, "y", new double[] {1}),
            1,
            new Settings(1, 2, 1e-6));
    assertThat(report.omitted()).containsExactly("The Hessian is not compared: P = 3 is above 2.");
    assertThat(report.comparisons())
        .extracting(Comparison::quantity)
        .containsOnly("gradient", "sum of gradients");
    assertThat(report.comparisons().get(0).compared()).isEqualTo(1);
  }
}
