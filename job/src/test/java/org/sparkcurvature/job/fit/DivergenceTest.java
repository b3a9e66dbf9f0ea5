package org.sparkcurvature.job.fit;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.sparkcurvature.graph.Shape;
import org.sparkcurvature.job.config.FitMethod;

/** Minima are told from values that fall for ever. */
class DivergenceTest {

  private static LocalObjective logistic(double[] x, double[] y, int columns) {
    return LocalObjective.loss("softplus(eta) - y * eta")
        .define("eta", "b0 + dot(x, beta)")
        .parameter("b0", 0)
        .parameter("beta", Shape.of(columns), new double[columns])
        .column("x", Shape.of(columns), x)
        .column("y", y)
        .build();
  }

  /**
   * Fits and looks beyond; empty where the fit did not end at a minimum or on a way to infinity.
   */
  private static Optional<Divergence.Found> found(LocalObjective objective, FitMethod method) {
    FitResult ended = objective.fit(method, 1e-10, 500);
    double[] start = objective.model().start();
    Evaluation whole = objective.at(ended.state().x(), ObjectiveFunction.Order.HESSIAN);
    FitResult result =
        new FitResult(ended.state(), whole, ended.gradient(), ended.value(), ended.termination());
    Optional<Divergence.Found> found =
        new Divergence(objective, SeparablePenalty.none(start.length))
            .of(result, start, ended.evaluation().hessian().isEmpty());
    assertThat(ended.termination().converged() || found.isPresent())
        .as("a minimum or a way to infinity, not " + ended.termination())
        .isTrue();
    return found;
  }

  /** The file holds the verdicts of Konis's linear programme, by scipy's HiGHS. */
  @ParameterizedTest
  @EnumSource(
      value = FitMethod.class,
      names = {"TRUST_REGION_NEWTON", "LBFGS"})
  void separatedClassesAreThoseOfALinearProgramme(FitMethod method) throws IOException {
    Map<Integer, List<double[]>> sets = new TreeMap<>();
    for (double[] row : Tables.read("separation.csv")) {
      sets.computeIfAbsent((int) row[0], s -> new ArrayList<>()).add(row);
    }
    List<String> wrong = new ArrayList<>();
    sets.forEach(
        (number, rows) -> {
          double[] x = rows.stream().flatMapToDouble(r -> Arrays.stream(r, 3, 6)).toArray();
          double[] y = rows.stream().mapToDouble(r -> r[2]).toArray();
          boolean separated = rows.get(0)[1] == 1;
          if (found(logistic(x, y, 3), method).isPresent() != separated) {
            wrong.add("set " + number + (separated ? " is separated" : " is not separated"));
          }
        });
    assertThat(sets.keySet()).hasSizeGreaterThan(50);
    assertThat(wrong).isEmpty();
  }

  /** A separating column beside one of order 1e-8, whose coefficient is large and finite. */
  @ParameterizedTest
  @ValueSource(doubles = {1e-12, 1e-8, 1, 1e8})
  void aSeparationBesideALargeCoefficientIsNamed(double unit) {
    Random random = new Random(1);
    int rows = 400;
    double[] x = new double[2 * rows];
    double[] y = new double[rows];
    for (int i = 0; i < rows; i++) {
      double small = random.nextGaussian();
      x[2 * i] = i % 20 == 0 ? 1 : 0;
      x[2 * i + 1] = small * unit;
      y[i] = i % 20 == 0 || random.nextDouble() < 1 / (1 + Math.exp(-small)) ? 1 : 0;
    }
    double[] direction =
        found(logistic(x, y, 2), FitMethod.TRUST_REGION_NEWTON).orElseThrow().direction();
    assertThat(direction[0]).isZero();
    assertThat(direction[1]).isPositive();
    assertThat(direction[2]).isZero();
  }

  /** Two of 600 levels are without events. */
  @Test
  void levelsWithoutEventsAreNamed() {
    Random random = new Random(2);
    int levels = 600;
    double[] level = new double[12 * levels];
    double[] y = new double[12 * levels];
    for (int i = 0; i < y.length; i++) {
      level[i] = i % levels;
      int k = i / levels;
      y[i] = level[i] == 77 || level[i] == 301 ? 0 : k < 2 ? k : random.nextInt(2);
    }
    LocalObjective objective =
        LocalObjective.loss("softplus(a[level]) - y * a[level]")
            .parameter("a", Shape.of(levels), new double[levels])
            .column("level", level)
            .column("y", y)
            .build();
    double[] direction = found(objective, FitMethod.TRUST_REGION_NEWTON).orElseThrow().direction();
    for (int i = 0; i < levels; i++) {
      if (i == 77 || i == 301) {
        assertThat(direction[i]).isNegative();
      } else {
        assertThat(direction[i]).as("level " + i).isZero();
      }
    }
  }

  @Test
  void aValueThatFallsLikeAnExponentialOrAHyperbolaHasNoMinimum() {
    for (String loss :
        List.of("exp(-b)", "1 / (1 + exp(b)) + square(c - 1)", "-b", "1 / (1 + b)")) {
      LocalObjective.Builder builder = LocalObjective.loss(loss).parameter("b", 1);
      if (loss.contains("c")) {
        builder.parameter("c", 0);
      }
      LocalObjective objective = builder.column("y", 0).build();
      double[] direction =
          found(objective, FitMethod.TRUST_REGION_NEWTON).orElseThrow().direction();
      assertThat(direction[0]).as(loss).isPositive();
    }
  }

  /** An exact fit: the scale, exp(u), goes to 0, and the curvature along b0 and b1 to infinity. */
  @Test
  void aScaleThatGoesToZeroIsNamed() {
    LocalObjective objective =
        LocalObjective.loss("exp(u) + 2 * exp(u) * huber((y - b0 - b1 * x) / exp(u), 1.35)")
            .parameter("b0", 0)
            .parameter("b1", 0)
            .parameter("u", 0)
            .column("x", 15000, 75000, 30000)
            .column("y", 2, 2, 2)
            .build();
    double[] direction = found(objective, FitMethod.TRUST_REGION_NEWTON).orElseThrow().direction();
    assertThat(direction[0]).isZero();
    assertThat(direction[1]).isZero();
    assertThat(direction[2]).isNegative();
  }

  @Test
  void aKinkIsToldFromASmoothPoint() {
    LocalObjective kink =
        LocalObjective.loss("abs(y - b)").parameter("b", 0).column("y", 1, 2, 5).build();
    assertThat(Kinks.at(kink, new double[] {2}, new double[] {2})).isTrue();
    LocalObjective smooth =
        LocalObjective.loss("square(y - b)").parameter("b", 0).column("y", 1, 2, 5).build();
    assertThat(Kinks.at(smooth, new double[] {2}, new double[] {2})).isFalse();
  }
}
