package org.sparkcurvature.job.firstlook;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SeparabilityTest {
  /** Outcome, two numbers whose sum tells it but for some rows, a number that tells nothing. */
  private static List<double[]> rows(int classes, int exceptions) {
    Random random = new Random(1);
    List<double[]> rows = new ArrayList<>();
    for (int k = 0; k < 300; k++) {
      double a = random.nextGaussian();
      double b = random.nextGaussian();
      boolean high = a + b > 1.0;
      int outcome = high ? classes - 1 : random.nextInt(classes - 1);
      outcome = k < exceptions ? (high ? 0 : classes - 1) : outcome;
      rows.add(new double[] {outcome, random.nextGaussian(), 1e6 * a, 1e-6 * b + 7, k % 3});
    }
    return rows;
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 4})
  void aPlaneIsFound(int classes) {
    Separability of =
        new Separability(rows(classes, 0), List.of(4, 1, 2, 3), new int[] {0, 0, 0, 0, 3});
    assertThat(of.first()).isEqualTo(3);
    of.leaveOut(3);
    assertThat(of.first()).isEqualTo(-1);
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 4})
  void noneIsWhereThereIsNone(int classes) {
    assertThat(new Separability(rows(classes, 5), List.of(1, 2, 3), new int[5]).first())
        .isEqualTo(-1);
  }

  @Test
  void collinearColumnsAreNoHindrance() {
    assertThat(new Separability(rows(2, 5), List.of(2, 2, 3, 3, 1), new int[5]).first())
        .isEqualTo(-1);
    assertThat(new Separability(rows(2, 0), List.of(2, 2, 3, 3, 1), new int[5]).first())
        .isEqualTo(2);
  }
}
