package org.sparkcurvature.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.sparkcurvature.graph.Model;

/** Single precision agrees with double as far as it can. */
class PrecisionTest {
  private static final int ROWS = 13;

  static Stream<Arguments> cases() {
    return SpecModels.cases();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("cases")
  void floatsAgreeWithDoubles(String name, Model model) {
    Request request =
        Request.by(List.copyOf(model.parameters().keySet()))
            .withSums(Request.Global.NONE.withValue().withGradient().withHessian().withOpg())
            .withSamples(
                Request.PerSample.NONE
                    .withValue()
                    .withGradient()
                    .withHessian(Request.SampleHessianForm.PACKED));
    DerivativeSpec inDoubles = new DerivativeSpec(model, request, Precision.DOUBLE, 1 << 20);
    DerivativeSpec inFloats = new DerivativeSpec(model, request, Precision.FLOAT, 1 << 20);
    Samples samples = Samples.random(model, ROWS, 11);
    Sums a = samples.sums(inDoubles);
    Sums b = samples.sums(inFloats);
    assertClose(new double[] {b.value()}, new double[] {a.value()});
    assertClose(b.gradient(), a.gradient());
    for (Request.Curvature kind : List.of(Request.Curvature.HESSIAN, Request.Curvature.OPG)) {
      assertClose(b.curvature(kind), a.curvature(kind));
    }
    for (String column : List.of("value", "gradient", "hessian")) {
      List<double[]> exact = samples.column(inDoubles, column);
      List<double[]> rounded = samples.column(inFloats, column);
      for (int row = 0; row < ROWS; row++) {
        assertClose(rounded.get(row), exact.get(row));
      }
    }
    assertThat(inFloats.cost().bytesPerSample()).isLessThan(inDoubles.cost().bytesPerSample());
  }

  private static void assertClose(double[] actual, double[] expected) {
    double scale = 1;
    for (double value : expected) {
      scale = Math.max(scale, Math.abs(value));
    }
    for (int k = 0; k < expected.length; k++) {
      assertThat(actual[k])
          .isCloseTo(expected[k], org.assertj.core.data.Offset.offset(2e-5 * scale));
    }
  }
}
