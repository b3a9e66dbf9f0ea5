package org.sparkcurvature.job.fit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.DoubleStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.sparkcurvature.graph.Shape;
import org.sparkcurvature.job.config.FitMethod;
import org.sparkcurvature.job.errors.ExitCode;
import org.sparkcurvature.job.errors.JobException;

/**
 * No method ends with success where there is no minimum. Expected values were computed with 40
 * digits by mpmath (Newton's method, normal equations), Longley's are certified by NIST.
 */
class TerminationTest {

  /** Longley (1967), public domain: y, then six predictors. */
  private static final double[][] LONGLEY = {
    {60323, 83.0, 234289, 2356, 1590, 107608, 1947},
    {61122, 88.5, 259426, 2325, 1456, 108632, 1948},
    {60171, 88.2, 258054, 3682, 1616, 109773, 1949},
    {61187, 89.5, 284599, 3351, 1650, 110929, 1950},
    {63221, 96.2, 328975, 2099, 3099, 112075, 1951},
    {63639, 98.1, 346999, 1932, 3594, 113270, 1952},
    {64989, 99.0, 365385, 1870, 3547, 115094, 1953},
    {63761, 100.0, 363112, 3578, 3350, 116219, 1954},
    {66019, 101.2, 397469, 2904, 3048, 117388, 1955},
    {67857, 104.6, 419180, 2822, 2857, 118734, 1956},
    {68169, 108.4, 442769, 2936, 2798, 120445, 1957},
    {66513, 110.8, 444546, 4681, 2637, 121950, 1958},
    {68655, 112.6, 482704, 3813, 2552, 123366, 1959},
    {69564, 114.2, 502601, 3931, 2514, 125368, 1960},
    {69331, 115.7, 518173, 4806, 2572, 127852, 1961},
    {70551, 116.9, 554894, 4007, 2827, 130081, 1962},
  };

  @ParameterizedTest
  @EnumSource(FitMethod.class)
  void longleyHasItsCertifiedEstimates(FitMethod method) {
    LocalObjective objective =
        LocalObjective.loss("square(y - b0 - dot(x, beta)) / 2")
            .column("y", Arrays.stream(LONGLEY).mapToDouble(row -> row[0]).toArray())
            .column(
                "x",
                Shape.of(6),
                Arrays.stream(LONGLEY).flatMapToDouble(row -> Arrays.stream(row).skip(1)).toArray())
            .parameter("b0", 0)
            .parameter("beta", Shape.of(6), new double[6])
            .build();
    FitResult result = objective.fit(method, 1e-10, 100);
    assertThat(result.termination().converged()).as(result.termination().toString()).isTrue();
    isClose(
        result,
        1e-8,
        -3482258.63459582,
        15.0618722713733,
        -0.358191792925910e-01,
        -2.02022980381683,
        -1.03322686717359,
        -0.511041056535807e-01,
        1829.15146461355);
  }

  /** Columns of order 1e8 beside 1e-8. */
  @ParameterizedTest
  @EnumSource(FitMethod.class)
  void columnsOfAnyOrderStandSideBySide(FitMethod method) {
    double[] ramp = {1, 2, 3, 4, 5, 6, 7, 8};
    double[] zigzag = {1, -1, 2, -2, 0.5, -3, 1, 4};
    double[] y = new double[8];
    for (int i = 0; i < 8; i++) {
      y[i] = 3 + 0.5 * ramp[i] - 2 * zigzag[i];
    }
    LocalObjective objective =
        LocalObjective.loss("square(y - b0 - b1 * u - b2 * v) / 2")
            .column("y", y)
            .column("u", DoubleStream.of(ramp).map(r -> 1e8 * r).toArray())
            .column("v", DoubleStream.of(zigzag).map(z -> 1e-8 * z).toArray())
            .parameter("b0", 0)
            .parameter("b1", 0)
            .parameter("b2", 0)
            .build();
    FitResult result = objective.fit(method, 1e-10, 100);
    assertThat(result.termination().converged()).as(result.termination().toString()).isTrue();
    isClose(result, 1e-11, 3, 0.5e-8, -2e8);
  }

  /** The Weibull model whose column is not centred: lifelines, issue 652, 1,500 of its rows. */
  @ParameterizedTest
  @EnumSource(FitMethod.class)
  void aColumnNeedNotBeCentred(FitMethod method) {
    Map<String, double[]> columns = columns("weibull-uncentred.csv");
    LocalObjective objective =
        LocalObjective.loss("exp(z) - event * (z - s - ln(t))")
            .define("z", "(ln(t) - b0 - b1 * x - b2 * u) * exp(-s)")
            .column("t", columns.get("t"))
            .column("event", columns.get("event"))
            .column("x", columns.get("x"))
            .column("u", columns.get("u"))
            .parameter("b0", 0)
            .parameter("b1", 0)
            .parameter("b2", 0)
            .parameter("s", 0)
            .build();
    FitResult result = objective.fit(method, 1e-10, 100);
    assertThat(result.termination().converged()).as(result.termination().toString()).isTrue();
    isClose(
        result,
        1e-8,
        111.0882667874597,
        -0.56776316298326388,
        -0.0035705454564385725,
        Math.log(0.79768381575177461));
  }

  /** Values of order 1e-15, and of order 1e11. */
  @ParameterizedTest
  @EnumSource(FitMethod.class)
  void linesThroughTinyAndHugeValues(FitMethod method) {
    Map<String, double[]> tiny = columns("small-line.csv");
    LocalObjective line =
        LocalObjective.loss("square(y - b0 - b1 * x) / 2")
            .column("x", tiny.get("x"))
            .column("y", tiny.get("y"))
            .parameter("b0", 0)
            .parameter("b1", 0)
            .build();
    FitResult result = line.fit(method, 1e-10, 100);
    assertThat(result.termination().converged()).as(result.termination().toString()).isTrue();
    isClose(result, 1e-10, 5.0135298770349137e-15, 2.9945954791242682e-12);

    Map<String, double[]> huge = columns("market-values.csv");
    LocalObjective values =
        LocalObjective.loss("square(y - b0 - b1 * size - b2 * lev) / 2")
            .column("size", huge.get("size"))
            .column("lev", huge.get("lev"))
            .column("y", huge.get("value"))
            .parameter("b0", 0)
            .parameter("b1", 0)
            .parameter("b2", 0)
            .build();
    FitResult second = values.fit(method, 1e-10, 100);
    assertThat(second.termination().converged()).as(second.termination().toString()).isTrue();
    isClose(second, 1e-10, 4171643662.8770127, 3531981602.1358092, -1542200698.7554435);
  }

  /** A curve with an amplitude of 1e-12. */
  @ParameterizedTest
  @EnumSource(FitMethod.class)
  void aCurveOfTinyAmplitude(FitMethod method) {
    Map<String, double[]> columns = columns("small-curve.csv");
    LocalObjective objective =
        LocalObjective.loss("square(f - amp * exp(-square((w - mean) / sd) / 2)) / 2")
            .column("w", columns.get("w"))
            .column("f", columns.get("f"))
            .parameter("amp", 1.5e-12)
            .parameter("mean", 1.6)
            .parameter("sd", 0.2)
            .build();
    FitResult result = objective.fit(method, 1e-10, 100);
    assertThat(result.termination().converged()).as(result.termination().toString()).isTrue();
    isClose(result, 1e-9, 2.4045968068460572e-12, 1.4501043723666588, 0.16968480216394259);
  }

  /** An equality of coefficients, put in. */
  @ParameterizedTest
  @EnumSource(FitMethod.class)
  void anEqualityIsPutIn(FitMethod method) {
    Map<String, double[]> columns = columns("equality.csv");
    LocalObjective objective =
        LocalObjective.loss("square(y - x1 * b1 - x2 * b2 - x3 * (1.5 - b1)) / 2")
            .column("x1", columns.get("x1"))
            .column("x2", columns.get("x2"))
            .column("x3", columns.get("x3"))
            .column("y", columns.get("y"))
            .parameter("b1", 0)
            .parameter("b2", 0)
            .build();
    FitResult result = objective.fit(method, 1e-10, 100);
    assertThat(result.termination().converged()).as(result.termination().toString()).isTrue();
    isClose(result, 1e-10, 0.98997648577885728, -0.24665364260035904);
  }

  /** Huber's loss with its scale: scikit-learn, issue 27777. By definition of a minimum. */
  @ParameterizedTest
  @EnumSource(FitMethod.class)
  void aScaleBesideAColumnOfThousands(FitMethod method) {
    double[] x = {120, 185, 240, 310, 377, 455, 520, 610, 695, 745};
    LocalObjective objective =
        LocalObjective.loss("exp(s) + 2 * exp(s) * huber((y - b0 - b1 * x) * exp(-s), 1.35)")
            .column("x", DoubleStream.of(x).map(v -> 1000 * v).toArray())
            .column("y", 4, -12, 19, -60, 8, 31, -5, 14, 55, -9)
            .parameter("b0", 0)
            .parameter("b1", 0)
            .parameter("s", 0)
            .build();
    FitResult result = objective.fit(method, 1e-10, 100);
    assertThat(result.termination().converged()).as(result.termination().toString()).isTrue();
    isClose(result, 1e-7, -2.96395762, 2.23117669e-5, Math.log(15.7386805));
  }

  /** f(a, b) = (a^2 - 1)^2 + b^2 has a saddle at 0. */
  @ParameterizedTest
  @EnumSource(FitMethod.class)
  void aSaddleIsLeft(FitMethod method) {
    for (double shift : new double[] {0, -1, 1e6}) {
      LocalObjective objective =
          LocalObjective.loss("square(square(a) - 1) + square(b) + shift")
              .column("shift", shift)
              .parameter("a", 0)
              .parameter("b", 0)
              .build();
      FitResult result = objective.fit(method, 1e-10, 100);
      assertThat(result.termination().converged()).as(shift + " " + result.termination()).isTrue();
      assertThat(Math.abs(result.state().x()[0])).isCloseTo(1, within(1e-8));
    }
  }

  /** A constant beside the loss costs digits of the value alone. */
  @ParameterizedTest
  @EnumSource(FitMethod.class)
  void aConstantHidesNothing(FitMethod method) {
    for (double constant : new double[] {0, 1e6, -1e9}) {
      LocalObjective objective =
          LocalObjective.loss("exp(b) - 3 * b + square(c - b) / 2 + constant")
              .column("constant", constant)
              .parameter("b", -2)
              .parameter("c", 10)
              .build();
      FitResult result = objective.fit(method, 1e-10, 100);
      assertThat(result.termination().converged())
          .as(constant + " " + result.termination())
          .isTrue();
      isClose(result, 1e-7, Math.log(3), Math.log(3));
    }
  }

  /** Never success at a wrong place, wherever one begins. */
  @ParameterizedTest
  @EnumSource(FitMethod.class)
  void absurdStarts(FitMethod method) {
    for (double start : new double[] {1e8, -1e8, 1e30, 1e150, -1e150, 1e300}) {
      LocalObjective objective =
          LocalObjective.loss("square(y - b0 - b1 * x) / 2")
              .column("x", 1, 2, 3, 4, 5)
              .column("y", 1.1, 1.9, 3.2, 3.9, 5.05)
              .parameter("b0", start)
              .parameter("b1", start)
              .build();
      rightOrRefused(objective, method, start, 0.06, 0.99);
    }
    for (double start : new double[] {100, 600, -50, -700, 1e5, 1e300}) {
      LocalObjective objective =
          LocalObjective.loss("exp(b) - 3 * b").parameter("b", start).build();
      rightOrRefused(objective, method, start, Math.log(3));
    }
  }

  /** Weights that differ by 10^15: the fit is that of the heavy rows. */
  @ParameterizedTest
  @EnumSource(FitMethod.class)
  void weightsOfAnyOrder(FitMethod method) {
    LocalObjective objective =
        LocalObjective.loss("square(y - b0 - b1 * x) / 2")
            .column("x", 1, 2, 3, 4)
            .column("y", 1, 3, 7, 5)
            .weights(1e15, 1e15, 1, 1)
            .parameter("b0", 0)
            .parameter("b1", 0)
            .build();
    FitResult result = objective.fit(method, 1e-10, 100);
    assertThat(result.termination().converged()).as(result.termination().toString()).isTrue();
    isClose(result, 1e-10, -1, 2);
  }

  /** Fewer rows than parameters: some minimum, the value of which is 0. */
  @ParameterizedTest
  @EnumSource(FitMethod.class)
  void fewerRowsThanParameters(FitMethod method) {
    LocalObjective objective =
        LocalObjective.loss("square(y - b0 - b1 * x - b2 * square(x)) / 2")
            .column("x", 1, 2)
            .column("y", 1, 3)
            .parameter("b0", 0)
            .parameter("b1", 0)
            .parameter("b2", 0)
            .build();
    FitResult result = objective.fit(method, 1e-10, 100);
    assertThat(result.termination().converged()).as(result.termination().toString()).isTrue();
    assertThat(result.value()).isLessThan(1e-24);
  }

  /** Classes that are separated, and a value without bound. */
  @ParameterizedTest
  @EnumSource(FitMethod.class)
  void noMinimum(FitMethod method) {
    LocalObjective separated =
        LocalObjective.loss("softplus(b0 + b1 * x) - y * (b0 + b1 * x)")
            .column("x", -2, -1, 1, 3, 4)
            .column("y", 0, 0, 1, 1, 1)
            .parameter("b0", 0)
            .parameter("b1", 0)
            .build();
    FitResult result = separated.fit(method, 1e-10, 200);
    assertThat(result.termination().converged()).as(result.termination().toString()).isFalse();
    LocalObjective unbounded =
        LocalObjective.loss("a * x + square(b)")
            .column("x", 1, 2, -1)
            .parameter("a", 0.1)
            .parameter("b", 1)
            .build();
    FitResult second = unbounded.fit(method, 1e-10, 200);
    assertThat(second.termination().converged()).as(second.termination().toString()).isFalse();
  }

  private static void rightOrRefused(
      LocalObjective objective, FitMethod method, double start, double... expected) {
    FitResult result;
    try {
      result = objective.fit(method, 1e-10, 200);
    } catch (JobException e) {
      assertThat(e.exitCode()).isEqualTo(ExitCode.NO_ANSWER);
      return;
    }
    if (result.termination().converged()) {
      for (int i = 0; i < expected.length; i++) {
        assertThat(result.state().x()[i])
            .as("from %s: %s", start, result.termination())
            .isCloseTo(expected[i], within(1e-7));
      }
    }
  }

  private static void isClose(FitResult result, double relative, double... expected) {
    for (int i = 0; i < expected.length; i++) {
      assertThat(result.state().x()[i] / expected[i])
          .as("element %d, %s, %d iterations", i, result.termination(), result.state().iteration())
          .isCloseTo(1, within(relative));
    }
  }

  static Map<String, double[]> columns(String file) {
    try (BufferedReader reader =
        new BufferedReader(
            new InputStreamReader(
                TerminationTest.class.getResourceAsStream("/fit/" + file),
                StandardCharsets.UTF_8))) {
      List<String> lines = reader.lines().toList();
      String[] names = lines.get(0).split(",", -1);
      Map<String, double[]> columns = new LinkedHashMap<>();
      for (int k = 0; k < names.length; k++) {
        int column = k;
        columns.put(
            names[k],
            lines.stream()
                .skip(1)
                .mapToDouble(line -> Double.parseDouble(line.split(",", -1)[column]))
                .toArray());
      }
      return columns;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
