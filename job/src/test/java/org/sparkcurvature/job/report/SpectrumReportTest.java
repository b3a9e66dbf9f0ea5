package org.sparkcurvature.job.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.sparkcurvature.engine.Layout;
import org.sparkcurvature.engine.Precision;
import org.sparkcurvature.graph.Shape;
import org.sparkcurvature.job.config.ModelConfig;
import org.sparkcurvature.job.config.Reduction;
import org.sparkcurvature.job.result.CurvatureVerdict;
import org.sparkcurvature.job.result.RunFacts;
import org.sparkcurvature.job.result.RunSummary;
import org.sparkcurvature.job.result.SpectrumSummary;

class SpectrumReportTest {
  @Test
  void aStationaryPointIsCalledWhatItIs() {
    assertThat(text(CurvatureVerdict.Kind.MINIMUM, 0.5, 3e-9, OptionalInt.of(0)))
        .contains("verdict    minimum: 2 positive, 0 zero, 0 negative eigenvalues\n")
        .contains("condition  8\n")
        .contains("  5.00000e-01   1.0e-12  beta[0]\n")
        .doesNotContain("hessian");
    assertThat(text(CurvatureVerdict.Kind.SADDLE, -0.5, 0, OptionalInt.of(1)))
        .contains("verdict    saddle: 1 positive, 0 zero, 1 negative eigenvalues\n")
        .contains("negative   along beta[0]\n");
  }

  @Test
  void elsewhereTheHessianIsToldApartFromThePoint() {
    assertThat(text(CurvatureVerdict.Kind.MINIMUM, 0.5, 12.34, OptionalInt.of(0)))
        .contains("verdict    not stationary: a Newton step would be 12 standard errors long\n")
        .contains("hessian    positive definite: 2 positive, 0 zero, 0 negative eigenvalues\n");
    assertThat(
            text(CurvatureVerdict.Kind.SADDLE, -0.5, Double.POSITIVE_INFINITY, OptionalInt.empty()))
        .contains("verdict    not stationary: a Newton step would be infinitely long\n")
        .contains("hessian    indefinite, as far as the extreme eigenvalues tell\n");
  }

  private static String text(
      CurvatureVerdict.Kind kind, double smallest, double step, OptionalInt negative) {
    RunFacts facts =
        new RunFacts(
            RunSummary.Rows.valid(100, 100),
            100,
            new Layout(List.of(new Layout.Entry("beta", 0, Shape.of(2)))),
            Map.of("start_up", 2.0),
            3.25,
            new RunSummary.Machinery(
                Map.of(), "nd4j-native", "cpu", Precision.DOUBLE, 100, Map.of()),
            List.of());
    SpectrumSummary summary =
        new SpectrumSummary(
            facts,
            Reduction.SUM,
            "dense",
            new double[] {smallest, 4},
            List.of(
                new SpectrumSummary.Pair(smallest, new double[] {1, 0}, 1e-12, "beta[0]"),
                new SpectrumSummary.Pair(4, new double[] {0, 1}, 1e-12, "beta[1]")),
            new CurvatureVerdict(kind, List.of(), smallest < 0 ? List.of("beta[0]") : List.of()),
            step,
            step <= 1e-4,
            negative,
            negative.isPresent() ? OptionalInt.of(0) : OptionalInt.empty(),
            1,
            0);
    return new SpectrumReport(
            summary,
            new ModelConfig(Map.of(), Map.of(), "exp(eta)", Optional.empty(), false),
            "file:/out",
            Style.PLAIN)
        .text();
  }
}
