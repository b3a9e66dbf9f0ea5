package org.sparkcurvature.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import org.junit.jupiter.api.Test;
import org.sparkcurvature.graph.Model;
import org.sparkcurvature.graph.Node;
import org.sparkcurvature.verify.FiniteDifferences;

/**
 * A branch of CASE WHEN that is not taken counts for nothing, not even where it is NaN or infinite.
 */
class SafeWhereTest {

  private static Samples scalars(double... v) {
    double[] weights = new double[v.length];
    java.util.Arrays.fill(weights, 1);
    return new Samples(v.length, Map.of("v", v), weights, Map.of());
  }

  private static List<double[]> of(Model model, Samples samples, String column) {
    Request.PerSample all =
        Request.PerSample.NONE
            .withValue()
            .withGradient()
            .withHessian(Request.SampleHessianForm.FULL);
    DerivativeSpec spec =
        new DerivativeSpec(model, Request.by("v").withSamples(all), Precision.DOUBLE, 1 << 20);
    // -0 is 0.
    return samples.column(spec, column).stream()
        .map(row -> java.util.Arrays.stream(row).map(u -> u + 0.0).toArray())
        .toList();
  }

  /** CASE WHEN v > 0 THEN sqrt(v) ELSE 0 END. */
  private static Model root() {
    Expressions e = new Expressions();
    Node v = e.input("v");
    return e.model(
        e.call("where", e.call("greater", v, e.constant(0)), e.call("sqrt", v), e.constant(0)));
  }

  @Test
  void rootOfZeroAndBelowIsNeverTaken() {
    Samples samples = scalars(4, 0, -1);
    assertThat(of(root(), samples, "value"))
        .containsExactly(new double[] {2}, new double[] {0}, new double[] {0});
    assertThat(of(root(), samples, "gradient"))
        .containsExactly(new double[] {0.25}, new double[] {0}, new double[] {0});
    assertThat(of(root(), samples, "hessian"))
        .containsExactly(new double[] {-1.0 / 32}, new double[] {0}, new double[] {0});
  }

  /** CASE WHEN v < 10 THEN square(b v v) + dot([v, b], [v, v]) ELSE b v END, by v. */
  @Test
  void productsOverflowWhereTheyAreNotTaken() {
    Expressions e = new Expressions();
    Node v = e.input("v");
    Node b = e.parameter("b");
    Node vector = e.call("concat", v, b);
    Node both = e.call("dot", vector, e.call("concat", v, v));
    Node cubic = e.call("multiply", e.call("multiply", e.call("multiply", b, v), v), v);
    Node then = e.call("add", e.call("add", cubic, e.call("square", v)), both);
    Model model =
        e.model(e.call("where", e.call("less", v, e.constant(10)), then, e.call("multiply", b, v)));
    Samples samples =
        new Samples(
            2,
            Map.of("v", new double[] {3, 1e200}),
            new double[] {1, 1},
            Map.of("b", new double[] {2}));
    assertThat(of(model, samples, "value"))
        .containsExactly(new double[] {54 + 9 + 9 + 6}, new double[] {2e200});
    assertThat(of(model, samples, "gradient"))
        .containsExactly(new double[] {54 + 6 + 6 + 2}, new double[] {2});
    assertThat(of(model, samples, "hessian"))
        .containsExactly(new double[] {36 + 2 + 2}, new double[] {0});
  }

  @Test
  void branchesInsideBranchesAndSharedParts() {
    Expressions e = new Expressions();
    Node v = e.input("v");
    Node log = e.call("log", v);
    Node inner =
        e.call(
            "where",
            e.call("less", v, e.constant(1)),
            e.call("divide", e.constant(1), log),
            e.call("square", log));
    // CASE WHEN v > 0 THEN (CASE WHEN v < 1 THEN 1 / log(v) ELSE square(log(v)) END) ELSE exp(-1000
    // * v) - 1 END
    Node other =
        e.call("subtract", e.call("exp", e.call("multiply", e.constant(-1000), v)), e.constant(1));
    Model model = e.model(e.call("where", e.call("greater", v, e.constant(0)), inner, other));
    double u = Math.log(0.5);
    Samples samples = scalars(0.5, 1, 0, 3);
    List<double[]> value = of(model, samples, "value");
    List<double[]> gradient = of(model, samples, "gradient");
    List<double[]> hessian = of(model, samples, "hessian");
    double[] values = {1 / u, 0, 0, Math.pow(Math.log(3), 2)};
    double[] gradients = {-1 / (u * u) / 0.5, 0, -1000, 2 * Math.log(3) / 3};
    double[] hessians = {(2 / (u * u * u) + 1 / (u * u)) / 0.25, 2, 1e6, (2 - 2 * Math.log(3)) / 9};
    for (int k = 0; k < 4; k++) {
      assertThat(value.get(k)[0]).isCloseTo(values[k], within(1e-12));
      assertThat(gradient.get(k)[0])
          .isCloseTo(gradients[k], within(1e-12 * (1 + Math.abs(gradients[k]))));
      assertThat(hessian.get(k)[0])
          .isCloseTo(hessians[k], within(1e-12 * (1 + Math.abs(hessians[k]))));
    }
  }

  @Test
  void conditionsByElementAndByWhole() {
    Expressions e = new Expressions();
    Node v = e.input("v", 3);
    Node logs =
        e.call("where", e.call("greater", v, e.constant(0)), e.call("log", v), e.constant(7));
    Node norm =
        e.call(
            "where",
            e.call("greater", e.call("sum", v), e.constant(0)),
            e.call("lgamma", e.call("sum", v)),
            e.constant(1));
    Model model = e.model(e.call("add", e.call("sum", logs), norm));
    Samples samples =
        new Samples(1, Map.of("v", new double[] {2, -3, 0}), new double[] {1}, Map.of());
    assertThat(of(model, samples, "value").get(0)[0]).isCloseTo(Math.log(2) + 15, within(1e-14));
    assertThat(of(model, samples, "gradient").get(0)).containsExactly(0.5, 0, 0);
    assertThat(of(model, samples, "hessian").get(0)).containsExactly(-0.25, 0, 0, 0, 0, 0, 0, 0, 0);
  }

  @Test
  void anIndexOutOfRangeInABranchThatIsNotTaken() {
    Expressions e = new Expressions();
    Node v = e.input("v", 2);
    Node i = e.input("i");
    Model model =
        e.model(
            e.call(
                "where",
                e.call("greater_equal", i, e.constant(0)),
                e.call("square", e.call("index", v, i)),
                e.call("sum", v)));
    Samples samples =
        new Samples(
            2,
            Map.of("v", new double[] {2, 3, 2, 3}, "i", new double[] {1, -1}),
            new double[] {1, 1},
            Map.of());
    assertThat(of(model, samples, "gradient"))
        .containsExactly(new double[] {0, 6}, new double[] {1, 1});
  }

  /** The sum over elements of CASE WHEN t >= 0 THEN square(v[t]) ELSE 0 END. */
  @Test
  void elementsOfAnIndexOutOfRangeThatAreNotTaken() {
    Expressions e = new Expressions();
    Node v = e.input("v", 2);
    Node t = e.input("t", 3);
    Node found = e.call("square", e.call("index", v, t));
    Node taken = e.call("greater_equal", t, e.constant(0));
    Model model = e.model(e.call("sum", e.call("where", taken, found, e.constant(0))));
    Samples samples =
        new Samples(
            2,
            Map.of("v", new double[] {2, 3, 2, 3}, "t", new double[] {1, -1, 1, -7, 0, -1}),
            new double[] {1, 1},
            Map.of());
    assertThat(of(model, samples, "gradient").get(0)).containsExactly(0, 12);
    assertThat(of(model, samples, "gradient").get(1)).containsExactly(4, 0);
    assertThat(of(model, samples, "hessian").get(0)).containsExactly(0, 0, 0, 4);
  }

  @Test
  void namedResultsAreFunctionsOfTheirOwn() {
    Expressions e = new Expressions();
    Node v = e.input("v");
    Node y = e.input("y");
    Node mu = e.define("mu", e.call("exp", v));
    e.define("d", e.call("where", e.call("greater", y, e.constant(0)), e.call("log", y), v));
    Model model =
        e.model(
            e.call(
                "where",
                e.call("greater", y, e.constant(0)),
                e.call("subtract", mu, y),
                e.call("softplus", v)));
    Samples samples =
        new Samples(
            2,
            Map.of("v", new double[] {2, 2}, "y", new double[] {1, 0}),
            new double[] {1, 1},
            Map.of());
    Request.PerSample asked =
        Request.PerSample.NONE
            .withValue()
            .withGradient()
            .withValuesOf("mu", "d")
            .withJacobiansOf("mu", "d")
            .withAdjointsOf("mu");
    DerivativeSpec spec =
        new DerivativeSpec(model, Request.by("v").withSamples(asked), Precision.DOUBLE, 1 << 20);
    double mean = Math.exp(2);
    // mu is exp(v) in every row, whether or not the loss takes the branch that uses it.
    assertThat(samples.column(spec, "value_mu"))
        .containsExactly(new double[] {mean}, new double[] {mean});
    assertThat(samples.column(spec, "jacobian_mu"))
        .containsExactly(new double[] {mean}, new double[] {mean});
    // The loss depends on it only where the branch is taken.
    assertThat(samples.column(spec, "adjoint_mu"))
        .containsExactly(new double[] {1}, new double[] {0});
    assertThat(samples.column(spec, "value_d")).containsExactly(new double[] {0}, new double[] {2});
    assertThat(samples.column(spec, "jacobian_d"))
        .containsExactly(new double[] {0}, new double[] {1});
  }

  @Test
  void aScalarInABranchByElementIsUsedIfAnyLaneIs() {
    Expressions e = new Expressions();
    Node v = e.input("v", 3);
    Node a = e.input("a");
    Model model =
        e.model(
            e.call(
                "sum",
                e.call(
                    "where",
                    e.call("greater", v, e.constant(0)),
                    e.call("log", a),
                    e.constant(0))));
    Samples samples =
        new Samples(
            2,
            Map.of("v", new double[] {-1, -2, 0, 1, -1, 2}, "a", new double[] {0, 4}),
            new double[] {1, 1},
            Map.of());
    Request.PerSample all =
        Request.PerSample.NONE
            .withValue()
            .withGradient()
            .withHessian(Request.SampleHessianForm.FULL);
    DerivativeSpec spec =
        new DerivativeSpec(model, Request.by("a").withSamples(all), Precision.DOUBLE, 1 << 20);
    assertThat(samples.column(spec, "value"))
        .containsExactly(new double[] {0}, new double[] {2 * Math.log(4)});
    assertThat(samples.column(spec, "gradient").get(0)[0] + 0.0).isZero();
    assertThat(samples.column(spec, "gradient").get(1)).containsExactly(0.5);
    assertThat(samples.column(spec, "hessian").get(0)[0] + 0.0).isZero();
    assertThat(samples.column(spec, "hessian").get(1)).containsExactly(-0.125);
  }

  @Test
  void aConditionByElementOverAnIndexedRow() {
    Expressions e = new Expressions();
    Node v = e.input("v", 2, 3);
    Node i = e.input("i");
    Node row = e.call("index", v, i);
    Model model =
        e.model(
            e.call(
                "sum",
                e.call(
                    "where",
                    e.call("greater", row, e.constant(0)),
                    e.call("log", row),
                    e.constant(0))));
    Samples samples =
        new Samples(
            1,
            Map.of("v", new double[] {9, 9, 9, 2, -1, 4}, "i", new double[] {1}),
            new double[] {1},
            Map.of());
    assertThat(of(model, samples, "gradient").get(0)).containsExactly(0, 0, 0, 0.5, 0, 0.25);
  }

  /** dot(IF(x > 0, matmul(outer(x, x), x), x), beta): the product needs all of x in each lane. */
  @Test
  void aProductInABranchByElement() {
    Expressions e = new Expressions();
    Node v = e.input("v", 2);
    Node beta = e.parameter("beta", 2);
    Node product = e.call("matmul", e.call("outer", v, v), v);
    Node taken = e.call("where", e.call("greater", v, e.constant(0)), product, v);
    Model model = e.model(e.call("dot", taken, beta));
    Samples samples =
        new Samples(
            2,
            Map.of("v", new double[] {1, -2, 2, 1}),
            new double[] {1, 1},
            Map.of("beta", new double[] {1, -2}));
    // With s = |v|^2 the taken lanes are s v_i: in the first sample lane 0 alone.
    assertThat(of(model, samples, "value"))
        .containsExactly(new double[] {5 + 4}, new double[] {10 - 10});
    assertThat(of(model, samples, "gradient"))
        .containsExactly(new double[] {5 + 2, -4 - 2}, new double[] {5, -10});
    assertThat(of(model, samples, "hessian"))
        .containsExactly(new double[] {6, -4, -4, 2}, new double[] {8, -6, -6, -8});
  }

  /** The same with a parameter, compared with differences: check must agree with the engine. */
  @Test
  void differencesOfALayerInABranchByElement() {
    Expressions e = new Expressions();
    Node v = e.input("v", 2);
    Node w = e.parameter("w", 2, 2);
    Node layer = e.call("matmul", w, v);
    Node taken = e.call("where", e.call("greater", v, e.constant(0)), layer, v);
    Model model = e.model(e.call("sum", e.call("square", taken)));
    DerivativeSpec spec = new DerivativeSpec(model, Request.by("w"), Precision.DOUBLE, 1 << 20);
    FiniteDifferences.Report report =
        FiniteDifferences.compare(
            spec,
            Map.of("w", new double[] {0.3, -0.7, 1.1, 0.2}),
            Map.of("v", new double[] {1, -2, 2, 1, -1, 3}),
            3,
            FiniteDifferences.Settings.DEFAULT);
    assertThat(report.comparisons())
        .allSatisfy(c -> assertThat(c.verdict()).isEqualTo(FiniteDifferences.Verdict.AGREES));
  }

  /** IF(v > 0, IF(v / b > 1, log(v / b), 0), b b): the guard of v / b needs v / b. */
  @Test
  void aConditionOfWhatItGuards() {
    Expressions e = new Expressions();
    Node v = e.input("v");
    Node b = e.parameter("b");
    Node ratio = e.call("divide", v, b);
    Node inner =
        e.call(
            "where", e.call("greater", ratio, e.constant(1)), e.call("log", ratio), e.constant(0));
    Model model =
        e.model(
            e.call("where", e.call("greater", v, e.constant(0)), inner, e.call("multiply", b, b)));
    Samples samples =
        new Samples(
            3,
            Map.of("v", new double[] {1, 0, 0.25}),
            new double[] {1, 1, 1},
            Map.of("b", new double[] {0.5}));
    assertThat(of(model, samples, "value"))
        .containsExactly(new double[] {Math.log(2)}, new double[] {0.25}, new double[] {0});
    assertThat(of(model, samples, "gradient"))
        .containsExactly(new double[] {1}, new double[] {0}, new double[] {0});
    assertThat(of(model, samples, "hessian"))
        .containsExactly(new double[] {-1}, new double[] {0}, new double[] {0});
  }

  /** A constant branch first, the condition of the next one repeats an expression. */
  @Test
  void threeWayCase() {
    Expressions e = new Expressions();
    Node v = e.input("v");
    Node square = e.call("square", e.call("subtract", v, e.constant(0.5)));
    Node distance = e.call("abs", e.call("subtract", v, e.constant(0.5)));
    Node inner = e.call("where", e.call("less", square, e.constant(1)), square, distance);
    Model model =
        e.model(e.call("where", e.call("less_equal", v, e.constant(0)), e.constant(0), inner));
    Samples samples = scalars(1, 0, 2, -1);
    assertThat(of(model, samples, "value"))
        .containsExactly(
            new double[] {0.25}, new double[] {0}, new double[] {1.5}, new double[] {0});
    assertThat(of(model, samples, "gradient"))
        .containsExactly(new double[] {1}, new double[] {0}, new double[] {1}, new double[] {0});
  }

  /** Rearranged elements keep their own conditions: log(v) is used where v > 0, lane by lane. */
  @Test
  void conditionsByElementReachThroughRearrangements() {
    Expressions e = new Expressions();
    Node v = e.input("v", 2, 2);
    Node turned = e.call("transpose", e.call("log", v));
    Node condition = e.call("transpose", e.call("greater", v, e.constant(0)));
    Node sums = e.along("cumsum", 0, e.call("where", condition, turned, e.constant(1)));
    Model model = e.model(e.call("sum", sums));
    Samples samples =
        new Samples(1, Map.of("v", new double[] {2, 0, -1, 4}), new double[] {1}, Map.of());
    assertThat(of(model, samples, "gradient").get(0)).containsExactly(1, 0, 0, 0.25);
    assertThat(of(model, samples, "hessian").get(0)[0]).isEqualTo(-0.5);
    assertThat(of(model, samples, "hessian").get(0)[15]).isEqualTo(-1.0 / 16);
  }

  /** A condition that is NaN decides nothing where its own branch is not taken. */
  @Test
  void anUndefinedConditionInABranchThatIsNotTaken() {
    Expressions e = new Expressions();
    Node v = e.input("v");
    Node log = e.call("log", v);
    Node inner = e.call("where", e.call("greater", log, e.constant(1)), log, e.call("sqrt", v));
    Model model =
        e.model(e.call("where", e.call("less", v, e.constant(0)), e.call("square", v), inner));
    Samples samples = scalars(-3, 4);
    assertThat(of(model, samples, "value"))
        .containsExactly(new double[] {9}, new double[] {Math.log(4)});
    assertThat(of(model, samples, "gradient"))
        .containsExactly(new double[] {-6}, new double[] {0.25});
  }

  private static int steps(Model model) {
    Request.PerSample all =
        Request.PerSample.NONE
            .withValue()
            .withGradient()
            .withHessian(Request.SampleHessianForm.FULL);
    return new DerivativeSpec(model, Request.by("v").withSamples(all), Precision.DOUBLE, 1 << 20)
        .cost()
        .steps()
        .size();
  }

  /** IF within IF, each condition and each branch made of what the one inside is made of. */
  private static Model nested(int depth) {
    Expressions e = new Expressions();
    Node v = e.input("v");
    Node inner = e.call("log", v);
    for (int k = 0; k < depth; k++) {
      Node other = e.call("divide", inner, e.constant(k + 2));
      Node condition = e.call("greater", inner, e.call("multiply", other, e.constant(0.5)));
      inner = e.call("where", condition, other, e.call("exp", inner));
    }
    return e.model(inner);
  }

  /** A branch within a branch within a branch, as CASE with many WHEN makes them. */
  private static Model cases(int depth) {
    Expressions e = new Expressions();
    Node v = e.input("v");
    Node result = e.call("sqrt", v);
    for (int k = depth; k > 0; k--) {
      Node taken = e.call("less", v, e.constant(k));
      result = e.call("where", taken, e.call("log", e.call("add", v, e.constant(k))), result);
    }
    return e.model(result);
  }

  /** v[i], with the index looked up through as many indices. */
  private static Model lookedUp(int depth) {
    Expressions e = new Expressions();
    Node v = e.input("v", 4);
    Node next = e.input("next", 4);
    Node index = e.input("i");
    for (int k = 0; k < depth; k++) {
      Node found = e.call("index", next, index);
      Node outside = e.call("greater", found, e.constant(2));
      index = e.call("where", outside, index, found);
    }
    return e.model(e.call("square", e.call("index", v, index)));
  }

  @Test
  void plansGrowInProportionToTheDepth() {
    for (IntFunction<Model> models :
        List.<IntFunction<Model>>of(
            SafeWhereTest::nested, SafeWhereTest::cases, SafeWhereTest::lookedUp)) {
      int few = steps(models.apply(10));
      int many = steps(models.apply(30));
      assertThat(many).isLessThan(4 * few);
    }
  }

  /** The loss is a function of z, decided by a parameter: d2l/dz2 is there in every branch. */
  @Test
  void aConditionOfAParameterBesideTheGaussNewtonMatrix() {
    Expressions e = new Expressions();
    Node v = e.input("v");
    Node b = e.parameter("b");
    Node z = e.define("z", e.call("multiply", b, v));
    Model model =
        e.model(
            e.call(
                "where",
                e.call("greater", b, e.constant(0)),
                e.call("square", z),
                e.call("exp", z)));
    Request.Global ggn = Request.Global.NONE.withGgn("z");
    DerivativeSpec spec =
        new DerivativeSpec(model, Request.by("b").withSums(ggn), Precision.DOUBLE, 1 << 20);
    Samples samples =
        new Samples(
            1, Map.of("v", new double[] {3}), new double[] {1}, Map.of("b", new double[] {2}));
    assertThat(samples.sums(spec).curvature(Request.Curvature.GGN)).containsExactly(18);
  }

  /** The upper bound has no part where the lower one, above it, is taken. */
  @Test
  void clipWithBoundsTheWrongWayRound() {
    Expressions e = new Expressions();
    Node v = e.input("v", 3);
    Model model =
        e.model(
            e.call(
                "clip",
                e.call("index", v, e.constant(0)),
                e.call("index", v, e.constant(1)),
                e.call("index", v, e.constant(2))));
    Samples samples =
        new Samples(1, Map.of("v", new double[] {1, 2, 0}), new double[] {1}, Map.of());
    assertThat(of(model, samples, "value").get(0)).containsExactly(2);
    assertThat(of(model, samples, "gradient").get(0)).containsExactly(0, 1, 0);
  }
}
