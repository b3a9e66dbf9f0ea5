package org.sparkcurvature.job.fit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.sparkcurvature.job.config.FitMethod;

/**
 * Quantile losses, against linear programmes. Expected numbers are of scipy 1.17, {@code linprog(c,
 * A_eq=[1 x I -I], b_eq=y, method='highs')} with the costs tau and 1 - tau of the residuals' parts;
 * the two rows of residual 0 were then solved, and the value summed, in rational numbers. The data
 * are Engel's of 1857, 235 households.
 */
class QuantileRegressionTest {
  private static final Map<String, double[]> ENGEL = TerminationTest.columns("engel.csv");

  private static LocalObjective.Builder engel(String loss, double unitOfX, double unitOfY) {
    return LocalObjective.loss(loss)
        .column("x", DoubleStream.of(ENGEL.get("income")).map(v -> v * unitOfX).toArray())
        .column("y", DoubleStream.of(ENGEL.get("foodexp")).map(v -> v * unitOfY).toArray())
        .parameter("b0", 0)
        .parameter("b1", 0);
  }

  private static FitResult fit(LocalObjective objective) {
    return objective.fit(FitMethod.TRUST_REGION_NEWTON, 1e-10, 100);
  }

  private static void isOptimum(FitResult result, double tolerance, double value, double... x) {
    assertThat(result.termination()).isEqualTo(FitResult.Termination.PIECEWISE_LINEAR);
    assertThat(result.relativeGradient()).as("relative gap").isLessThanOrEqualTo(1e-9);
    assertThat(result.value()).isCloseTo(value, within(1e-12 * value));
    for (int i = 0; i < x.length; i++) {
      assertThat(result.state().x()[i]).isCloseTo(x[i], within(tolerance * Math.abs(x[i])));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "0.05, 124.88004081257343, 0.34336105763204217, 2174.317315317683",
    "0.5, 81.48224741693616, 0.5601805512094196, 8779.966323812847",
    "0.95, 64.1039631810552, 0.7090685169621465, 1900.2442245062173",
  })
  void quantilesAreTheVerticesOfTheLinearProgramme(double tau, double b0, double b1, double value) {
    String loss = "pinball(y - b0 - b1 * x, " + tau + ")";
    FitResult result = fit(engel(loss, 1, 1).build());
    isOptimum(result, 1e-10, value, b0, b1);
    // Units change nothing but units.
    FitResult wide = fit(engel(loss, 1e6, 1e-6).build());
    isOptimum(wide, 1e-10, 1e-6 * value, 1e-6 * b0, 1e-12 * b1);
  }

  @ParameterizedTest
  @EnumSource(FitMethod.class)
  void everyMethodEndsThere(FitMethod method) {
    FitResult result = engel("pinball(y - b0 - b1 * x, 0.5)", 1, 1).build().fit(method, 1e-10, 400);
    isOptimum(result, 1e-8, 8779.966323812847, 81.48224741693616, 0.5601805512094196);
  }

  /** A fit that goes on from any state that was kept ends with the same bits. */
  @Test
  void goesOnFromEveryStateThatIsKept() {
    LocalObjective objective = engel("pinball(y - b0 - b1 * x, 0.5)", 1, 1).build();
    List<FitState> kept = new ArrayList<>();
    FitResult whole = resumed(objective, FitState.at(objective.model().start()), kept);
    assertThat(kept).hasSizeGreaterThan(30);
    for (int k = 0; k < kept.size(); k += 7) {
      FitResult result = resumed(objective, kept.get(k), new ArrayList<>());
      assertThat(result.state().x()).as("from " + k).containsExactly(whole.state().x());
      assertThat(result.value()).isEqualTo(whole.value());
      assertThat(result.state().iteration()).isEqualTo(whole.state().iteration());
      assertThat(result.state().history()).hasSameSizeAs(whole.state().history());
    }
    FitState late = kept.get(kept.size() - 2);
    assertThat(late.widths()).hasSizeGreaterThan(5);
    List<FitState> rest = new ArrayList<>();
    resumed(objective, late, rest);
    assertThat(rest).hasSizeLessThan(kept.size() / 4);
  }

  private static FitResult resumed(LocalObjective objective, FitState from, List<FitState> kept) {
    double[] l1 = new double[from.x().length];
    return new SmoothedKinks(
            Minimisers.of(FitMethod.TRUST_REGION_NEWTON, SeparablePenalty.l1(l1)),
            objective::smoothed,
            l1)
        .minimise(objective, from, new Minimiser.Limits(1e-10, 100), kept::add);
  }

  /** Four rows in the order 1 2 3 10: any number from 2 to 3 is a median. */
  @Test
  void aMedianThatIsAnInterval() {
    FitResult result =
        fit(
            LocalObjective.loss("pinball(y - m, 0.5)")
                .column("y", 1, 2, 3, 10)
                .parameter("m", 0)
                .build());
    isOptimum(result, 1, 5);
    assertThat(result.state().x()[0]).isBetween(2.0, 3.0);
  }

  /** Weights of whole numbers are repetitions: the value 7 is above half of the weight. */
  @Test
  void weightsAndOneResidualOnly() {
    FitResult result =
        fit(
            LocalObjective.loss("pinball(y - m, 0.5)")
                .column("y", 1, 7, 9)
                .weights(1, 3, 1)
                .parameter("m", 0)
                .build());
    isOptimum(result, 1e-12, 4, 7);
  }

  /** All residuals are 0 on a line through all rows. */
  @Test
  void aPerfectFit() {
    FitResult result =
        fit(
            LocalObjective.loss("pinball(y - b0 - b1 * x, 0.3)")
                .column("x", 1, 2, 3, 4)
                .column("y", 5, 7, 9, 11)
                .parameter("b0", 0)
                .parameter("b1", 0)
                .build());
    assertThat(result.termination()).isEqualTo(FitResult.Termination.PIECEWISE_LINEAR);
    assertThat(result.value()).isCloseTo(0, within(1e-11));
    assertThat(result.state().x()[0]).isCloseTo(3, within(1e-11));
    assertThat(result.state().x()[1]).isCloseTo(2, within(1e-11));
  }

  @Test
  void aTauAboveOneHasNoMinimum() {
    FitResult result =
        fit(
            LocalObjective.loss("pinball(y - m, 1.5)")
                .column("y", 1, 2, 3)
                .parameter("m", 0)
                .build());
    assertThat(result.termination()).isEqualTo(FitResult.Termination.DIVERGED);
  }

  /**
   * The smooth loss of a width is itself a loss: where it says that it converged, its gradient
   * vanishes, against the size of what it is the sum of.
   */
  @ParameterizedTest
  @CsvSource({
    "100, TRUST_REGION_NEWTON",
    "10, TRUST_REGION_NEWTON",
    "1, TRUST_REGION_NEWTON",
    "0.1, TRUST_REGION_NEWTON",
    "0.001, TRUST_REGION_NEWTON",
    "100, LBFGS",
    "10, LBFGS",
    "1, LBFGS",
    "0.1, LBFGS",
    "0.001, LBFGS"
  })
  void smoothLossesOfAnyWidthEndAtTheirMinimumOrSayThatTheyDidNot(double h, FitMethod method) {
    LocalObjective objective =
        engel("0.5 * (y - b0 - b1 * x) + h * softplus(-(y - b0 - b1 * x) / h)", 1, 1)
            .parameter("h", h)
            .wrt("b0", "b1")
            .build();
    FitResult result = objective.fit(method, 1e-10, 100);
    double sumOfX = Arrays.stream(ENGEL.get("income")).sum();
    double[] gradient = result.evaluation().gradient();
    if (result.termination().converged() || h >= 0.1 || method == FitMethod.LBFGS) {
      assertThat(result.termination().converged()).as(result.termination().toString()).isTrue();
      assertThat(gradient[0] / 235).isCloseTo(0, within(1e-9));
      assertThat(gradient[1] / sumOfX).isCloseTo(0, within(1e-9));
    }
  }
}
