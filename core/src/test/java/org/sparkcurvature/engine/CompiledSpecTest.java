package org.sparkcurvature.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.sparkcurvature.graph.Model;

/** One plan serves many engines at once. */
class CompiledSpecTest {
  private static final int ROWS = 40;
  private static final int THREADS = 4;

  static Stream<Arguments> cases() {
    return SpecModels.cases();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("cases")
  void enginesOfOnePlanGiveWhatEnginesOfTheirOwnDo(String name, Model model) throws Exception {
    Request request =
        Request.by(List.copyOf(model.parameters().keySet()))
            .withSums(Request.Global.NONE.withValue().withGradient().withHessian().withOpg());
    DerivativeSpec spec = new DerivativeSpec(model, request, Precision.DOUBLE, 1 << 20);
    Samples samples = Samples.random(model, ROWS, 11);
    CompiledSpec planned = spec.planned();
    Callable<double[]> task = () -> sums(planned.open(samples.parameters()), spec, samples);
    ExecutorService threads = Executors.newFixedThreadPool(THREADS);
    try {
      double[] own = sums(spec.open(samples.parameters()), spec, samples);
      for (Future<double[]> found : threads.invokeAll(Collections.nCopies(THREADS, task))) {
        assertThat(found.get()).isEqualTo(own);
      }
    } finally {
      threads.shutdown();
    }
  }

  /** Value, gradient and Hessian, by blocks of seven. */
  private static double[] sums(Engine opened, DerivativeSpec spec, Samples samples) {
    Sums sums = Sums.zero(spec);
    try (Engine engine = opened) {
      for (int first = 0; first < ROWS; first += 7) {
        int from = first;
        int count = Math.min(7, ROWS - first);
        samples.inputs().forEach((input, values) -> engine.supply(input, values, from));
        System.arraycopy(samples.weights(), first, engine.weights(), 0, count);
        engine.evaluate(count);
        engine.addTo(sums);
      }
    }
    return Stream.of(
            new double[] {sums.value()},
            sums.gradient(),
            sums.curvature(Request.Curvature.HESSIAN),
            sums.curvature(Request.Curvature.OPG))
        .flatMapToDouble(Arrays::stream)
        .toArray();
  }
}
