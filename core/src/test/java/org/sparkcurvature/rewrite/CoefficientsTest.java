package org.sparkcurvature.rewrite;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
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
import org.sparkcurvature.rewrite.Coefficients.Entry;
import org.sparkcurvature.rewrite.Coefficients.Form;

/** What is found as it is equals, bit by bit, what an evaluation gives. */
class CoefficientsTest {
  private static final int ROWS = 5;

  private record Case(String name, Function<LossBuilder, Tensor> predictor, boolean isFound) {
    @Override
    public String toString() {
      return name;
    }
  }

  private static Stream<Case> cases() {
    return Stream.of(
        new Case("linear", CoefficientsTest::eta, true),
        new Case("an offset", b -> eta(b).plus(b.input("o")), true),
        new Case(
            "two tensors of columns",
            b -> eta(b).plus(b.input("t", 2).dot(b.parameter("gamma", 2))),
            true),
        new Case("one column", b -> b.input("o").times(b.parameter("a")), true),
        new Case("a matrix", b -> b.parameter("w", 2, 3).matmul(b.input("x", 3)), true),
        new Case("a number in front of parameters", b -> b.parameter("beta", 3).sum(), true),
        new Case("twice the predictor", b -> eta(b).times(2), false),
        new Case("a parameter of two terms", b -> twice(eta(b)), false),
        new Case("two offsets", b -> eta(b).plus(b.input("o")).plus(b.input("u")), false),
        new Case("a product of columns", b -> eta(b).times(b.input("o")), false),
        new Case("the opposite", b -> b.input("o").minus(eta(b)), false));
  }

  private static Tensor eta(LossBuilder b) {
    return b.input("x", 3).dot(b.parameter("beta", 3)).plus(b.parameter("a"));
  }

  private static Tensor twice(Tensor tensor) {
    return tensor.plus(tensor);
  }

  @ParameterizedTest
  @MethodSource("cases")
  void theyAreThoseOfAnEvaluation(Case one) {
    LossBuilder builder = new LossBuilder();
    Tensor predictor = one.predictor().apply(builder);
    // The sum of a tensor has no curvature, and the square has.
    Model model = builder.build(predictor.apply("exp").sum());
    List<String> wrt = List.copyOf(model.parameters().keySet());
    Predictors predictors = Predictors.of(model, wrt, List.of());
    Predictors.Predictor its = predictors.predictors().get(0);
    Map<String, Integer> offsets = new LinkedHashMap<>();
    int length = 0;
    for (String name : wrt) {
      offsets.put(name, length);
      length += model.parameters().get(name).shape().size();
    }
    Node node = predictors.affine().definitions().get(its.name());
    Optional<List<Form>> found = Coefficients.of(node, offsets);
    assertThat(found.isPresent()).isEqualTo(one.isFound());
    if (found.isEmpty()) {
      return;
    }
    Map<String, double[]> zero = new LinkedHashMap<>();
    model.parameters().forEach((name, of) -> zero.put(name, new double[of.shape().size()]));
    Request request =
        Request.by(wrt)
            .withSamples(
                Request.PerSample.NONE
                    .withValuesOf(List.of(its.name()))
                    .withJacobiansOf(List.of(its.name())));
    Random random = new Random(7);
    try (Engine engine = DerivativeSpec.of(predictors.affine(), request).open(zero)) {
      for (String input : model.inputs().keySet()) {
        int size = ROWS * model.inputs().get(input).shape().size();
        System.arraycopy(random.doubles(size, -1, 1).toArray(), 0, engine.input(input), 0, size);
      }
      engine.evaluate(ROWS);
      double[] values = engine.column("value_" + its.name());
      double[] jacobian = engine.column("jacobian_" + its.name());
      for (int row = 0; row < ROWS; row++) {
        for (int e = 0; e < its.size(); e++) {
          Form form = found.get().get(e);
          int at = row * its.size() + e;
          assertThat(number(form.constant(), engine, model, row)).isEqualTo(values[at] + 0.0);
          for (int k = 0; k < length; k++) {
            Entry number = form.coefficients().getOrDefault(k, Entry.ZERO);
            assertThat(number(number, engine, model, row))
                .isEqualTo(jacobian[at * length + k] + 0.0);
          }
        }
      }
    }
  }

  private static double number(Entry number, Engine engine, Model model, int row) {
    return number.isFixed()
        ? number.value()
        : engine
            .input(number.input())[
            row * model.inputs().get(number.input()).shape().size() + number.element()];
  }
}
