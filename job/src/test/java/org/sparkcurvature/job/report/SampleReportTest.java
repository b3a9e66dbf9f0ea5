package org.sparkcurvature.job.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.sparkcurvature.engine.Layout;
import org.sparkcurvature.engine.Request;
import org.sparkcurvature.graph.Shape;
import org.sparkcurvature.job.result.ElementNames;

class SampleReportTest {
  @Test
  void samplesAreShownWithTheirHessians() {
    Map<String, double[]> columns = new LinkedHashMap<>();
    columns.put("value", new double[] {225});
    columns.put("gradient", new double[] {30, 60, 90});
    columns.put("hessian", new double[] {2, 4, 6, 4, 8, 12, 6, 12, 18});
    String text =
        report(
            layout("a", 3),
            perSample(Request.SampleHessianForm.FULL, List.of()),
            List.of(new ShownSample(0, Optional.of("x7"), columns)));
    assertThat(text)
        .contains("  id x7\n  value  225\n")
        .contains("\n  gradient         30    60    90\n")
        .contains(
            """
              Hessian  a[0]     2     4     6
                       a[1]     4     8    12
                       a[2]     6    12    18
            """);
  }

  @Test
  void packedHessiansAreShownAsMatrices() {
    String text =
        report(
            layout("a", 2),
            perSample(Request.SampleHessianForm.PACKED, List.of()),
            List.of(
                new ShownSample(0, Optional.empty(), Map.of("hessian", new double[] {1, 2, 3}))));
    assertThat(text).contains("  Hessian  a[0]     1     2\n           a[1]     2     3\n");
  }

  @Test
  void theProductOfAdjointAndJacobianStandsBesideTheGradient() {
    Map<String, double[]> columns = new LinkedHashMap<>();
    columns.put("gradient", new double[] {11, 17, 23.5});
    columns.put("adjoint_out", new double[] {1, 2});
    columns.put("jacobian_out", new double[] {1, 3, 5, 5, 7, 9});
    String text =
        report(
            layout("a", 3),
            perSample(Request.SampleHessianForm.NONE, List.of("out")),
            List.of(new ShownSample(0, Optional.empty(), columns)));
    assertThat(text)
        .containsPattern("jacobian_out\\[0\\] +1 +3 +5\n")
        .containsPattern("adjoint_out \\* jacobian_out +11 +17 +23\n")
        .containsPattern("gradient +11 +17 +23.5000\n")
        .contains("gradient and adjoint_out * jacobian_out differ by at most 0.5");
    // Of many parameters the Jacobian is not shown, nor read.
    Map<String, double[]> wide = new LinkedHashMap<>();
    wide.put("value", new double[1]);
    wide.put("gradient", new double[13]);
    wide.put("adjoint_out", new double[] {1});
    Map<String, Integer> lengths = new LinkedHashMap<>();
    wide.forEach((name, elements) -> lengths.put(name, elements.length));
    lengths.put("jacobian_out", 13);
    assertThat(
            report(
                layout("a", 13),
                perSample(Request.SampleHessianForm.NONE, List.of("out")),
                List.of(new ShownSample(0, Optional.empty(), wide, lengths))))
        .contains("jacobian_out (13 numbers)")
        .doesNotContain("differ by");
  }

  @Test
  void wideSamplesStandSideBySide() {
    double[] first = new double[40];
    double[] second = new double[40];
    Arrays.setAll(first, k -> k);
    Arrays.setAll(second, k -> -2.0 * k);
    Map<String, double[]> one = new LinkedHashMap<>();
    one.put("value", new double[] {1});
    one.put("gradient", first);
    one.put("hessian", new double[820]);
    Map<String, double[]> two = new LinkedHashMap<>(one);
    two.put("gradient", second);
    String text =
        report(
            layout("W", 40),
            perSample(Request.SampleHessianForm.PACKED, List.of()),
            List.of(
                new ShownSample(0, Optional.of("p"), one),
                new ShownSample(1, Optional.of("q"), two)));
    assertThat(text)
        .contains("  first rows\n  gradients: the 10 largest of 40 elements\n")
        .containsPattern("id p +id q\n +value +1 +1\n +W\\[30\\] +30 +-60\n")
        .containsPattern("W\\[39\\] +39 +-78\n")
        .contains("  and hessian (820 numbers) for each row in per_sample\n");
    // What is not shown need not be there.
    Map<String, Integer> lengths = new LinkedHashMap<>();
    one.keySet().forEach(column -> lengths.put(column, one.get(column).length));
    Map<String, double[]> shown = new LinkedHashMap<>(one);
    Map<String, double[]> alsoShown = new LinkedHashMap<>(two);
    shown.keySet().removeIf(column -> !SampleReport.shows(column, 40));
    alsoShown.keySet().removeIf(column -> !SampleReport.shows(column, 40));
    assertThat(shown).containsOnlyKeys("value", "gradient");
    assertThat(
            report(
                layout("W", 40),
                perSample(Request.SampleHessianForm.PACKED, List.of()),
                List.of(
                    new ShownSample(0, Optional.of("p"), shown, lengths),
                    new ShownSample(1, Optional.of("q"), alsoShown, lengths))))
        .isEqualTo(text);
  }

  private static Request.PerSample perSample(Request.SampleHessianForm form, List<String> cut) {
    return Request.PerSample.NONE
        .withValue()
        .withGradient()
        .withHessian(form)
        .withJacobiansOf(cut)
        .withAdjointsOf(cut);
  }

  private static Layout layout(String name, int length) {
    return new Layout(List.of(new Layout.Entry(name, 0, Shape.of(length))));
  }

  private static String report(
      Layout layout, Request.PerSample perSample, List<ShownSample> samples) {
    return new SampleReport(ElementNames.of(Map.of()).names(layout), perSample, samples)
        .text(View.PLAIN);
  }
}
