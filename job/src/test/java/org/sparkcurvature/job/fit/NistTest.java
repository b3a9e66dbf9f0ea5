package org.sparkcurvature.job.fit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.withinPercentage;

import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.sparkcurvature.job.config.FitMethod;
import org.sparkcurvature.job.solve.ScaledHessian;

/**
 * NIST's certified regression problems, each from each of its starts: 8 digits of the estimates and
 * 6 of the standard errors.
 */
class NistTest {
  private static final double ESTIMATES = 8;
  private static final double ERRORS = 6;

  /** Digits of estimates where double arithmetic allows fewer. */
  private static final Map<String, Double> FEWER_DIGITS =
      Map.of(
          // Condition 5e9 on unit columns: rounding of the residuals alone costs 9 digits.
          "Filip", 6.9,
          // Standard errors are 2e7 times the estimates: the gradient's rounding is 1e-7 of them.
          "Wampler5", 6.0);

  /** Digits of standard errors where double arithmetic allows fewer. */
  private static final Map<String, Double> FEWER_OF_ERRORS =
      Map.of(
          // Residuals of 1e-13 are differences of numbers around 1: three digits are left.
          "Lanczos1", 2.9);

  /** Values at minima that are not the certified ones. */
  private static final Map<String, Double> OTHER_MINIMA =
      // b = (0.234, -1.292, -0.836, -0.551): the denominator has a root between the data.
      Map.of("MGH09", 7.971760130109812e-4);

  static Stream<Arguments> problemsWithStarts() {
    return CertifiedProblem.NAMES.stream()
        .flatMap(
            name ->
                IntStream.range(0, CertifiedProblem.load(name).starts())
                    .mapToObj(start -> Arguments.of(name, start + 1)));
  }

  @Test
  void thereAreAllOfThem() {
    List<CertifiedProblem> all =
        CertifiedProblem.NAMES.stream().map(CertifiedProblem::load).toList();
    assertThat(all.stream().filter(CertifiedProblem::linear)).hasSize(11);
    assertThat(all.stream().filter(problem -> !problem.linear() && problem.starts() == 2))
        .hasSize(27);
  }

  @ParameterizedTest
  @MethodSource("problemsWithStarts")
  void theTrustRegionReachesTheCertifiedValues(String name, int start) {
    CertifiedProblem problem = CertifiedProblem.load(name);
    LocalObjective objective = problem.objective(start - 1);
    FitResult result =
        objective.fit(FitMethod.TRUST_REGION_NEWTON, 1e-10, AccuracyTable.MOST_ITERATIONS);
    assertThat(result.termination().converged()).as(result.termination().toString()).isTrue();
    double[] x = result.state().x();
    assertThat(problem.digits(problem.ordered(x, x), problem.estimates()))
        .isGreaterThanOrEqualTo(FEWER_DIGITS.getOrDefault(name, ESTIMATES));
    assertThat(
            problem.digits(
                problem.ordered(x, problem.deviations(objective, x)), problem.deviations()))
        .isGreaterThanOrEqualTo(FEWER_OF_ERRORS.getOrDefault(name, ERRORS));
  }

  @ParameterizedTest
  @MethodSource("problemsWithStarts")
  void otherMethodsAreRightOrSaySo(String name, int start) {
    CertifiedProblem problem = CertifiedProblem.load(name);
    for (FitMethod method : List.of(FitMethod.NEWTON_CG, FitMethod.LBFGS)) {
      LocalObjective objective = problem.objective(start - 1);
      neverWrongInSilence(problem, objective, objective.fit(method, 1e-10, 400));
    }
  }

  /**
   * Not converged; or at the certified minimum; or at a point whose Hessian is singular, which fit
   * says and infer refuses; or at a known minimum beside the certified one.
   */
  private static void neverWrongInSilence(
      CertifiedProblem problem, LocalObjective objective, FitResult result) {
    double[] x = result.state().x();
    if (!result.termination().converged()
        || problem.digits(problem.ordered(x, x), problem.estimates())
            >= Math.min(7, FEWER_DIGITS.getOrDefault(problem.name(), 7.0))) {
      return;
    }
    Evaluation end = objective.at(x, ObjectiveFunction.Order.HESSIAN);
    ScaledHessian hessian = ScaledHessian.of(end.hessian().orElseThrow());
    assertThat(hessian.negative()).isZero();
    if (hessian.isPositiveDefinite()) {
      assertThat(OTHER_MINIMA).containsKey(problem.name());
      assertThat(end.value()).isCloseTo(OTHER_MINIMA.get(problem.name()), withinPercentage(1e-9));
    }
  }
}
