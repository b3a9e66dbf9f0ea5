package org.sparkcurvature.job.fit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.sparkcurvature.job.config.FitMethod;
import org.sparkcurvature.job.solve.ScaledHessian;

/**
 * Units change nothing: a column, the response or a parameter times 10^k, k = -12..12, gives the
 * same estimates in the other unit, the same standard errors and verdict, and takes as many
 * iterations, by every method.
 */
class UnitsTest {
  private static final int ROWS = 200;

  /** What is multiplied by a power of ten. */
  private enum Scaled {
    COLUMN,
    RESPONSE,
    PARAMETER
  }

  /** A model in units of one's own; the factors of parameters make its estimates comparable. */
  private record Problem(LocalObjective objective, double[] units) {}

  /** The same fit in other units. */
  private interface Model {
    Problem in(Scaled what, double factor);
  }

  private static final double[] X1 = normal(1);
  private static final double[] X2 = normal(2);
  private static final double[] NOISE = normal(3);
  private static final double[] UNIFORM = uniform(4);

  private static double[] normal(long seed) {
    Random random = new Random(seed);
    return IntStream.range(0, ROWS).mapToDouble(i -> random.nextGaussian()).toArray();
  }

  private static double[] uniform(long seed) {
    Random random = new Random(seed);
    return IntStream.range(0, ROWS).mapToDouble(i -> random.nextDouble()).toArray();
  }

  private static double[] each(DoubleUnaryOperator of) {
    return IntStream.range(0, ROWS).mapToDouble(of::applyAsDouble).toArray();
  }

  private static double eta(double i) {
    int row = (int) i;
    return 0.5 + 0.7 * X1[row] - 0.4 * (X2[row] + 0.8 * X1[row]);
  }

  /** Predictors that are correlated, the second one in the unit. */
  private static LocalObjective.Builder linear(String loss, double[] y, Scaled what, double unit) {
    double column = what == Scaled.COLUMN ? unit : 1;
    double parameter = what == Scaled.PARAMETER ? unit : 1;
    return LocalObjective.loss(loss)
        .define("eta", "b0 + b1 * x1 + b2 * scale * x2")
        .column("x1", X1)
        .column("x2", each(i -> column * (X2[(int) i] + 0.8 * X1[(int) i])))
        .column("scale", each(i -> parameter))
        .column("y", y)
        .parameter("b0", 0)
        .parameter("b1", 0)
        .parameter("b2", 0);
  }

  private static Problem leastSquares(Scaled what, double unit) {
    double response = what == Scaled.RESPONSE ? unit : 1;
    double[] y = each(i -> response * (eta(i) + 0.3 * NOISE[(int) i]));
    return new Problem(
        linear("square(y - eta) / 2", y, what, unit).build(),
        what == Scaled.RESPONSE
            ? new double[] {1 / unit, 1 / unit, 1 / unit}
            : new double[] {1, 1, unit});
  }

  private static Problem logistic(Scaled what, double unit) {
    double[] y = each(i -> UNIFORM[(int) i] < 1 / (1 + Math.exp(-eta(i))) ? 1 : 0);
    return new Problem(
        linear("softplus(eta) - y * eta", y, what, unit).build(), new double[] {1, 1, unit});
  }

  private static Problem poisson(Scaled what, double unit) {
    double[] y = each(i -> Math.floor(Math.exp(eta(i)) + UNIFORM[(int) i]));
    return new Problem(
        linear("exp(eta) - y * eta", y, what, unit).build(), new double[] {1, 1, unit});
  }

  /** A Gaussian curve, its amplitude in units of the response, its place in units of the column. */
  private static Problem curve(Scaled what, double unit) {
    double response = what == Scaled.RESPONSE ? unit : 1;
    double column = what == Scaled.COLUMN ? unit : 1;
    double parameter = what == Scaled.PARAMETER ? unit : 1;
    double[] w = each(i -> column * (1 + i / ROWS));
    double[] f =
        each(
            i ->
                response
                    * (2.4 * Math.exp(-0.5 * Math.pow((1 + i / ROWS - 1.45) / 0.17, 2))
                        + 0.1 * NOISE[(int) i]));
    LocalObjective objective =
        LocalObjective.loss("square(f - amp * s * exp(-square((w - mean) / sd) / 2)) / 2")
            .column("w", w)
            .column("f", f)
            .column("s", each(i -> parameter))
            .parameter("amp", 1.5 * response / parameter)
            .parameter("mean", 1.6 * column)
            .parameter("sd", 0.2 * column)
            .build();
    return new Problem(objective, new double[] {parameter / response, 1 / column, 1 / column});
  }

  static List<Arguments> cases() {
    List<Arguments> cases = new ArrayList<>();
    for (FitMethod method : FitMethod.values()) {
      cases.add(
          Arguments.of(method, Scaled.COLUMN, "least squares", (Model) UnitsTest::leastSquares));
      cases.add(
          Arguments.of(method, Scaled.RESPONSE, "least squares", (Model) UnitsTest::leastSquares));
      cases.add(
          Arguments.of(method, Scaled.PARAMETER, "least squares", (Model) UnitsTest::leastSquares));
      cases.add(Arguments.of(method, Scaled.COLUMN, "logistic", (Model) UnitsTest::logistic));
      cases.add(Arguments.of(method, Scaled.PARAMETER, "logistic", (Model) UnitsTest::logistic));
      cases.add(Arguments.of(method, Scaled.COLUMN, "poisson", (Model) UnitsTest::poisson));
      cases.add(Arguments.of(method, Scaled.PARAMETER, "poisson", (Model) UnitsTest::poisson));
      cases.add(Arguments.of(method, Scaled.COLUMN, "curve", (Model) UnitsTest::curve));
      cases.add(Arguments.of(method, Scaled.RESPONSE, "curve", (Model) UnitsTest::curve));
      cases.add(Arguments.of(method, Scaled.PARAMETER, "curve", (Model) UnitsTest::curve));
    }
    return cases;
  }

  @ParameterizedTest(name = "{0}, {1} of {2}")
  @MethodSource("cases")
  void aPowerOfTenChangesNothing(FitMethod method, Scaled what, String name, Model model) {
    Problem plain = model.in(what, 1);
    FitResult expected = plain.objective().fit(method, 1e-10, 100);
    assertThat(expected.termination().converged()).as(expected.termination().toString()).isTrue();
    double[] errors = standardErrors(plain, expected);
    for (int k = -12; k <= 12; k++) {
      Problem other = model.in(what, Math.pow(10, k));
      FitResult result = other.objective().fit(method, 1e-10, 100);
      String as = "10^" + k + ": " + result.termination();
      assertThat(result.termination().converged()).as(as).isTrue();
      assertThat(result.state().iteration()).as(as).isEqualTo(expected.state().iteration());
      double[] otherErrors = standardErrors(other, result);
      for (int i = 0; i < errors.length; i++) {
        assertThat(result.state().x()[i] * other.units()[i])
            .as(as)
            .isCloseTo(expected.state().x()[i] * plain.units()[i], within(1e-9 * errors[i]));
        assertThat(otherErrors[i] / errors[i]).as(as).isCloseTo(1, within(1e-9));
      }
    }
  }

  static List<Arguments> penalised() {
    return List.of(
        Arguments.of(Scaled.COLUMN, "least squares", (Model) UnitsTest::leastSquares),
        Arguments.of(Scaled.RESPONSE, "least squares", (Model) UnitsTest::leastSquares),
        Arguments.of(Scaled.PARAMETER, "least squares", (Model) UnitsTest::leastSquares),
        Arguments.of(Scaled.COLUMN, "logistic", (Model) UnitsTest::logistic),
        Arguments.of(Scaled.PARAMETER, "logistic", (Model) UnitsTest::logistic),
        Arguments.of(Scaled.COLUMN, "poisson", (Model) UnitsTest::poisson),
        Arguments.of(Scaled.PARAMETER, "poisson", (Model) UnitsTest::poisson));
  }

  /** With an l1 penalty by the methods that take no Hessian, as where P is large. */
  @ParameterizedTest(name = "{0} of {1}")
  @MethodSource("penalised")
  void norOfAPenalisedFit(Scaled what, String name, Model model) {
    FitResult expected = penalised(what, model, 1);
    double[] units = model.in(what, 1).units();
    assertThat(expected.state().x()[1]).isNotZero();
    for (int k = -12; k <= 12; k++) {
      double factor = Math.pow(10, k);
      FitResult result = penalised(what, model, factor);
      String as = "10^" + k + ": " + result.termination();
      assertThat(result.state().iteration()).as(as).isEqualTo(expected.state().iteration());
      double[] x = result.state().x();
      for (int i = 0; i < x.length; i++) {
        double plain = expected.state().x()[i] * units[i];
        assertThat(x[i] * model.in(what, factor).units()[i])
            .as(as)
            .isCloseTo(plain, within(1e-9 * Math.abs(plain)));
      }
    }
  }

  /** The factor of each element's absolute value is in units of the value over the element's. */
  private static FitResult penalised(Scaled what, Model model, double factor) {
    Problem problem = model.in(what, factor);
    double[] units = problem.units();
    double ofValue = what == Scaled.RESPONSE ? factor * factor : 1;
    double[] l1 = {0, 8 * ofValue * units[1], 8 * ofValue * units[2]};
    FitResult result =
        Minimisers.withoutHessians(l1)
            .minimise(
                problem.objective(),
                FitState.at(new double[3]),
                new Minimiser.Limits(1e-10, 100),
                state -> {});
    assertThat(result.termination().converged()).as(factor + ": " + result.termination()).isTrue();
    return result;
  }

  /** In units of the plain model: those of least squares have the variance of residuals. */
  private static double[] standardErrors(Problem problem, FitResult result) {
    double[] x = result.state().x();
    Evaluation there = problem.objective().at(x, ObjectiveFunction.Order.HESSIAN);
    double[] variances = ScaledHessian.of(there.hessian().orElseThrow()).inverse().diagonal();
    double dispersion = 2 * Math.abs(there.value()) / (ROWS - x.length);
    return IntStream.range(0, x.length)
        .mapToDouble(i -> Math.abs(problem.units()[i]) * Math.sqrt(dispersion * variances[i]))
        .toArray();
  }
}
