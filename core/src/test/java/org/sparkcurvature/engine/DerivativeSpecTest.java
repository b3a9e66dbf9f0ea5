package org.sparkcurvature.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.sparkcurvature.diff.Differentiator;
import org.sparkcurvature.graph.Model;
import org.sparkcurvature.graph.Node;

/**
 * Derivatives of whole models against central differences of the value and of the gradient, and the
 * forms against each other.
 */
class DerivativeSpecTest {
  private static final int ROWS = 13;

  /** Every way in which a parameter or an input can enter, one model each. */
  static Map<String, Supplier<Model>> models() {
    Map<String, Supplier<Model>> models = new TreeMap<>();
    models.put("linear predictor", DerivativeSpecTest::logistic);
    models.put("network", DerivativeSpecTest::network);
    models.put("softmax", DerivativeSpecTest::softmax);
    models.put(
        "indexed parameter",
        () -> {
          Expressions e = new Expressions();
          Node x = e.input("x");
          Node y = e.input("y");
          Node beta = e.parameter("beta", 3);
          Node fit =
              e.call(
                  "add",
                  e.call("index", beta, e.constant(0)),
                  e.call("multiply", e.call("index", beta, e.constant(1)), x));
          return e.model(
              e.call(
                  "exp",
                  e.call(
                      "subtract",
                      e.call("multiply", fit, e.call("index", beta, e.constant(2))),
                      y)));
        });
    models.put(
        "parameter used twice, as a handle and in a penalty",
        () -> {
          Expressions e = new Expressions();
          Node x = e.input("x", 3);
          Node beta = e.parameter("beta", 3);
          Node z = e.call("dot", x, beta);
          return e.model(
              e.call(
                  "add",
                  e.call("tanh", z),
                  e.call("multiply", e.constant(0.3), e.call("dot", beta, beta))));
        });
    models.put(
        "shared matrix",
        () -> {
          Expressions e = new Expressions();
          Node x = e.input("x", 3);
          Node w = e.parameter("W", 3, 3);
          Node h = e.call("tanh", e.call("matmul", w, x));
          Node out = e.call("tanh", e.call("matmul", w, h));
          return e.model(
              e.call("sum", e.call("square", e.call("matmul", e.call("transpose", w), out))));
        });
    models.put(
        "matrices shared by the steps of a recurrence",
        () -> {
          Expressions e = new Expressions();
          Node x = e.input("x", 2);
          Node w = e.parameter("W", 2, 2);
          Node state = x;
          // Three products of two elements are more than the four that W has.
          for (int t = 0; t < 3; t++) {
            state = e.call("tanh", e.call("add", x, e.call("matmul", w, state)));
          }
          return e.model(e.call("dot", state, e.parameter("v", 2)));
        });
    models.put(
        "matrix times matrix",
        () -> {
          Expressions e = new Expressions();
          Node x = e.input("X", 3, 2);
          Node w = e.parameter("W", 4, 3);
          Node v = e.parameter("V", 2, 2);
          Node z = e.call("matmul", e.call("tanh", e.call("matmul", w, x)), v);
          return e.model(e.call("logsumexp", z));
        });
    models.put(
        "products, slices and running sums",
        () -> {
          Expressions e = new Expressions();
          Node x = e.input("x", 4);
          Node a = e.parameter("a", 4);
          Node b = e.parameter("b");
          Node z = e.call("cumsum", e.call("multiply", a, e.call("sin", e.call("multiply", b, x))));
          Node u =
              e.call(
                  "concat",
                  e.call("slice", z, e.constant(1), e.constant(2)),
                  b,
                  e.call("norm2", x));
          Node p = e.call("prod", e.call("add", u, e.constant(2)));
          return e.model(e.call("add", p, e.call("sum", e.along("max", 0, e.call("outer", u, z)))));
        });
    models.put(
        "skip connection",
        () -> {
          Expressions e = new Expressions();
          Node x = e.input("x", 3);
          Node w = e.parameter("W", 3, 3);
          Node v = e.parameter("V", 3, 3);
          Node c = e.parameter("c", 3);
          Node h = e.call("tanh", e.call("add", e.call("matmul", w, x), c));
          Node g = e.call("add", h, e.call("tanh", e.call("matmul", v, h)));
          return e.model(
              e.call("sum", e.call("multiply", e.call("exp", h), e.call("multiply", g, x))));
        });
    models.put(
        "a loss of parameters alone",
        () -> {
          Expressions e = new Expressions();
          e.input("x", 2);
          Node a = e.parameter("a", 3);
          Node w = e.parameter("W", 2, 3);
          return e.model(
              e.call(
                  "add",
                  e.call("logsumexp", e.call("matmul", w, a)),
                  e.call("sum", e.call("square", w))));
        });
    models.put(
        "division and powers of sums",
        () -> {
          Expressions e = new Expressions();
          Node x = e.input("x", 3);
          Node s = e.parameter("s");
          Node beta = e.parameter("beta", 3);
          Node v = e.call("exp", s);
          Node z = e.call("sum", e.call("multiply", x, beta));
          return e.model(
              e.call(
                  "add",
                  e.call("divide", e.call("square", z), v),
                  e.call("pow", e.call("softplus", z), s)));
        });
    models.put(
        "a scalar product that is repeated over a vector, beside another product",
        () -> {
          Expressions e = new Expressions();
          Node x = e.input("x", 3);
          Node u = e.input("u", 2);
          Node v = e.input("v", 4);
          Node y = e.input("y");
          Node beta = e.parameter("beta", 3);
          Node gamma = e.parameter("gamma", 2);
          Node fit = e.call("dot", x, beta);
          Node both = e.call("add", fit, e.call("dot", u, gamma));
          Node first = e.call("square", e.call("subtract", y, both));
          return e.model(
              e.call("add", first, e.call("sum", e.call("square", e.call("subtract", v, fit)))));
        });
    models.put(
        "a scalar product that is repeated over a vector, and added to",
        () -> {
          Expressions e = new Expressions();
          Node x = e.input("x", 3);
          Node v = e.input("v", 4);
          Node a = e.parameter("a");
          Node beta = e.parameter("beta", 3);
          Node fit = e.call("dot", x, beta);
          Node first = e.call("square", e.call("add", e.call("exp", a), fit));
          return e.model(
              e.call("add", first, e.call("sum", e.call("square", e.call("subtract", v, fit)))));
        });
    models.put(
        "a scalar parameter",
        () -> {
          Expressions e = new Expressions();
          Node y = e.input("y");
          Node mu = e.parameter("mu");
          return e.model(e.call("square", e.call("subtract", y, mu)));
        });
    models.put(
        "a matrix and its transpose",
        () -> {
          Expressions e = new Expressions();
          Node x = e.input("x", 5);
          Node w = e.parameter("W", 3, 5);
          Node b = e.parameter("b", 3);
          Node h = e.call("tanh", e.call("add", e.call("matmul", w, x), b));
          Node back = e.define("back", e.call("matmul", e.call("transpose", w), h));
          return e.model(e.call("sum", e.call("square", e.call("subtract", back, x))));
        });
    models.put(
        "one vector cut into matrices",
        () -> {
          Expressions e = new Expressions();
          Node x = e.input("x", 3);
          Node theta = e.parameter("theta", 17);
          Node w =
              e.call(
                  "reshape",
                  e.call("slice", theta, e.constant(0), e.constant(12)),
                  e.constant(4),
                  e.constant(3));
          Node v = e.call("slice", theta, e.constant(12), e.constant(4));
          Node h = e.call("sigmoid", e.call("matmul", w, x));
          Node z = e.define("z", e.call("dot", v, h));
          return e.model(
              e.call("exp", e.call("multiply", z, e.call("index", theta, e.constant(16)))));
        });
    models.put(
        "matrices of as many elements and of transposed shapes",
        () -> {
          Expressions e = new Expressions();
          Node x = e.input("x", 1);
          Node u = e.parameter("U", 2, 1);
          Node v = e.parameter("V", 3, 2);
          Node w = e.parameter("W", 2, 3);
          Node h = e.call("sin", e.call("matmul", u, x));
          Node g = e.call("sin", e.call("matmul", v, h));
          return e.model(e.call("sum", e.call("sin", e.call("matmul", w, g))));
        });
    models.put(
        "a vector read as two matrices, both transposed",
        () -> {
          Expressions e = new Expressions();
          Node x = e.input("x", 2);
          Node theta = e.parameter("theta", 6);
          Node v = e.call("reshape", theta, e.constant(2), e.constant(3));
          Node w = e.call("reshape", theta, e.constant(3), e.constant(2));
          Node h = e.call("tanh", e.call("matmul", e.call("transpose", v), x));
          Node z = e.define("z", e.call("matmul", e.call("transpose", w), h));
          return e.model(e.call("logsumexp", z));
        });
    models.put(
        "a definition of parameters alone, of several parts",
        () -> {
          Expressions e = new Expressions();
          Node x = e.input("x", 3);
          Node a = e.parameter("a", 2);
          Node b = e.parameter("b");
          Node c = e.parameter("c", 1);
          Node first = e.call("add", e.call("concat", c, c), e.call("add", a, b));
          Node z = e.define("z", e.call("concat", first, c));
          return e.model(e.call("exp", e.call("dot", z, x)));
        });
    models.put(
        "an intercept before its coefficients, and a row of a matrix",
        () -> {
          Expressions e = new Expressions();
          Node x = e.input("x", 4);
          Node b0 = e.parameter("b0");
          Node beta = e.parameter("beta", 3);
          Node w = e.parameter("W", 2, 4);
          Node z = e.define("z", e.call("dot", e.call("concat", b0, beta), x));
          Node row = e.call("dot", e.call("index", w, e.constant(1)), x);
          return e.model(
              e.call("add", e.call("softplus", e.call("multiply", z, row)), e.call("square", b0)));
        });
    models.put(
        "softmax rows",
        () -> {
          Expressions e = new Expressions();
          Node x = e.input("x", 4);
          Node w = e.parameter("W", 6, 4);
          Node z = e.call("reshape", e.call("matmul", w, x), e.constant(2), e.constant(3));
          Node p = e.along("softmax", 1, z);
          return e.model(e.call("sum", e.call("multiply", p, e.call("square", z))));
        });
    models.putAll(LookupModels.all());
    return models;
  }

  private static Model logistic() {
    Expressions e = new Expressions();
    Node x = e.input("x", 4);
    Node y = e.input("y");
    Node b0 = e.parameter("b0");
    Node beta = e.parameter("beta", 4);
    Node z = e.define("z", e.call("add", b0, e.call("dot", x, beta)));
    return e.model(e.call("subtract", e.call("softplus", z), e.call("multiply", y, z)));
  }

  private static Model softmax() {
    Expressions e = new Expressions();
    Node x = e.input("x", 3);
    Node t = e.input("t");
    Node w = e.parameter("W", 4, 3);
    Node b = e.parameter("b", 4);
    Node z = e.define("z", e.call("add", e.call("matmul", w, x), b));
    return e.model(
        e.call(
            "subtract",
            e.call("logsumexp", z),
            e.call("sum", e.call("multiply", z, e.call("sin", t)))));
  }

  private static Model network() {
    Expressions e = new Expressions();
    Node x = e.input("x", 3);
    Node y = e.input("y");
    Node w1 = e.parameter("W1", 4, 3);
    Node b1 = e.parameter("b1", 4);
    Node w2 = e.parameter("W2", 2, 4);
    Node b2 = e.parameter("b2", 2);
    Node w3 = e.parameter("w3", 2);
    Node b3 = e.parameter("b3");
    Node h1 = e.define("h1", e.call("tanh", e.call("add", e.call("matmul", w1, x), b1)));
    Node h2 = e.define("h2", e.call("tanh", e.call("add", e.call("matmul", w2, h1), b2)));
    Node f = e.define("f", e.call("add", e.call("dot", w3, h2), b3));
    return e.model(e.call("square", e.call("subtract", y, f)));
  }

  static Stream<Arguments> cases() {
    return models().entrySet().stream().map(e -> Arguments.of(e.getKey(), e.getValue().get()));
  }

  private static DerivativeSpec derivation(
      Model model, List<String> wrt, Request.Global global, Request.PerSample perSample) {
    return new DerivativeSpec(
        model, Request.by(wrt).withSums(global).withSamples(perSample), Precision.DOUBLE, 1 << 20);
  }

  private static Request.Global global(Request.HessianForm form) {
    return Request.Global.NONE.withValue().withGradient().withHessian(form);
  }

  private static Request.PerSample perSample(Request.SampleHessianForm form) {
    return Request.PerSample.NONE.withValue().withGradient().withHessian(form);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("cases")
  void sumsAgreeWithCentralDifferences(String name, Model model) {
    List<String> wrt = List.copyOf(model.parameters().keySet());
    DerivativeSpec derivation =
        derivation(model, wrt, global(Request.HessianForm.FULL), Request.PerSample.NONE);
    Samples samples = Samples.random(model, ROWS, 1);
    Sums exact = samples.sums(derivation);
    double[] hessian = exact.curvature(Request.Curvature.HESSIAN);
    int p = derivation.layout().length();
    double scale = 1 + largest(hessian) + largest(exact.gradient());
    double h = 1e-5;
    int at = 0;
    for (Layout.Entry entry : derivation.layout().entries()) {
      for (int k = 0; k < entry.shape().size(); k++) {
        double theta = samples.parameters().get(entry.name())[k];
        Sums up = samples.with(entry.name(), k, theta + h).sums(derivation);
        Sums down = samples.with(entry.name(), k, theta - h).sums(derivation);
        assertThat(exact.gradient()[at])
            .isCloseTo((up.value() - down.value()) / (2 * h), within(1e-8 * scale));
        for (int j = 0; j < p; j++) {
          double difference = (up.gradient()[j] - down.gradient()[j]) / (2 * h);
          assertThat(packed(hessian, p, at, j))
              .as("d2l / d%d d%d", at, j)
              .isCloseTo(difference, within(1e-8 * scale));
        }
        at++;
      }
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("cases")
  void perSampleDerivativesByInputsAndParametersAgreeWithCentralDifferences(
      String name, Model model) {
    List<String> wrt = new java.util.ArrayList<>(model.inputs().keySet());
    wrt.addAll(model.parameters().keySet());
    DerivativeSpec derivation =
        derivation(model, wrt, Request.Global.NONE, perSample(Request.SampleHessianForm.FULL));
    Samples samples = Samples.random(model, 1, 2);
    double[] gradient = samples.column(derivation, "gradient").get(0);
    double[] hessian = samples.column(derivation, "hessian").get(0);
    int p = derivation.layout().length();
    double scale = 1 + largest(hessian) + largest(gradient);
    double h = 1e-5;
    int at = 0;
    for (Layout.Entry entry : derivation.layout().entries()) {
      for (int k = 0; k < entry.shape().size(); k++) {
        Map<String, double[]> tensors =
            samples.inputs().containsKey(entry.name()) ? samples.inputs() : samples.parameters();
        double theta = tensors.get(entry.name())[k];
        Samples up = samples.with(entry.name(), k, theta + h);
        Samples down = samples.with(entry.name(), k, theta - h);
        double difference =
            (up.column(derivation, "value").get(0)[0] - down.column(derivation, "value").get(0)[0])
                / (2 * h);
        assertThat(gradient[at]).as(entry.name()).isCloseTo(difference, within(1e-8 * scale));
        double[] upper = up.column(derivation, "gradient").get(0);
        double[] lower = down.column(derivation, "gradient").get(0);
        for (int j = 0; j < p; j++) {
          assertThat(hessian[at * p + j])
              .as("d2l / d%d d%d", at, j)
              .isCloseTo((upper[j] - lower[j]) / (2 * h), within(1e-8 * scale));
        }
        at++;
      }
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("cases")
  void productsOfEachSampleAreThoseOfItsMatrices(String name, Model model) {
    List<String> wrt = new java.util.ArrayList<>(model.inputs().keySet());
    wrt.addAll(model.parameters().keySet());
    List<String> of = new java.util.ArrayList<>(model.definitions().keySet());
    of.add("loss");
    int count = 3;
    DerivativeSpec derivation =
        derivation(
            model,
            wrt,
            Request.Global.NONE,
            Request.PerSample.NONE
                .withHessian(Request.SampleHessianForm.FULL)
                .withJacobiansOf(of)
                .withProducts(
                    Request.Products.of(count)
                        .withHessian()
                        .withJacobiansOf(of)
                        .withTransposedJacobiansOf(of)));
    int p = derivation.layout().length();
    Samples samples = Samples.random(model, ROWS, 11);
    java.util.Random random = new java.util.Random(12);
    double[] vectors = random.doubles((long) count * p, -1, 1).toArray();
    try (Engine engine = derivation.open(samples.parameters())) {
      engine.setVectors(vectors);
      for (String z : of) {
        double[] cotangent = engine.cotangent(z);
        java.util.Arrays.setAll(cotangent, k -> random.nextDouble());
      }
      samples
          .inputs()
          .forEach((x, all) -> System.arraycopy(all, 0, engine.input(x), 0, all.length));
      engine.evaluate(ROWS);
      for (int row = 0; row < ROWS; row++) {
        double[] hessian = part(engine.column("hessian"), row, p * p);
        assertClose(
            part(engine.column("product"), row, count * p),
            times(vectors, count, hessian, p, p),
            1e-12);
        for (String z : of) {
          int k = model.named(z).shape().size();
          double[] jacobian = part(engine.column("jacobian_" + z), row, k * p);
          assertClose(
              part(engine.column("jvp_" + z), row, count * k),
              times(vectors, count, jacobian, k, p),
              1e-12);
          double[] transposed = new double[p * k];
          for (int i = 0; i < k * p; i++) {
            transposed[i % p * k + i / p] = jacobian[i];
          }
          assertClose(
              part(engine.column("vjp_" + z), row, p),
              times(part(engine.cotangent(z), row, k), 1, transposed, p, k),
              1e-12);
        }
      }
    }
  }

  private static double[] part(double[] all, int row, int size) {
    return java.util.Arrays.copyOfRange(all, row * size, (row + 1) * size);
  }

  /** A matrix [rows, columns] times each of {@code count} vectors. */
  private static double[] times(
      double[] vectors, int count, double[] matrix, int rows, int columns) {
    double[] result = new double[count * rows];
    for (int v = 0; v < count; v++) {
      for (int i = 0; i < rows; i++) {
        for (int j = 0; j < columns; j++) {
          result[v * rows + i] += matrix[i * columns + j] * vectors[v * columns + j];
        }
      }
    }
    return result;
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("cases")
  void secondDerivativesPulledBackAndPushedForwardAgree(String name, Model model) {
    Samples samples = Samples.random(model, ROWS, 6);
    List<String> all = new java.util.ArrayList<>(model.inputs().keySet());
    all.addAll(model.parameters().keySet());
    for (Request.SampleHessianForm form :
        List.of(Request.SampleHessianForm.PACKED, Request.SampleHessianForm.DIAGONAL)) {
      DerivativeSpec each = derivation(model, all, Request.Global.NONE, perSample(form));
      List<double[]> pulled = samples.column(each, "hessian", Differentiator.Way.REVERSE);
      List<double[]> pushed = samples.column(each, "hessian", Differentiator.Way.FORWARD);
      for (int row = 0; row < ROWS; row++) {
        assertClose(pushed.get(row), pulled.get(row), 1e-13);
      }
    }
    if (model.parameters().isEmpty()) {
      return;
    }
    List<String> wrt = List.copyOf(model.parameters().keySet());
    for (Request.HessianForm form :
        List.of(
            Request.HessianForm.FULL, Request.HessianForm.BLOCKS, Request.HessianForm.DIAGONAL)) {
      DerivativeSpec sums = derivation(model, wrt, global(form), Request.PerSample.NONE);
      assertClose(
          samples.sums(sums, Differentiator.Way.FORWARD).curvature(Request.Curvature.HESSIAN),
          samples.sums(sums, Differentiator.Way.REVERSE).curvature(Request.Curvature.HESSIAN),
          1e-13 * ROWS);
    }
  }

  private static void assertClose(double[] actual, double[] expected, double tolerance) {
    assertThat(actual).hasSameSizeAs(expected);
    double scale = 1 + largest(expected);
    for (int k = 0; k < expected.length; k++) {
      assertThat(actual[k]).isCloseTo(expected[k], within(tolerance * scale));
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("cases")
  void formsAgree(String name, Model model) {
    List<String> wrt = List.copyOf(model.parameters().keySet());
    Samples samples = Samples.random(model, ROWS, 3);
    DerivativeSpec full =
        derivation(
            model,
            wrt,
            global(Request.HessianForm.FULL),
            perSample(Request.SampleHessianForm.FULL));
    Sums sums = samples.sums(full);
    double[] hessian = sums.curvature(Request.Curvature.HESSIAN);
    int p = full.layout().length();
    double tolerance = 1e-13 * (1 + largest(hessian)) * ROWS;

    double[] summed = new double[p * p];
    double[] gradient = new double[p];
    List<double[]> perSample = samples.column(full, "hessian");
    List<double[]> gradients = samples.column(full, "gradient");
    for (int row = 0; row < ROWS; row++) {
      for (int k = 0; k < p * p; k++) {
        summed[k] += samples.weights()[row] * perSample.get(row)[k];
      }
      for (int k = 0; k < p; k++) {
        gradient[k] += samples.weights()[row] * gradients.get(row)[k];
      }
    }
    for (int i = 0; i < p; i++) {
      assertThat(sums.gradient()[i]).isCloseTo(gradient[i], within(tolerance));
      for (int j = 0; j < p; j++) {
        assertThat(packed(hessian, p, i, j)).isCloseTo(summed[i * p + j], within(tolerance));
      }
    }

    double[] diagonal =
        samples
            .sums(
                derivation(
                    model, wrt, global(Request.HessianForm.DIAGONAL), Request.PerSample.NONE))
            .curvature(Request.Curvature.HESSIAN);
    double[] blocks =
        samples
            .sums(
                derivation(model, wrt, global(Request.HessianForm.BLOCKS), Request.PerSample.NONE))
            .curvature(Request.Curvature.HESSIAN);
    int at = 0;
    for (Layout.Entry entry : full.layout().entries()) {
      for (int i = 0; i < entry.shape().size(); i++) {
        assertThat(diagonal[entry.offset() + i])
            .isCloseTo(
                packed(hessian, p, entry.offset() + i, entry.offset() + i), within(tolerance));
        for (int j = i; j < entry.shape().size(); j++) {
          assertThat(blocks[at++])
              .isCloseTo(
                  packed(hessian, p, entry.offset() + i, entry.offset() + j), within(tolerance));
        }
      }
    }
    assertThat(at).isEqualTo(blocks.length);

    List<double[]> packed =
        samples.column(
            derivation(
                model, wrt, Request.Global.NONE, perSample(Request.SampleHessianForm.PACKED)),
            "hessian");
    List<double[]> diagonals =
        samples.column(
            derivation(
                model, wrt, Request.Global.NONE, perSample(Request.SampleHessianForm.DIAGONAL)),
            "hessian");
    for (int row = 0; row < ROWS; row++) {
      for (int i = 0; i < p; i++) {
        assertThat(diagonals.get(row)[i])
            .isCloseTo(perSample.get(row)[i * p + i], within(tolerance));
        for (int j = i; j < p; j++) {
          assertThat(packed.get(row)[i * p - i * (i - 1) / 2 + j - i])
              .isCloseTo(perSample.get(row)[i * p + j], within(tolerance));
          assertThat(perSample.get(row)[j * p + i]).isEqualTo(perSample.get(row)[i * p + j]);
        }
      }
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("cases")
  void outerProductsOfGradientsAreThoseOfPerSampleGradients(String name, Model model) {
    List<String> wrt = List.copyOf(model.parameters().keySet());
    Samples samples = Samples.random(model, ROWS, 4);
    DerivativeSpec derivation =
        derivation(
            model, wrt, Request.Global.NONE.withOpg(), perSample(Request.SampleHessianForm.NONE));
    double[] opg = samples.sums(derivation).curvature(Request.Curvature.OPG);
    List<double[]> gradients = samples.column(derivation, "gradient");
    int p = derivation.layout().length();
    for (int i = 0; i < p; i++) {
      for (int j = i; j < p; j++) {
        double sum = 0;
        for (int row = 0; row < ROWS; row++) {
          sum += samples.weights()[row] * gradients.get(row)[i] * gradients.get(row)[j];
        }
        assertThat(packed(opg, p, i, j)).isCloseTo(sum, within(1e-12 * (1 + largest(opg))));
      }
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("cases")
  void productsWithVectorsAreThoseOfTheHessian(String name, Model model) {
    List<String> wrt = List.copyOf(model.parameters().keySet());
    Samples samples = Samples.random(model, ROWS, 6);
    DerivativeSpec full =
        derivation(model, wrt, global(Request.HessianForm.FULL), Request.PerSample.NONE);
    double[] hessian = samples.sums(full).curvature(Request.Curvature.HESSIAN);
    int p = full.layout().length();
    int count = 3;
    double[] vectors = new java.util.Random(7).doubles((long) count * p, -1, 1).toArray();
    Request.Global products = Request.Global.NONE.withValue().withGradient().withProducts(count);
    DerivativeSpec derivation = derivation(model, wrt, products, Request.PerSample.NONE);
    double[] product = samples.sums(derivation, vectors).products();
    for (int k = 0; k < count; k++) {
      for (int i = 0; i < p; i++) {
        double sum = 0;
        for (int j = 0; j < p; j++) {
          sum += packed(hessian, p, i, j) * vectors[k * p + j];
        }
        assertThat(product[k * p + i])
            .isCloseTo(sum, within(1e-13 * ROWS * (1 + largest(hessian))));
      }
    }
  }

  /** Bands of a few rows from the diagonal on, and one that begins and ends below it. */
  private static List<Request.Rectangle> bands(int p, int height) {
    List<Request.Rectangle> bands = new ArrayList<>();
    for (int row = 0; row < p; row += height) {
      bands.add(new Request.Rectangle(row, row, Math.min(height, p - row), p - row));
    }
    bands.add(new Request.Rectangle(p / 2, 0, p - p / 2, (p + 2) / 3));
    return bands;
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("cases")
  void partsOfMatricesAreThoseOfTheWhole(String name, Model model) {
    List<String> wrt = List.copyOf(model.parameters().keySet());
    Samples samples = Samples.random(model, ROWS, 9);
    Request.Global all = Request.Global.NONE.withHessian().withOpg();
    DerivativeSpec whole = derivation(model, wrt, all, Request.PerSample.NONE);
    int p = whole.layout().length();
    Sums expected = samples.sums(whole);
    for (int height : new int[] {1, 3, 7, p}) {
      List<Request.Rectangle> bands = bands(p, height);
      Request.Global some = Request.Global.NONE.withHessian().withOpg().withParts(bands);
      Sums actual = samples.sums(derivation(model, wrt, some, Request.PerSample.NONE));
      assertParts(actual, expected, Request.Curvature.HESSIAN, p, bands);
      assertParts(actual, expected, Request.Curvature.OPG, p, bands);
    }
  }

  @org.junit.jupiter.api.Test
  void partsOfAGaussNewtonMatrixAreThoseOfTheWhole() {
    Expressions e = new Expressions();
    Node x = e.input("x", 3);
    Node w = e.parameter("W", 2, 3);
    Node v = e.parameter("V", 4, 2);
    Node z = e.call("matmul", v, e.call("tanh", e.call("matmul", w, x)));
    e.define("z", z);
    Model model = e.model(e.call("logsumexp", z));
    Samples samples = Samples.random(model, ROWS, 9);
    List<String> wrt = List.of("V", "W");
    Request.Global all = Request.Global.NONE.withGgn("z");
    Sums expected = samples.sums(derivation(model, wrt, all, Request.PerSample.NONE));
    List<Request.Rectangle> bands = bands(14, 5);
    Request.Global some = Request.Global.NONE.withGgn("z").withParts(bands);
    Sums actual = samples.sums(derivation(model, wrt, some, Request.PerSample.NONE));
    assertParts(actual, expected, Request.Curvature.GGN, 14, bands);
  }

  private static void assertParts(
      Sums actual,
      Sums expected,
      Request.Curvature kind,
      int p,
      List<Request.Rectangle> rectangles) {
    double[] parts = actual.curvature(kind);
    double[] whole = expected.curvature(kind);
    double tolerance = 1e-13 * ROWS * (1 + largest(whole));
    int at = 0;
    for (Request.Rectangle part : rectangles) {
      CompensatedSum last =
          actual.curvature(kind, at + (part.rows() - 1) * part.columns(), 1, part.columns(), 0);
      for (int i = part.row(); i < part.row() + part.rows(); i++) {
        for (int j = part.column(); j < part.column() + part.columns(); j++) {
          double element = packed(whole, p, Math.min(i, j), Math.max(i, j));
          assertThat(parts[at]).as("%s %d, %d", kind, i, j).isCloseTo(element, within(tolerance));
          if (i == part.row() + part.rows() - 1) {
            assertThat(last.values()[j - part.column()]).isEqualTo(parts[at]);
          }
          at++;
        }
      }
    }
    assertThat(parts).hasSize(at);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("cases")
  void blockSizeChangesNothingButTheLastBits(String name, Model model) {
    List<String> wrt = List.copyOf(model.parameters().keySet());
    Samples samples = Samples.random(model, ROWS, 5);
    Request request =
        Request.by(wrt)
            .withSums(global(Request.HessianForm.FULL))
            .withSamples(perSample(Request.SampleHessianForm.PACKED));
    DerivativeSpec large = new DerivativeSpec(model, request, Precision.DOUBLE, 1 << 20);
    DerivativeSpec small = new DerivativeSpec(model, request, Precision.DOUBLE, 1);
    assertThat(small.cost().blockRows()).isEqualTo(1);
    assertThat(large.cost().blockRows()).isGreaterThanOrEqualTo(ROWS);
    Sums a = samples.sums(large);
    Sums b = samples.sums(small);
    assertThat(a.rows()).isEqualTo(b.rows()).isEqualTo(ROWS);
    assertThat(a.value()).isCloseTo(b.value(), within(1e-13 * ROWS * (1 + Math.abs(a.value()))));
    double[] x = a.curvature(Request.Curvature.HESSIAN);
    double[] y = b.curvature(Request.Curvature.HESSIAN);
    for (int k = 0; k < x.length; k++) {
      assertThat(x[k]).isCloseTo(y[k], within(1e-13 * ROWS * (1 + largest(x))));
    }
  }

  @org.junit.jupiter.api.Test
  void diagonalOfADenseSymmetricMatrixIsNotTakenForASymmetricMatrix() {
    Expressions e = new Expressions();
    int n = 24;
    Node x = e.input("X", n, n);
    Node theta = e.parameter("theta", n, n);
    Model model = e.model(e.call("square", e.call("sum", e.call("multiply", theta, x))));
    Samples samples = Samples.random(model, ROWS, 8);
    DerivativeSpec derivation =
        derivation(
            model, List.of("theta"), global(Request.HessianForm.DIAGONAL), Request.PerSample.NONE);
    double[] diagonal = samples.sums(derivation).curvature(Request.Curvature.HESSIAN);
    for (int i = 0; i < n * n; i++) {
      double sum = 0;
      for (int row = 0; row < ROWS; row++) {
        sum += 2 * samples.weights()[row] * Math.pow(samples.inputs().get("X")[row * n * n + i], 2);
      }
      assertThat(diagonal[i]).isCloseTo(sum, within(1e-12 * (1 + sum)));
    }
  }

  @org.junit.jupiter.api.Test
  void theAdjointOfParametersJoinedIsTheirGradient() {
    Expressions e = new Expressions();
    Node x = e.input("x", 3);
    Node b = e.parameter("b");
    Node beta = e.parameter("beta", 2);
    Node z = e.define("z", e.call("concat", b, beta));
    Model model = e.model(e.call("exp", e.call("dot", z, x)));
    Samples samples = Samples.random(model, ROWS, 9);
    Request.PerSample asked = Request.PerSample.NONE.withGradient().withAdjointsOf("z");
    DerivativeSpec derivation = derivation(model, List.of("b", "beta"), Request.Global.NONE, asked);
    List<double[]> adjoints = samples.column(derivation, "adjoint_z");
    List<double[]> gradients = samples.column(derivation, "gradient");
    for (int row = 0; row < ROWS; row++) {
      assertThat(largest(gradients.get(row))).isPositive();
      assertClose(adjoints.get(row), gradients.get(row), 1e-14);
    }
  }

  @org.junit.jupiter.api.Test
  void adjointsAndGaussNewtonSeeThroughReshapes() {
    Expressions e = new Expressions();
    Node x = e.input("x");
    Node a = e.parameter("a", 4);
    Node z =
        e.define("z", e.call("reshape", e.call("multiply", a, x), e.constant(2), e.constant(2)));
    Model model = e.model(e.call("logsumexp", z));
    DerivativeSpec derivation =
        derivation(
            model,
            List.of("a"),
            Request.Global.NONE.withHessian().withGgn(java.util.Optional.of("z")),
            Request.PerSample.NONE.withValuesOf("z").withAdjointsOf("z"));
    Samples samples = Samples.random(model, ROWS, 3);
    List<double[]> values = samples.column(derivation, "value_z");
    List<double[]> adjoints = samples.column(derivation, "adjoint_z");
    for (int row = 0; row < ROWS; row++) {
      double[] softmax = java.util.Arrays.stream(values.get(row)).map(Math::exp).toArray();
      double sum = java.util.Arrays.stream(softmax).sum();
      assertClose(
          adjoints.get(row),
          java.util.Arrays.stream(softmax).map(element -> element / sum).toArray(),
          1e-14);
    }
    // z is linear in a: the Gauss-Newton matrix is the Hessian.
    Sums sums = samples.sums(derivation);
    assertClose(
        sums.curvature(Request.Curvature.GGN), sums.curvature(Request.Curvature.HESSIAN), 1e-13);
  }

  @org.junit.jupiter.api.Test
  void adjointOfAnotherNameOfAParameterIsItsGradient() {
    Expressions e = new Expressions();
    Node x = e.input("x", 3);
    Node y = e.input("y");
    Node beta = e.parameter("beta", 3);
    e.define("z", beta);
    Model model = e.model(e.call("square", e.call("subtract", y, e.call("dot", x, beta))));
    Samples samples = Samples.random(model, ROWS, 9);
    Request.PerSample asked = Request.PerSample.NONE.withGradient().withAdjointsOf("z");
    DerivativeSpec derivation = derivation(model, List.of("beta"), Request.Global.NONE, asked);
    List<double[]> adjoints = samples.column(derivation, "adjoint_z");
    List<double[]> gradients = samples.column(derivation, "gradient");
    for (int row = 0; row < ROWS; row++) {
      assertThat(largest(gradients.get(row))).isPositive();
      assertThat(adjoints.get(row)).containsExactly(gradients.get(row));
    }
  }

  private static org.assertj.core.data.Offset<Double> within(double tolerance) {
    return org.assertj.core.data.Offset.offset(tolerance);
  }

  private static double largest(double[] values) {
    double largest = 0;
    for (double value : values) {
      assertThat(value).isFinite();
      largest = Math.max(largest, Math.abs(value));
    }
    return largest;
  }

  private static double packed(double[] matrix, int p, int i, int j) {
    int row = Math.min(i, j);
    int column = Math.max(i, j);
    return matrix[row * p - row * (row - 1) / 2 + column - row];
  }
}
