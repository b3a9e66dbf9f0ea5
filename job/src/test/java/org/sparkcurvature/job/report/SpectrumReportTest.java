package org.sparkcurvature.job.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.sparkcurvature.engine.Layout;
import org.sparkcurvature.engine.Precision;
import org.sparkcurvature.graph.Shape;
import org.sparkcurvature.job.config.Reduction;
import org.sparkcurvature.job.result.CurvatureVerdict;
import org.sparkcurvature.job.result.RunFacts;
import org.sparkcurvature.job.result.RunSummary;
import org.sparkcurvature.job.result.SpectrumSummary;

class SpectrumReportTest {
  @Test
  void aStationaryPointIsCalledWhatItIs() {
    assertThat(text(CurvatureVerdict.Kind.MINIMUM, 0.5, 3e-9, OptionalInt.of(0)))
        .startsWith("spectrum  MINIMUM: 2 of 2 eigenvalues positive; condition 8\n")
        .containsPattern("\n  of +a sum over [0-9]")
        .contains("  least curved   5.000e-01  b (100% of the direction)\n")
        .contains("  most curved    4.000e+00  c (100% of the direction)\n")
        .doesNotContain("standard errors");
    assertThat(text(CurvatureVerdict.Kind.SADDLE, -0.5, 0, OptionalInt.of(1)))
        .startsWith("spectrum  SADDLE: 1 of 2 eigenvalues positive, 1 negative; condition 8\n")
        .contains("  negative   along beta[0]\n");
  }

  @Test
  void elsewhereTheHessianIsToldApartFromThePoint() {
    assertThat(text(CurvatureVerdict.Kind.MINIMUM, 0.5, 12.34, OptionalInt.of(0)))
        .startsWith("spectrum  NOT STATIONARY; the Hessian is positive definite: 2 of 2")
        .contains("  distance   a Newton step from here is 12 standard errors long\n")
        .doesNotContain("MINIMUM");
    assertThat(
            text(CurvatureVerdict.Kind.SADDLE, -0.5, Double.POSITIVE_INFINITY, OptionalInt.empty()))
        .contains("a Newton step from here is infinitely long\n")
        .containsPattern("indefinite, as far as the extreme\\s+eigenvalues tell");
  }

  @Test
  void noLineIsWiderThanTheTerminal() {
    String name = "a name that takes most of the line, as names of interactions do";
    assertThat(
            text(CurvatureVerdict.Kind.SADDLE, -1e-17, 1, OptionalInt.of(1), List.of(name, "c"))
                .lines())
        .allMatch(line -> line.length() <= View.USUAL)
        .anyMatch(line -> line.endsWith("rounding)"));
  }

  private static String text(
      CurvatureVerdict.Kind kind, double smallest, double step, OptionalInt negative) {
    return text(kind, smallest, step, negative, List.of("b", "c"));
  }

  private static String text(
      CurvatureVerdict.Kind kind,
      double smallest,
      double step,
      OptionalInt negative,
      List<String> names) {
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
    return new SpectrumReport(summary, names).text(View.PLAIN);
  }
}
