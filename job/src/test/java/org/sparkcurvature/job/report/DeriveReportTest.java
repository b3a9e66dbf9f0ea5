package org.sparkcurvature.job.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.sparkcurvature.engine.Layout;
import org.sparkcurvature.graph.Shape;
import org.sparkcurvature.job.config.Reduction;
import org.sparkcurvature.job.result.ElementNames;
import org.sparkcurvature.job.result.HessianReading;
import org.sparkcurvature.job.result.Objective;
import org.sparkcurvature.job.result.RunSummary;
import org.sparkcurvature.job.sink.Matrices;
import org.sparkcurvature.job.solve.SymmetricMatrix;

class DeriveReportTest {
  private static final View WITH_MATRICES = View.PLAIN.showing(Set.of(Part.HESSIAN));

  @Test
  void theAnswerComesFirst() {
    Objective objective =
        objective(
            0.9129633336,
            new double[] {0.102457128, 0.066343709, 0.002587577},
            new Objective.Hessian.Full(
                SymmetricMatrix.ofPacked(
                    3,
                    new double[] {
                      2, -0.090513411, 0.027233881, 1.952565254, -0.061451512, 1.875038352
                    })));
    assertThat(text(layout("beta", 3), objective, OptionalDouble.of(2.14), View.PLAIN).lines())
        .startsWith(
            "derive  value, gradient and Hessian of a mean over 1,000 rows",
            "  value      0.912963",
            "  gradient   norm 0.12209, NOT a stationary point: a Newton step is 2.1 standard")
        .contains("             errors long (largest: beta[0] 0.1025)")
        .contains("  by         beta [3]: P = 3")
        .contains("             gradient  curvature  Newton step")
        .contains("  matrix: --show hessian");
    assertThat(text(layout("beta", 3), objective, OptionalDouble.empty(), WITH_MATRICES))
        .doesNotContain("stationary")
        .containsPattern("\n           +beta\\[0\\] +beta\\[1\\] +beta\\[2\\]\n")
        .containsPattern("\n  beta\\[1\\] +-0.0905134 +1.95257 +-0.0614515\n");
  }

  @Test
  void theNewtonStepIsThatOfTheHessian() {
    Objective objective =
        objective(
            1,
            new double[] {3, -8},
            new Objective.Hessian.Full(SymmetricMatrix.ofPacked(2, new double[] {2, 0, 4})));
    assertThat(text(layout("a", 2), objective, OptionalDouble.of(1), View.PLAIN))
        .containsPattern("a\\[0\\] +3 +2 +-1\\.50000\n")
        .containsPattern("a\\[1\\] +-8 +4 +2 *\n");
  }

  @Test
  void aLargeObjectiveShowsItsLargestElements() {
    double[] gradient = new double[600];
    Arrays.setAll(gradient, k -> k == 77 ? -9.5 : 0.001 * k);
    Objective objective =
        objective(
            1,
            gradient,
            new Objective.Hessian.Full(
                Matrices.of(600, (i, j) -> i == 3 && j == 599 ? -7.25 : i == j ? 1 : 0)));
    String text = text(layout("W", 600), objective, OptionalDouble.empty(), WITH_MATRICES);
    assertThat(text)
        .containsPattern("\n  W\\[77\\] +-9.50000 +1\n")
        .contains("... 590 more of smaller magnitude: --show all")
        .containsPattern("the 10 largest of 600 x 600 elements\n +W\\[3\\], W\\[599\\] +-7.25000\n")
        .containsPattern(
            "not judged: eigenvalues are computed up to order 500; this one\\s+is\\s+600");
    assertThat(text.lines().count()).isLessThan(50);
    assertThat(
            text(
                layout("W", 600),
                objective,
                OptionalDouble.empty(),
                View.PLAIN.showing(Set.of(Part.ALL))))
        .contains("\n  W[599]  ")
        .doesNotContain("more of smaller");
  }

  @Test
  void aSingularHessianIsNamed() {
    assertThat(
            text(
                layout("a", 2),
                objective(
                    1,
                    new double[] {0, 0},
                    new Objective.Hessian.Full(Matrices.of(2, (i, j) -> 1))),
                OptionalDouble.empty(),
                View.PLAIN))
        .contains("positive semi-definite")
        .containsPattern("1 of 2 eigenvalues\\s+cannot be\\s+told from 0");
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
            text(
                layout,
                objective(1, new double[3], new Objective.Hessian.Blocks(blocks)),
                OptionalDouble.empty(),
                WITH_MATRICES))
        .contains("Hessian    b0: 1 x 1, positive definite, 5\n")
        .contains("Hessian    beta: 2 x 2, positive definite, eigenvalues 2 .. 4, condition 2\n")
        .contains("  hessian_beta\n           beta[0]  beta[1]\n  beta[0]        3        1\n");
    assertThat(
            text(
                layout,
                objective(1, new double[3], new Objective.Hessian.Diagonal(new double[] {1, 2, 3})),
                OptionalDouble.empty(),
                View.PLAIN))
        .contains("its diagonal alone")
        .containsPattern("beta\\[1\\] +0 +3\n");
  }

  @Test
  void oneRowOfNumbersIsOneLineAtAnyWidth() {
    String name = "a_parameter_of_many_characters_that_differs_in_the_last_one_";
    List<String> names = IntStream.range(0, 30).mapToObj(k -> name + (char) ('A' + k)).toList();
    double[] gradient = new double[30];
    Arrays.setAll(gradient, k -> -1e-7 * k * k);
    Objective objective = objective(1, gradient, new Objective.Hessian.Diagonal(new double[30]));
    for (int width : new int[] {60, 80}) {
      String text =
          new DeriveReport(found(layout("p", 30), names, objective, OptionalDouble.empty()))
              .text(View.PLAIN.wide(width).showing(Set.of(Part.ALL)));
      List<String> table =
          text.lines().filter(line -> line.matches("  a_param\\S*\u2026\\S+ .*")).toList();
      assertThat(table).hasSize(30).allMatch(line -> line.length() <= width);
      assertThat(table.stream().map(line -> line.strip().split(" ")[0]).distinct()).hasSize(30);
      assertThat(text).contains("names in full").contains(names.get(7));
    }
  }

  private static Objective objective(double value, double[] gradient, Objective.Hessian hessian) {
    return new Objective(
        OptionalDouble.of(value),
        Optional.of(gradient),
        hessian,
        Optional.empty(),
        Optional.empty());
  }

  private static Layout layout(String name, int length) {
    return new Layout(List.of(new Layout.Entry(name, 0, Shape.of(length))));
  }

  private static DeriveReport.Found found(
      Layout layout, List<String> names, Objective objective, OptionalDouble step) {
    return new DeriveReport.Found(
        RunSummary.Rows.valid(1000, 1000),
        1000,
        Reduction.MEAN,
        layout,
        names,
        false,
        List.of(),
        objective,
        HessianReading.of(objective),
        step,
        false);
  }

  private static String text(Layout layout, Objective objective, OptionalDouble step, View view) {
    return new DeriveReport(found(layout, ElementNames.of(Map.of()).names(layout), objective, step))
        .text(view);
  }
}
