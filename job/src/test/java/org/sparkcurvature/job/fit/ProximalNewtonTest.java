package org.sparkcurvature.job.fit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.sparkcurvature.graph.Shape;
import org.sparkcurvature.job.config.FitMethod;

/** l1 and elastic net: what the methods end with are minima by the definition of one. */
class ProximalNewtonTest {
  private static final Minimiser.Limits LIMITS = new Minimiser.Limits(1e-10, 300);

  /** Fisher's iris, setosa and versicolor: a plane separates them. */
  private static LocalObjective separableClasses() throws IOException {
    double[][] rows = Tables.read("separable-classes.csv");
    double[] x = new double[rows.length * 4];
    double[] y = new double[rows.length];
    for (int i = 0; i < rows.length; i++) {
      System.arraycopy(rows[i], 0, x, 4 * i, 4);
      y[i] = rows[i][4];
    }
    return LocalObjective.loss("softplus(eta) - y * eta")
        .define("eta", "b0 + dot(x, beta)")
        .parameter("b0", 0)
        .parameter("beta", Shape.of(4), 0, 0, 0, 0)
        .column("x", Shape.of(4), x)
        .column("y", y)
        .build();
  }

  /**
   * Against scipy 1.16: L-BFGS-B on b = p - q with p, q at least 0, then Newton's method on the
   * elements that are not 0 until nothing changes.
   */
  @ParameterizedTest
  @CsvSource({
    "10, 0, 27.343724413736133, -5.082641158785716, 0, 0, 1.8232216576207423, 0",
    "1, 0, 5.096249500133126, -10.466784990640587, 0, 0, 3.9365860565328084, 0",
    "0.1, 0, 0.8069329653991573, -17.017310914612445, 0, 0, 6.657995990479822, 0",
    "0.01, 0, 0.11550166654369946, -24.90694891449782, 0, 0, 9.94733695837182, 0",
    "1, 2, 12.435674449863473, -5.231372177242489, 0.08889474197369374, -0.42055922768014786,"
        + " 2.0400350701916685, 0.5340276226693832",
  })
  void separableClassesHaveAMinimum(
      double l1, double l2, double value, double b0, double b1, double b2, double b3, double b4)
      throws IOException {
    double[] expected = {b0, b1, b2, b3, b4};
    double[] factors = {0, l1, l1, l1, l1};
    ObjectiveFunction objective = new Ridge(separableClasses(), new double[] {0, l2, l2, l2, l2});
    List<Minimiser> methods = methods(factors);
    for (Minimiser method : methods) {
      // Newton's method ends with a step that squares the error; others where 8 digits are right.
      double digits = method == methods.get(0) ? 1e-9 : 1e-8;
      FitResult result =
          method.minimise(objective, FitState.at(new double[5]), LIMITS, state -> {});
      assertThat(result.termination().converged())
          .as(method + ": " + result.termination())
          .isTrue();
      assertThat(result.value()).isCloseTo(value, within(1e-12 * value));
      for (int i = 0; i < 5; i++) {
        if (expected[i] == 0) {
          assertThat(result.state().x()[i]).isZero();
        } else {
          assertThat(result.state().x()[i] / expected[i]).isCloseTo(1, within(digits));
        }
      }
    }
  }

  /** The exact one, that of first-order steps before it, and that of any P. */
  private static List<Minimiser> methods(double[] factors) {
    return List.of(
        Minimisers.of(FitMethod.TRUST_REGION_NEWTON, SeparablePenalty.l1(factors)),
        Minimisers.of(FitMethod.OWLQN, SeparablePenalty.l1(factors)),
        Minimisers.withoutHessians(factors));
  }

  /** Correlated columns, as many as there are rows and more. */
  @ParameterizedTest
  @CsvSource({"20, 0", "60, 0", "150, 0", "20, 2", "60, 2", "150, 2"})
  void subgradientsVanishAndNothingDependsOnUnits(int columns, int method) {
    int rows = 60;
    Random random = new Random(columns);
    double[] x = new double[rows * columns];
    double[] y = new double[rows];
    for (int i = 0; i < rows; i++) {
      double common = random.nextGaussian();
      for (int j = 0; j < columns; j++) {
        x[i * columns + j] = common + 0.3 * random.nextGaussian();
      }
      y[i] = x[i * columns] - 2 * x[i * columns + 1] + 0.5 * random.nextGaussian();
    }
    FitResult own = leastSquares(x, y, columns, method, new int[columns], 0);
    assertMinimal(own, 1);
    int[] powers = new int[columns];
    for (int j = 0; j < columns; j++) {
      powers[j] = random.nextInt(25) - 12;
    }
    FitResult other = leastSquares(x, y, columns, method, powers, 9);
    assertThat(other.termination().converged()).isTrue();
    // Powers of 10 round: a step or two more may be needed to get below the rounding of the value.
    assertThat(other.state().iteration())
        .isBetween(own.state().iteration() - 2, own.state().iteration() + 2);
    for (int j = 0; j < columns; j++) {
      double expected = own.state().x()[j] * Math.pow(10, 9 - powers[j]);
      assertThat(other.state().x()[j]).isCloseTo(expected, within(1e-8 * Math.abs(expected)));
    }
  }

  private static FitResult leastSquares(
      double[] x, double[] y, int columns, int method, int[] powers, int ofResponse) {
    double[] scaled = x.clone();
    double[] factors = new double[columns];
    for (int k = 0; k < x.length; k++) {
      scaled[k] *= Math.pow(10, powers[k % columns]);
    }
    for (int j = 0; j < columns; j++) {
      factors[j] = Math.pow(10, powers[j] + ofResponse);
    }
    double unit = Math.pow(10, ofResponse);
    LocalObjective objective =
        LocalObjective.loss("square(y - dot(x, beta)) / 2")
            .parameter("beta", Shape.of(columns), new double[columns])
            .column("x", Shape.of(columns), scaled)
            .column("y", Arrays.stream(y).map(v -> v * unit).toArray())
            .build();
    FitResult result =
        methods(factors)
            .get(method)
            .minimise(objective, FitState.at(new double[columns]), LIMITS, state -> {});
    assertThat(result.termination().converged()).as(result.termination().toString()).isTrue();
    return result;
  }

  private static void assertMinimal(FitResult result, double factor) {
    double[] x = result.state().x();
    int zeros = 0;
    for (int i = 0; i < x.length; i++) {
      double gradient = result.evaluation().gradient()[i];
      if (x[i] == 0) {
        zeros++;
        assertThat(Math.abs(gradient)).isLessThanOrEqualTo(factor * (1 + 1e-12));
      } else {
        assertThat(gradient).isCloseTo(-factor * Math.signum(x[i]), within(1e-9 * factor));
      }
    }
    assertThat(zeros).isPositive();
  }

  /** The least factor at which every element is 0 is the largest gradient there. */
  @Test
  void allElementsAreZeroWhereThePenaltyIsLarge() throws IOException {
    LocalObjective objective = separableClasses();
    double[] factors = {0, 1e4, 1e4, 1e4, 1e4};
    FitResult result =
        Minimisers.of(FitMethod.TRUST_REGION_NEWTON, SeparablePenalty.l1(factors))
            .minimise(objective, FitState.at(new double[] {3, 1, 1, 1, 1}), LIMITS, state -> {});
    assertThat(result.termination().converged()).isTrue();
    assertThat(Arrays.copyOfRange(result.state().x(), 1, 5)).containsOnly(0);
    assertThat(result.state().x()[0]).isCloseTo(0, within(1e-9)); // half of the rows are ones
  }

  @Test
  void aRunThatIsResumedEndsWithTheSameBits() throws IOException {
    double[] factors = {0, 0.1, 0.1, 0.1, 0.1};
    Minimiser method = Minimisers.of(FitMethod.TRUST_REGION_NEWTON, SeparablePenalty.l1(factors));
    LocalObjective objective = separableClasses();
    FitState start = FitState.at(new double[5]);
    FitResult whole = method.minimise(objective, start, LIMITS, state -> {});
    FitResult part = method.minimise(objective, start, new Minimiser.Limits(1e-10, 3), state -> {});
    assertThat(part.termination()).isEqualTo(FitResult.Termination.MAX_ITERATIONS);
    FitResult resumed = method.minimise(objective, part.state(), LIMITS, state -> {});
    assertThat(resumed.state().x()).isEqualTo(whole.state().x());
    assertThat(resumed.state().iteration()).isEqualTo(whole.state().iteration());
  }
}
