package org.sparkcurvature.job.result;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class DirectionTest {
  private static final List<String> NAMES = List.of("a", "b", "c", "d");

  @Test
  void theLargestComesFirstAndSmallOnesAreLeftOut() {
    assertThat(Direction.describe(new double[] {-0.5, 1, 0.01, 0}, NAMES)).isEqualTo("b - 0.5 a");
    assertThat(Direction.describe(new double[] {1, -1, 1, 1}, NAMES)).isEqualTo("a - b + c + ...");
  }

  /** An element in other units is named as before, with a number in these units. */
  @Test
  void unitsDoNotDecideWhatIsNamed() {
    assertThat(Direction.describe(new double[] {1, 2, 0, 0}, new double[] {1, 1, 1, 1}, NAMES))
        .isEqualTo("b + 0.5 a");
    assertThat(
            Direction.describe(new double[] {1, 2e-6, 0, 1e-9}, new double[] {1, 1e6, 1, 1}, NAMES))
        .isEqualTo("b + 500000 a");
    assertThat(
            Direction.describe(new double[] {1, 2e6, 0, 1e-9}, new double[] {1, 1e-6, 1, 1}, NAMES))
        .isEqualTo("b + 5e-7 a");
    assertThat(
            Direction.describe(
                new double[] {1, 2.0e-12, 0, 0}, new double[] {1, 0.8e12, 1, 1}, NAMES))
        .isEqualTo("b + 5e11 a");
    assertThat(
            Direction.describe(
                new double[] {1.234e-8, 1, 0, 0}, new double[] {0.5e8, 1, 1, 1}, NAMES))
        .isEqualTo("b + 1.23e-8 a");
  }

  @Test
  void aWayHasASign() {
    double[] ones = {1, 1, 1, 1};
    assertThat(Direction.signed(new double[] {0, 0, -2, 0}, ones, NAMES)).isEqualTo("-c");
    assertThat(Direction.signed(new double[] {0, 1, -2, 0}, ones, NAMES)).isEqualTo("-(c - 0.5 b)");
    assertThat(Direction.signed(new double[] {0, 1, 2, 0}, ones, NAMES)).isEqualTo("c + 0.5 b");
  }

  /** A column of zeros depends on nothing else. */
  @Test
  void theFirstMayBeASmallOne() {
    double[] scales = {3, 1, 0, 2};
    assertThat(Direction.describe(2, new double[] {0, 0, 1, 0}, scales, NAMES)).isEqualTo("c");
    assertThat(Direction.describe(1, new double[] {-5, 1, 0, 0}, new double[] {1, 5, 1, 1}, NAMES))
        .isEqualTo("b - 5 a");
  }
}
