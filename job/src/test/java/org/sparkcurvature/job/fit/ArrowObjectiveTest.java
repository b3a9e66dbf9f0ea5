package org.sparkcurvature.job.fit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.sparkcurvature.graph.Shape;

/** Products that are made of the diagonal and few columns are those of passes. */
class ArrowObjectiveTest {
  private static final int ROWS = 60;
  private static final int LEVELS = 9;

  /** A level's effect, and in the other loss each row has the effects of two levels. */
  @ParameterizedTest
  @CsvSource({"b[g], true", "b[g] + b[h], false"})
  void productsAreThoseOfTheHessian(String effects, boolean arrow) {
    Random random = new Random(1);
    double[] x = random.doubles(2 * ROWS, -1, 1).toArray();
    double[] y = random.ints(ROWS, 0, 4).asDoubleStream().toArray();
    double[] g = random.ints(ROWS, 0, LEVELS).asDoubleStream().toArray();
    double[] h = random.ints(ROWS, 0, LEVELS).asDoubleStream().toArray();
    LocalObjective objective =
        LocalObjective.loss("exp(eta) - y * eta")
            .define("eta", "dot(x, beta) + " + effects)
            .parameter("beta", Shape.of(2), 0, 0)
            .parameter("b", Shape.of(LEVELS), new double[LEVELS])
            .column("x", Shape.of(2), x)
            .column("y", y)
            .column("g", g)
            .column("h", h)
            .build();
    AtomicInteger passes = new AtomicInteger();
    ObjectiveFunction counted = counted(objective, passes);
    ObjectiveFunction wrapped = ArrowObjective.of(counted, new int[] {0, 1}, LEVELS + 2);
    double[] point = random.doubles(LEVELS + 2, -0.5, 0.5).toArray();
    wrapped.hessianTimes(point, new double[LEVELS + 2]);
    passes.set(0);
    for (int k = 0; k < 5; k++) {
      double[] vector = random.doubles(LEVELS + 2, -1, 1).toArray();
      double[] expected = objective.hessianTimes(point, vector);
      double[] product = wrapped.hessianTimes(point, vector);
      for (int i = 0; i < vector.length; i++) {
        assertThat(product[i]).isCloseTo(expected[i], within(1e-12));
      }
    }
    assertThat(passes.get()).isEqualTo(arrow ? 0 : 5);
    assertThat(wrapped.hessianDiagonal(point)).containsExactly(objective.hessianDiagonal(point));
  }

  private static ObjectiveFunction counted(ObjectiveFunction objective, AtomicInteger passes) {
    return new ObjectiveFunction() {
      @Override
      public Evaluation at(double[] x, Order order) {
        return objective.at(x, order);
      }

      @Override
      public double[] hessianTimes(double[] x, double[] vector) {
        passes.incrementAndGet();
        return objective.hessianTimes(x, vector);
      }

      @Override
      public double[] hessianDiagonal(double[] x) {
        return objective.hessianDiagonal(x);
      }
    };
  }
}
