package org.sparkcurvature.job.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;
import org.sparkcurvature.engine.Layout;
import org.sparkcurvature.engine.Precision;
import org.sparkcurvature.engine.Request;
import org.sparkcurvature.graph.Shape;
import org.sparkcurvature.job.config.ModelConfig;
import org.sparkcurvature.job.config.Reduction;
import org.sparkcurvature.job.result.ElementNames;
import org.sparkcurvature.job.result.HessianReading;
import org.sparkcurvature.job.result.Objective;
import org.sparkcurvature.job.result.RunSummary;
import org.sparkcurvature.job.sink.Matrices;
import org.sparkcurvature.job.solve.SymmetricMatrix;

class ConsoleReportTest {
  private static final Objective.Hessian NONE = new Objective.Hessian.None();

  @Test
  void aSmallObjectiveIsShownWhole() {
    String text =
        report(
            layout("beta", 3),
            objective(
                0.9129633336,
                new double[] {0.102457128, 0.066343709, 0.002587577},
                new Objective.Hessian.Full(
                    SymmetricMatrix.ofPacked(
                        3,
                        new double[] {
                          2, -0.090513411, 0.027233881, 1.952565254, -0.061451512, 1.875038352
                        }))),
            Request.PerSample.NONE,
            List.of());
    assertThat(text)
        .contains("value, mean over rows\n  0.91296333\n")
        .contains("  beta[0]  0.10245713\n  beta[1]  0.06634371\n  beta[2]  0.00258758\n")
        .contains(
            "               beta[0]      beta[1]      beta[2]\n"
                + "  beta[0]   2.00000000  -0.09051341   0.02723388\n"
                + "  beta[1]  -0.09051341   1.95256525  -0.06145151\n"
                + "  beta[2]   0.02723388  -0.06145151   1.87503835\n")
        .contains("positive definite: eigenvalues from 1.83")
        .contains("written to file:/out\n");
    assertThat(text.lines()).allMatch(line -> line.length() <= 100);
  }

  @Test
  void aLargeObjectiveShowsItsLargestElements() {
    double[] gradient = new double[600];
    Arrays.setAll(gradient, k -> k == 77 ? -9.5 : 0.001 * k);
    String text =
        report(
            layout("W", 600),
            objective(
                1,
                gradient,
                new Objective.Hessian.Full(
                    Matrices.of(600, (i, j) -> i == 3 && j == 599 ? -7.25 : i == j ? 1 : 0))),
            Request.PerSample.NONE,
            List.of());
    assertThat(text)
        .contains("the 10 largest of 600 elements\n  W[77]   -9.5")
        .contains("the 10 largest of 600 x 600\n  W[3], W[599]  -7.25")
        .contains("not judged: eigenvalues are computed up to order 500; this one is 600");
    assertThat(text.lines().count()).isLessThan(50);
  }

  @Test
  void samplesAreShownWithTheirHessians() {
    Map<String, double[]> columns = new LinkedHashMap<>();
    columns.put("value", new double[] {225});
    columns.put("gradient", new double[] {30, 60, 90});
    columns.put("hessian", new double[] {2, 4, 6, 4, 8, 12, 6, 12, 18});
    String text =
        report(
            layout("a", 3),
            Objective.none(),
            perSample(Request.SampleHessianForm.FULL, List.of()),
            List.of(new ShownSample(0, Optional.of("x7"), columns)));
    assertThat(text)
        .contains("id x7\n  value  225\n")
        .contains("\n  gradient         30    60    90\n")
        .contains(
            "  Hessian  a[0]     2     4     6\n           a[1]     4     8    12\n"
                + "           a[2]     6    12    18\n");
  }

  @Test
  void packedHessiansAreShownAsMatrices() {
    String text =
        report(
            layout("a", 2),
            Objective.none(),
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
            Objective.none(),
            perSample(Request.SampleHessianForm.NONE, List.of("out")),
            List.of(new ShownSample(0, Optional.empty(), columns)));
    assertThat(text)
        .containsPattern("jacobian_out\\[0\\] +1 +3 +5\n")
        .containsPattern("adjoint_out \\* jacobian_out +11.0 +17.0 +23.0\n")
        .containsPattern("gradient +11.0 +17.0 +23.5\n")
        .contains("gradient and adjoint_out * jacobian_out differ by at most 0.500000");
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
                Objective.none(),
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
            Objective.none(),
            perSample(Request.SampleHessianForm.PACKED, List.of()),
            List.of(
                new ShownSample(0, Optional.of("p"), one),
                new ShownSample(1, Optional.of("q"), two)));
    assertThat(text)
        .contains("first rows\n  gradients: the 10 largest of 40 elements\n")
        .containsPattern("id p +id q\n +value +1 +1\n +W\\[30\\] +30 +-60\n")
        .containsPattern("W\\[39\\] +39 +-78\n")
        .contains("  and hessian (820 numbers) for each row in per_sample\n");
    // What is not shown need not be there.
    Map<String, Integer> lengths = new LinkedHashMap<>();
    one.keySet().forEach(column -> lengths.put(column, one.get(column).length));
    Map<String, double[]> shown = new LinkedHashMap<>(one);
    Map<String, double[]> alsoShown = new LinkedHashMap<>(two);
    shown.keySet().removeIf(column -> !ConsoleReport.shows(column, 40));
    alsoShown.keySet().removeIf(column -> !ConsoleReport.shows(column, 40));
    assertThat(shown).containsOnlyKeys("value", "gradient");
    assertThat(
            report(
                layout("W", 40),
                Objective.none(),
                perSample(Request.SampleHessianForm.PACKED, List.of()),
                List.of(
                    new ShownSample(0, Optional.of("p"), shown, lengths),
                    new ShownSample(1, Optional.of("q"), alsoShown, lengths))))
        .isEqualTo(text);
  }

  @Test
  void aSingularHessianIsNamed() {
    String text =
        report(
            layout("a", 2),
            objective(
                1, new double[] {0, 0}, new Objective.Hessian.Full(Matrices.of(2, (i, j) -> 1))),
            Request.PerSample.NONE,
            List.of());
    assertThat(text)
        .contains("positive semi-definite")
        .contains("1 of 2 eigenvalues cannot be told from 0");
  }

  @Test
  void blocksAndDiagonalsHaveTheirNames() {
    Map<String, SymmetricMatrix> blocks = new LinkedHashMap<>();
    blocks.put("b0", Matrices.of(1, (i, j) -> 5));
    blocks.put("beta", Matrices.of(2, (i, j) -> i == j ? 3 : 1));
    Layout layout =
        new Layout(
            List.of(
                new Layout.Entry("b0", 0, Shape.SCALAR), new Layout.Entry("beta", 1, Shape.of(2))));
    assertThat(
            report(
                layout,
                objective(1, new double[3], new Objective.Hessian.Blocks(blocks)),
                Request.PerSample.NONE,
                List.of()))
        .contains("Hessian, block of b0\n      b0\n  b0   5\n  positive definite\n")
        .contains("Hessian, block of beta\n")
        .contains("eigenvalues from 2 to 4, condition number 2");
    assertThat(
            report(
                layout,
                objective(1, new double[3], new Objective.Hessian.Diagonal(new double[] {1, 2, 3})),
                Request.PerSample.NONE,
                List.of()))
        .contains("diagonal of the Hessian\n  b0       1\n  beta[0]  2\n  beta[1]  3\n");
  }

  private static Objective objective(double value, double[] gradient, Objective.Hessian hessian) {
    return new Objective(
        OptionalDouble.of(value),
        Optional.of(gradient),
        hessian,
        Optional.empty(),
        Optional.empty());
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
      Layout layout, Objective objective, Request.PerSample perSample, List<ShownSample> samples) {
    RunSummary summary =
        new RunSummary(
            "derive",
            RunSummary.Rows.valid(1000, 1000),
            1000,
            Reduction.MEAN,
            layout,
            objective,
            HessianReading.of(objective),
            Map.of("start_up", 2.0),
            3.25,
            new RunSummary.Machinery(
                Map.of(), "nd4j-native", "cpu", Precision.DOUBLE, 100, Map.of()),
            List.of());
    ModelConfig model =
        new ModelConfig(
            Map.of(), Map.of("eta", "dot(x, beta)"), "exp(eta)", Optional.empty(), false);
    return new ConsoleReport(
            summary, model, ElementNames.of(Map.of()), perSample, samples, "file:/out", Style.PLAIN)
        .text();
  }
}
