package org.sparkcurvature.rewrite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.sparkcurvature.engine.DerivativeSpec;
import org.sparkcurvature.engine.Engine;
import org.sparkcurvature.engine.LossBuilder;
import org.sparkcurvature.engine.LossBuilder.Tensor;
import org.sparkcurvature.engine.Request;
import org.sparkcurvature.graph.Model;
import org.sparkcurvature.graph.Node;

/** Derivatives by the chain rule through predictors equal those of the loss as it was written. */
class PredictorsTest {
  private static final int ROWS = 7;

  /**
   * A loss.
   *
   * @param predictors how many tensors of them there are to be
   */
  private record Case(String name, Function<LossBuilder, Tensor> loss, int predictors) {
    @Override
    public String toString() {
      return name;
    }
  }

  private static Tensor eta(LossBuilder b) {
    return b.input("x", 3).dot(b.parameter("beta", 3)).plus(b.parameter("a"));
  }

  private static Stream<Case> cases() {
    return Stream.of(
        new Case(
            "counts: y * z is none of its own",
            b -> {
              Tensor z = eta(b);
              return z.apply("exp").minus(b.input("y").times(z));
            },
            1),
        new Case(
            "what a row has beside is computed once",
            b -> {
              Tensor z = eta(b);
              Tensor y = b.input("y").apply("square");
              return z.apply("exp").minus(y.times(z)).plus(y.plus(1).apply("lgamma"));
            },
            1),
        new Case(
            "a scale beside",
            b -> {
              Tensor s = b.parameter("s");
              Tensor r = b.input("y").minus(eta(b)).dividedBy(s.apply("exp"));
              return r.apply("square").plus(s);
            },
            2),
        new Case(
            "a weight in front, and an offset",
            b -> {
              Tensor w = b.input("w");
              return eta(b).times(w).plus(b.input("y")).apply("softplus").times(w);
            },
            1),
        new Case(
            "a matrix",
            b ->
                b.parameter("w", 2, 3)
                    .matmul(b.input("x", 3))
                    .apply("tanh")
                    .sum()
                    .minus(b.input("y"))
                    .apply("square"),
            1),
        new Case(
            "nothing is affine but the parameters",
            b -> {
              Tensor c = b.parameter("c");
              return b.parameter("k").times(c).times(b.input("y")).apply("exp").plus(c);
            },
            2),
        new Case(
            "a kink is not straight",
            b -> eta(b).apply("relu").minus(b.input("y")).apply("square"),
            1));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void derivativesFollowFromThoseByPredictors(Case one) {
    LossBuilder builder = new LossBuilder();
    Model model = builder.build(one.loss().apply(builder));
    List<String> wrt = List.copyOf(model.parameters().keySet());
    Predictors found = Predictors.of(model, wrt, List.of());
    assertThat(found.predictors()).hasSize(one.predictors());
    assertThat(found.constants()).hasSize(one.name().startsWith("what a row has") ? 2 : 0);
    Random random = new Random(3);
    Map<String, double[]> parameters = new LinkedHashMap<>();
    model.parameters().forEach((name, node) -> parameters.put(name, numbers(node, 1, random)));
    Map<String, double[]> inputs = new LinkedHashMap<>();
    model.inputs().forEach((name, node) -> inputs.put(name, numbers(node, ROWS, random)));
    int p = parameters.values().stream().mapToInt(values -> values.length).sum();
    int q = found.size();
    double[] theta = new double[p];
    int at = 0;
    for (String name : wrt) {
      System.arraycopy(parameters.get(name), 0, theta, at, parameters.get(name).length);
      at += parameters.get(name).length;
    }
    // a and c.
    double[] a = new double[ROWS * q * p];
    double[] z = new double[ROWS * q];
    Map<String, double[]> zero = new LinkedHashMap<>();
    parameters.forEach((name, values) -> zero.put(name, new double[values.length]));
    List<String> names = found.predictors().stream().map(Predictors.Predictor::name).toList();
    Request ofPredictors =
        Request.by(wrt)
            .withSamples(
                Request.PerSample.NONE
                    .withValuesOf(
                        Stream.concat(names.stream(), found.constants().stream()).toList())
                    .withJacobiansOf(names));
    Map<String, double[]> constants = new LinkedHashMap<>();
    try (Engine engine = DerivativeSpec.of(found.affine(), ofPredictors).open(zero)) {
      fill(engine, inputs, model.inputs().keySet());
      engine.evaluate(ROWS);
      found
          .constants()
          .forEach(name -> constants.put(name, engine.column("value_" + name).clone()));
      int k = 0;
      for (Predictors.Predictor predictor : found.predictors()) {
        double[] values = engine.column("value_" + predictor.name());
        double[] jacobian = engine.column("jacobian_" + predictor.name());
        for (int m = 0; m < ROWS; m++) {
          for (int e = 0; e < predictor.size(); e++) {
            int row = m * q + k + e;
            z[row] = values[m * predictor.size() + e];
            for (int i = 0; i < p; i++) {
              a[row * p + i] = jacobian[(m * predictor.size() + e) * p + i];
              z[row] += a[row * p + i] * theta[i];
            }
          }
        }
        k += predictor.size();
      }
    }
    Request.PerSample all =
        Request.PerSample.NONE
            .withValue()
            .withGradient()
            .withHessian(Request.SampleHessianForm.FULL);
    double[] expectedGradient;
    double[] expectedHessian;
    double[] expectedValue;
    try (Engine engine =
        DerivativeSpec.of(model, Request.by(wrt).withSamples(all)).open(parameters)) {
      fill(engine, inputs, model.inputs().keySet());
      engine.evaluate(ROWS);
      expectedValue = engine.column("value").clone();
      expectedGradient = engine.column("gradient").clone();
      expectedHessian = engine.column("hessian").clone();
    }
    try (Engine engine =
        DerivativeSpec.of(found.loss(), Request.by(names).withSamples(all)).open(Map.of())) {
      fill(engine, inputs, found.loss().inputs().keySet());
      fill(engine, constants, found.loss().inputs().keySet());
      int k = 0;
      for (Predictors.Predictor predictor : found.predictors()) {
        for (int m = 0; m < ROWS; m++) {
          System.arraycopy(
              z, m * q + k, engine.input(predictor.name()), m * predictor.size(), predictor.size());
        }
        k += predictor.size();
      }
      engine.evaluate(ROWS);
      for (int m = 0; m < ROWS; m++) {
        close(engine.column("value")[m], expectedValue[m]);
        for (int i = 0; i < p; i++) {
          double gradient = 0;
          for (int u = 0; u < q; u++) {
            gradient += engine.column("gradient")[m * q + u] * a[(m * q + u) * p + i];
          }
          close(gradient, expectedGradient[m * p + i]);
          for (int j = 0; j < p; j++) {
            double hessian = 0;
            for (int u = 0; u < q; u++) {
              for (int v = 0; v < q; v++) {
                hessian +=
                    a[(m * q + u) * p + i]
                        * engine.column("hessian")[(m * q + u) * q + v]
                        * a[(m * q + v) * p + j];
              }
            }
            close(hessian, expectedHessian[(m * p + i) * p + j]);
          }
        }
      }
    }
  }

  private static void close(double actual, double expected) {
    assertThat(actual).isCloseTo(expected, within(1e-12 * (1 + Math.abs(expected))));
  }

  private static double[] numbers(Node node, int rows, Random random) {
    return random.doubles((long) rows * node.shape().size(), -1, 1).toArray();
  }

  private static void fill(Engine engine, Map<String, double[]> inputs, Set<String> known) {
    inputs.forEach(
        (name, values) -> {
          if (known.contains(name)) {
            System.arraycopy(values, 0, engine.input(name), 0, values.length);
          }
        });
  }
}
