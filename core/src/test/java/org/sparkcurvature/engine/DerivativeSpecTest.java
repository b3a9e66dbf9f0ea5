package org.sparkcurvature.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
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

  private static DerivativeSpec spec(
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
  @MethodSource("org.sparkcurvature.engine.SpecModels#cases")
  void sumsAgreeWithCentralDifferences(String name, Model model) {
    List<String> wrt = List.copyOf(model.parameters().keySet());
    DerivativeSpec spec =
        spec(model, wrt, global(Request.HessianForm.FULL), Request.PerSample.NONE);
    Samples samples = Samples.random(model, ROWS, 1);
    Sums exact = samples.sums(spec);
    double[] hessian = exact.curvature(Request.Curvature.HESSIAN);
    int p = spec.layout().length();
    double scale = 1 + largest(hessian) + largest(exact.gradient());
    double h = 1e-5;
    int at = 0;
    for (Layout.Entry entry : spec.layout().entries()) {
      for (int k = 0; k < entry.shape().size(); k++) {
        double theta = samples.parameters().get(entry.name())[k];
        Sums up = samples.with(entry.name(), k, theta + h).sums(spec);
        Sums down = samples.with(entry.name(), k, theta - h).sums(spec);
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
  @MethodSource("org.sparkcurvature.engine.SpecModels#cases")
  void perSampleDerivativesByInputsAndParametersAgreeWithCentralDifferences(
      String name, Model model) {
    List<String> wrt = new java.util.ArrayList<>(model.inputs().keySet());
    wrt.addAll(model.parameters().keySet());
    DerivativeSpec spec =
        spec(model, wrt, Request.Global.NONE, perSample(Request.SampleHessianForm.FULL));
    Samples samples = Samples.random(model, 1, 2);
    double[] gradient = samples.column(spec, "gradient").get(0);
    double[] hessian = samples.column(spec, "hessian").get(0);
    int p = spec.layout().length();
    double scale = 1 + largest(hessian) + largest(gradient);
    double h = 1e-5;
    int at = 0;
    for (Layout.Entry entry : spec.layout().entries()) {
      for (int k = 0; k < entry.shape().size(); k++) {
        Map<String, double[]> tensors =
            samples.inputs().containsKey(entry.name()) ? samples.inputs() : samples.parameters();
        double theta = tensors.get(entry.name())[k];
        Samples up = samples.with(entry.name(), k, theta + h);
        Samples down = samples.with(entry.name(), k, theta - h);
        double difference =
            (up.column(spec, "value").get(0)[0] - down.column(spec, "value").get(0)[0]) / (2 * h);
        assertThat(gradient[at]).as(entry.name()).isCloseTo(difference, within(1e-8 * scale));
        double[] upper = up.column(spec, "gradient").get(0);
        double[] lower = down.column(spec, "gradient").get(0);
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
  @MethodSource("org.sparkcurvature.engine.SpecModels#cases")
  void productsOfEachSampleAreThoseOfItsMatrices(String name, Model model) {
    List<String> wrt = new java.util.ArrayList<>(model.inputs().keySet());
    wrt.addAll(model.parameters().keySet());
    List<String> of = new java.util.ArrayList<>(model.definitions().keySet());
    of.add("loss");
    int count = 3;
    DerivativeSpec spec =
        spec(
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
    int p = spec.layout().length();
    Samples samples = Samples.random(model, ROWS, 11);
    java.util.Random random = new java.util.Random(12);
    double[] vectors = random.doubles((long) count * p, -1, 1).toArray();
    try (Engine engine = spec.open(samples.parameters())) {
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
  @MethodSource("org.sparkcurvature.engine.SpecModels#cases")
  void secondDerivativesPulledBackAndPushedForwardAgree(String name, Model model) {
    Samples samples = Samples.random(model, ROWS, 6);
    List<String> all = new java.util.ArrayList<>(model.inputs().keySet());
    all.addAll(model.parameters().keySet());
    for (Request.SampleHessianForm form :
        List.of(Request.SampleHessianForm.PACKED, Request.SampleHessianForm.DIAGONAL)) {
      DerivativeSpec each = spec(model, all, Request.Global.NONE, perSample(form));
      List<double[]> pulled = samples.column(each, "hessian", Differentiator.Mode.REVERSE);
      List<double[]> pushed = samples.column(each, "hessian", Differentiator.Mode.FORWARD);
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
      DerivativeSpec sums = spec(model, wrt, global(form), Request.PerSample.NONE);
      assertClose(
          samples.sums(sums, Differentiator.Mode.FORWARD).curvature(Request.Curvature.HESSIAN),
          samples.sums(sums, Differentiator.Mode.REVERSE).curvature(Request.Curvature.HESSIAN),
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
  @MethodSource("org.sparkcurvature.engine.SpecModels#cases")
  void formsAgree(String name, Model model) {
    List<String> wrt = List.copyOf(model.parameters().keySet());
    Samples samples = Samples.random(model, ROWS, 3);
    DerivativeSpec full =
        spec(
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
            .sums(spec(model, wrt, global(Request.HessianForm.DIAGONAL), Request.PerSample.NONE))
            .curvature(Request.Curvature.HESSIAN);
    double[] blocks =
        samples
            .sums(spec(model, wrt, global(Request.HessianForm.BLOCKS), Request.PerSample.NONE))
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
            spec(model, wrt, Request.Global.NONE, perSample(Request.SampleHessianForm.PACKED)),
            "hessian");
    List<double[]> diagonals =
        samples.column(
            spec(model, wrt, Request.Global.NONE, perSample(Request.SampleHessianForm.DIAGONAL)),
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
  @MethodSource("org.sparkcurvature.engine.SpecModels#cases")
  void outerProductsOfGradientsAreThoseOfPerSampleGradients(String name, Model model) {
    List<String> wrt = List.copyOf(model.parameters().keySet());
    Samples samples = Samples.random(model, ROWS, 4);
    DerivativeSpec spec =
        spec(model, wrt, Request.Global.NONE.withOpg(), perSample(Request.SampleHessianForm.NONE));
    double[] opg = samples.sums(spec).curvature(Request.Curvature.OPG);
    List<double[]> gradients = samples.column(spec, "gradient");
    int p = spec.layout().length();
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
  @MethodSource("org.sparkcurvature.engine.SpecModels#cases")
  void productsWithVectorsAreThoseOfTheHessian(String name, Model model) {
    List<String> wrt = List.copyOf(model.parameters().keySet());
    Samples samples = Samples.random(model, ROWS, 6);
    DerivativeSpec full =
        spec(model, wrt, global(Request.HessianForm.FULL), Request.PerSample.NONE);
    double[] hessian = samples.sums(full).curvature(Request.Curvature.HESSIAN);
    int p = full.layout().length();
    int count = 3;
    double[] vectors = new java.util.Random(7).doubles((long) count * p, -1, 1).toArray();
    Request.Global products = Request.Global.NONE.withValue().withGradient().withProducts(count);
    DerivativeSpec spec = spec(model, wrt, products, Request.PerSample.NONE);
    double[] product = samples.sums(spec, vectors).products();
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
  @MethodSource("org.sparkcurvature.engine.SpecModels#cases")
  void partsOfMatricesAreThoseOfTheWhole(String name, Model model) {
    List<String> wrt = List.copyOf(model.parameters().keySet());
    Samples samples = Samples.random(model, ROWS, 9);
    Request.Global all = Request.Global.NONE.withHessian().withOpg();
    DerivativeSpec whole = spec(model, wrt, all, Request.PerSample.NONE);
    int p = whole.layout().length();
    Sums expected = samples.sums(whole);
    for (int height : new int[] {1, 3, 7, p}) {
      List<Request.Rectangle> bands = bands(p, height);
      Request.Global some = Request.Global.NONE.withHessian().withOpg().withParts(bands);
      Sums actual = samples.sums(spec(model, wrt, some, Request.PerSample.NONE));
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
    Sums expected = samples.sums(spec(model, wrt, all, Request.PerSample.NONE));
    List<Request.Rectangle> bands = bands(14, 5);
    Request.Global some = Request.Global.NONE.withGgn("z").withParts(bands);
    Sums actual = samples.sums(spec(model, wrt, some, Request.PerSample.NONE));
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
  @MethodSource("org.sparkcurvature.engine.SpecModels#cases")
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
    DerivativeSpec spec =
        spec(model, List.of("theta"), global(Request.HessianForm.DIAGONAL), Request.PerSample.NONE);
    double[] diagonal = samples.sums(spec).curvature(Request.Curvature.HESSIAN);
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
    DerivativeSpec spec = spec(model, List.of("b", "beta"), Request.Global.NONE, asked);
    List<double[]> adjoints = samples.column(spec, "adjoint_z");
    List<double[]> gradients = samples.column(spec, "gradient");
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
    DerivativeSpec spec =
        spec(
            model,
            List.of("a"),
            Request.Global.NONE.withHessian().withGgn(java.util.Optional.of("z")),
            Request.PerSample.NONE.withValuesOf("z").withAdjointsOf("z"));
    Samples samples = Samples.random(model, ROWS, 3);
    List<double[]> values = samples.column(spec, "value_z");
    List<double[]> adjoints = samples.column(spec, "adjoint_z");
    for (int row = 0; row < ROWS; row++) {
      double[] softmax = java.util.Arrays.stream(values.get(row)).map(Math::exp).toArray();
      double sum = java.util.Arrays.stream(softmax).sum();
      assertClose(
          adjoints.get(row),
          java.util.Arrays.stream(softmax).map(element -> element / sum).toArray(),
          1e-14);
    }
    // z is linear in a: the Gauss-Newton matrix is the Hessian.
    Sums sums = samples.sums(spec);
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
    DerivativeSpec spec = spec(model, List.of("beta"), Request.Global.NONE, asked);
    List<double[]> adjoints = samples.column(spec, "adjoint_z");
    List<double[]> gradients = samples.column(spec, "gradient");
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
