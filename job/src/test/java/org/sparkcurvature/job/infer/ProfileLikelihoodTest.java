package org.sparkcurvature.job.infer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.sparkcurvature.graph.Shape;
import org.sparkcurvature.job.config.FitMethod;
import org.sparkcurvature.job.fit.FitResult;
import org.sparkcurvature.job.fit.LocalObjective;
import org.sparkcurvature.job.fit.Minimiser;
import org.sparkcurvature.job.fit.ObjectiveFunction;
import org.sparkcurvature.job.fit.SeparablePenalty;
import org.sparkcurvature.job.solve.ScaledHessian;
import org.sparkcurvature.job.solve.SymmetricMatrix;

/** Ends of profiles that are known in closed form, or that there are none of. */
class ProfileLikelihoodTest {
  private static final double ROOT = 1.959963984540054;

  private static ProfileLikelihood profile(LocalObjective objective) {
    FitResult fit = objective.fit(FitMethod.TRUST_REGION_NEWTON, 1e-12, 100);
    assertThat(fit.termination().converged()).isTrue();
    double[] x = fit.state().x();
    SymmetricMatrix hessian =
        objective.at(x, ObjectiveFunction.Order.HESSIAN).hessian().orElseThrow();
    int p = x.length;
    double[] packed = new double[Math.toIntExact(SymmetricMatrix.packedLength(p))];
    for (int i = 0; i < p; i++) {
      double[] unit = new double[p];
      unit[i] = 1;
      double[] column = ScaledHessian.factor(hessian).orElseThrow().solve(unit);
      for (int j = i; j < p; j++) {
        packed[SymmetricMatrix.index(p, i, j)] = column[j];
      }
    }
    return new ProfileLikelihood(
        objective,
        SeparablePenalty.none(p),
        new Minimiser.Limits(1e-10, 100),
        x,
        fit.value(),
        SymmetricMatrix.ofPacked(p, packed));
  }

  private static LocalObjective ofOneRow(String loss, double... start) {
    return LocalObjective.loss(loss)
        .parameter("b", Shape.of(start.length), start)
        .column("one", 1)
        .build();
  }

  /** The mean of a normal sample, its variance estimated: s sqrt(exp(root^2 / n) - 1) away. */
  @ParameterizedTest
  @ValueSource(doubles = {1e-6, 1, 1e6})
  void theMeanOfANormalSample(double unit) {
    Random random = new Random(3);
    double[] y = random.doubles(12).map(u -> unit * (5 + u)).toArray();
    double mean = Arrays.stream(y).average().orElseThrow();
    double s = Math.sqrt(Arrays.stream(y).map(v -> (v - mean) * (v - mean)).sum() / y.length);
    LocalObjective objective =
        LocalObjective.loss("b[1] + square((y - b[0]) * exp(-b[1])) / 2")
            .parameter("b", Shape.of(2), mean + s / 5, Math.log(unit))
            .column("y", y)
            .build();
    ProfileLikelihood profile = profile(objective);
    int before = objective.passes();
    double away = s * Math.sqrt(Math.exp(ROOT * ROOT / y.length) - 1);
    assertThat(profile.end(0, true, ROOT)).isCloseTo(mean + away, within(1e-7 * s));
    assertThat(profile.end(0, false, ROOT)).isCloseTo(mean - away, within(1e-7 * s));
    // What the manual says of the cost: 14 for each end.
    assertThat(objective.passes() - before).isLessThanOrEqualTo(2 * 14);
  }

  /** A rise that stays below what is looked for: the interval has no end. */
  @Test
  void whereTheProfileLevelsOffTheIntervalIsInfinite() {
    ProfileLikelihood profile =
        profile(ofOneRow("1.5 * (1 - exp(-square(b[0]))) + square(b[1] - tanh(b[0]))", 0.1, 0.2));
    assertThat(profile.end(0, true, ROOT)).isEqualTo(Double.POSITIVE_INFINITY);
    assertThat(profile.end(0, false, ROOT)).isEqualTo(Double.NEGATIVE_INFINITY);
    // exp(-b^2) = 1 - 1 / 3, where the rise is 1 / 2.
    assertThat(profile.end(0, true, 1)).isCloseTo(Math.sqrt(Math.log(1.5)), within(1e-6));
  }

  /** The loss has no value beyond 1, and has not risen far enough there. */
  @Test
  void whereTheLossEndsBeforeTheIntervalThereIsNoAnswer() {
    ProfileLikelihood profile =
        profile(ofOneRow("square(b[0]) + 1e-9 * pow(1 - b[0], 1.5) + square(b[1])", 0.1, 0.2));
    assertThat(profile.end(0, true, ROOT)).isNaN();
    assertThat(profile.end(0, false, ROOT)).isCloseTo(-ROOT / Math.sqrt(2), within(1e-6));
    assertThat(profile.end(0, true, 1)).isCloseTo(1 / Math.sqrt(2), within(1e-6));
  }

  /** Beyond 1/2 the loss has no minimum by the other element: that is no end of an interval. */
  @Test
  void whereTheOthersHaveNoMinimumThereIsNoAnswer() {
    ProfileLikelihood profile =
        profile(ofOneRow("20 * square(b[0]) + exp(-b[1]) + exp(b[1]) * (0.5 - b[0])", 0, 0.2));
    assertThat(profile.end(0, true, 4)).isNaN();
  }
}
