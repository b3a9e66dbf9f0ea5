package org.sparkcurvature.job.fit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.sparkcurvature.graph.Shape;
import org.sparkcurvature.job.config.FitMethod;
import org.sparkcurvature.job.solve.Elements;

/** Minima within bounds are those by the Karush-Kuhn-Tucker conditions, whatever the units. */
class BoundsTest {
  private static final Minimiser.Limits LIMITS = new Minimiser.Limits(1e-10, 300);

  private static FitResult fit(ObjectiveFunction objective, double[] start, SeparablePenalty p) {
    return Minimisers.of(FitMethod.TRUST_REGION_NEWTON, p)
        .minimise(objective, FitState.at(start), LIMITS, state -> {});
  }

  private static double[] filled(int n, double value) {
    double[] filled = new double[n];
    Arrays.fill(filled, value);
    return filled;
  }

  private static LocalObjective counts(double[] x, double[] y, int columns) {
    return LocalObjective.loss("exp(eta) - y * eta")
        .define("eta", "dot(x, beta)")
        .parameter("beta", Shape.of(columns), new double[columns])
        .column("x", Shape.of(columns), x)
        .column("y", y)
        .build();
  }

  /** Correlated columns of units that differ by powers of 10, and counts. */
  private static double[] columns(int rows, int columns, double[] units, Random random) {
    double[] x = new double[rows * columns];
    for (int i = 0; i < rows; i++) {
      double common = random.nextGaussian();
      for (int j = 0; j < columns; j++) {
        x[i * columns + j] = (0.3 * common + 0.3 * random.nextGaussian()) * units[j];
      }
    }
    return x;
  }

  private static double[] response(double[] x, double[] beta, Random random) {
    int columns = beta.length;
    double[] y = new double[x.length / columns];
    for (int i = 0; i < y.length; i++) {
      double eta = 0;
      for (int j = 0; j < columns; j++) {
        eta += x[i * columns + j] * beta[j];
      }
      y[i] = Math.rint(Math.exp(eta) * (0.5 + random.nextDouble()));
    }
    return y;
  }

  @ParameterizedTest
  @CsvSource({"20, 0", "20, 6", "40, 12"})
  void gradientsPointOutwardsAtBoundsAndVanishWithin(int columns, int spread) {
    Random random = new Random(columns);
    double[] units =
        IntStream.range(0, columns)
            .mapToDouble(j -> spread == 0 ? 1 : Math.pow(10, random.nextInt(2 * spread) - spread))
            .toArray();
    double[] x = columns(100, columns, units, random);
    double[] beta =
        IntStream.range(0, columns).mapToDouble(j -> (j % 3 - 1) * 0.7 / units[j]).toArray();
    ObjectiveFunction objective = counts(x, response(x, beta, random), columns);
    double[] lower = new double[columns];
    double[] upper = IntStream.range(0, columns).mapToDouble(j -> 0.1 / units[j]).toArray();
    upper[0] = 0; // held
    FitResult result =
        fit(
            objective,
            new double[columns],
            new SeparablePenalty(new double[columns], lower, upper));
    assertThat(result.termination().converged()).as(result.termination().toString()).isTrue();
    double[] at = result.state().x();
    double[] gradient = objective.at(at, ObjectiveFunction.Order.GRADIENT).gradient();
    int inside = 0;
    int low = 0;
    int high = 0;
    for (int j = 0; j < columns; j++) {
      double scaled = gradient[j] / units[j];
      if (lower[j] == upper[j]) {
        assertThat(at[j]).isEqualTo(lower[j]);
      } else if (at[j] == lower[j]) {
        assertThat(scaled).isGreaterThan(0);
        low++;
      } else if (at[j] == upper[j]) {
        assertThat(scaled).isLessThan(0);
        high++;
      } else {
        assertThat(at[j]).isBetween(lower[j], upper[j]);
        assertThat(scaled).isCloseTo(0, within(1e-9));
        inside++;
      }
    }
    assertThat(low).isPositive();
    assertThat(high).isPositive();
    assertThat(inside).isPositive();
  }

  /** Rosenbrock's function, which is not convex: with x at most u the minimum is at (u, u^2). */
  @ParameterizedTest
  @ValueSource(doubles = {-1.5, -0.2, 0.5, 0.999, 1, 3})
  void valleysAreFollowedAlongBounds(double u) {
    LocalObjective objective =
        LocalObjective.loss("100 * square(b - square(a)) + square(1 - a) + 0 * y")
            .parameter("a", 0)
            .parameter("b", 0)
            .column("y", new double[] {0})
            .build();
    FitResult result =
        fit(
            objective,
            new double[] {-1.2, 1},
            new SeparablePenalty(
                new double[2],
                filled(2, Double.NEGATIVE_INFINITY),
                new double[] {u, Double.POSITIVE_INFINITY}));
    double a = Math.min(u, 1);
    assertThat(result.termination().converged()).isTrue();
    assertThat(result.state().x()[0]).isCloseTo(a, within(1e-9));
    assertThat(result.state().x()[1]).isCloseTo(a * a, within(1e-9));
  }

  @Test
  void absoluteValuesAndBoundsGoTogether() {
    LocalObjective objective =
        LocalObjective.loss("square(y - a) + square(y - b) + square(y - c)")
            .parameter("a", 0)
            .parameter("b", 0)
            .parameter("c", 0)
            .column("y", new double[] {1, 3})
            .build();
    // 2 (x - 2)^2 + l1 |x| has its minimum at 2 - l1 / 4.
    SeparablePenalty penalty =
        new SeparablePenalty(
            new double[] {2, 2, 9}, new double[] {-1, 0, -1}, new double[] {5, 1, 5});
    double[] x = fit(objective, new double[3], penalty).state().x();
    assertThat(x[0]).isCloseTo(1.5, within(1e-12));
    assertThat(x[1]).isEqualTo(1);
    assertThat(x[2]).isZero();
  }

  /** Columns 3 and 5 are sums of those before, in units that differ. */
  @ParameterizedTest
  @ValueSource(ints = {0, 6})
  void laterColumnsThatOthersDetermineAreHeldAtZero(int power) {
    Random random = new Random(9);
    double unit = Math.pow(10, power);
    double[] x = columns(80, 6, new double[] {1, 1 / unit, 1, unit, 1, 1}, random);
    for (int i = 0; i < x.length; i += 6) {
      x[i + 3] = unit * (x[i] - 2 * unit * x[i + 1]);
      x[i + 5] = x[i + 2] + x[i + 4] / unit;
    }
    ObjectiveFunction objective =
        counts(x, response(x, new double[] {0.5, 0.2 * unit, -0.5, 0, 0.3, 0}, random), 6);
    FitResult whole = fit(objective, new double[6], SeparablePenalty.none(6));
    double[] at = whole.state().x();
    Evaluation there = objective.at(at, ObjectiveFunction.Order.HESSIAN);
    int[] all = IntStream.range(0, 6).toArray();
    Optional<CollinearElements> collinear =
        CollinearElements.at(
            at,
            there.hessian().orElseThrow(),
            new Elements(all, 6),
            all,
            (vectors, count) -> objective.hessianTimes(at, vectors, count));
    assertThat(collinear).isPresent();
    assertThat(collinear.get().dropped()).containsExactly(3, 5);
    double[] point = collinear.get().point();
    assertThat(point[3]).isZero();
    assertThat(point[5]).isZero();
    assertThat(objective.at(point, ObjectiveFunction.Order.GRADIENT).value())
        .isCloseTo(there.value(), within(1e-9 * Math.abs(there.value())));
    FitResult rest =
        fit(objective, point, SeparablePenalty.none(6).holding(new int[] {3, 5}, point));
    assertThat(rest.termination().converged()).isTrue();
    int[] left = {0, 1, 2, 4};
    assertThat(
            CollinearElements.at(
                rest.state().x(),
                rest.evaluation().hessian().orElseThrow(),
                new Elements(left, 6),
                left,
                (vectors, count) -> objective.hessianTimes(rest.state().x(), vectors, count)))
        .isEmpty();
  }
}
