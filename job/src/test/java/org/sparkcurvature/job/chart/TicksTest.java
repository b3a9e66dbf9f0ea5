package org.sparkcurvature.job.chart;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class TicksTest {
  @Test
  void roundNumbersLieWithin() {
    Ticks ticks = Ticks.linear(-0.13, 0.91, 6);

    assertThat(ticks.texts()).containsExactly("0.0", "0.2", "0.4", "0.6", "0.8");
    assertThat(Ticks.linear(0, 100, 5).texts()).containsExactly("0", "20", "40", "60", "80", "100");
    assertThat(Ticks.linear(1e7, 4e7, 5).texts()).containsExactly("1e7", "2e7", "3e7", "4e7");
  }

  @Test
  void powersOfTen() {
    assertThat(Ticks.logarithmic(0.02, 300, 6).texts()).containsExactly("0.1", "1", "10", "100");
    assertThat(Ticks.logarithmic(1e-12, 1e4, 6).texts())
        .allMatch(text -> text.matches("1e-\\d+|1|1000|10000|0\\.001|0\\.1|10|100|0\\.01"));
  }

  /** Whatever the axis: some ticks, ascending, within it, evenly apart, and no two texts alike. */
  @Test
  void anyAxisHasTicksThatAreToldApart() {
    Random random = new Random(1);
    for (int k = 0; k < 20_000; k++) {
      double middle = Math.pow(10, random.nextInt(560) - 280) * random.nextGaussian();
      double span = Math.abs(middle) * Math.pow(10, -random.nextInt(9)) + Double.MIN_NORMAL;
      double low = middle - span;
      double high = middle + span * (1 + random.nextDouble());
      Ticks ticks = Ticks.linear(low, high, 3 + random.nextInt(6));
      String said = low + " .. " + high + ": " + ticks;
      assertThat(ticks.values().size()).as(said).isBetween(1, 18);
      assertThat(new HashSet<>(ticks.texts())).as(said).hasSameSizeAs(ticks.texts());
      double room = 1e-6 * (high - low);
      for (int t = 0; t < ticks.values().size(); t++) {
        double value = ticks.values().get(t);
        assertThat(value).as(said).isBetween(low - room, high + room);
        assertThat(Double.parseDouble(ticks.texts().get(t)))
            .as(said)
            .isCloseTo(value, org.assertj.core.data.Offset.offset((high - low) / 20));
        if (t > 0) {
          assertThat(value).as(said).isGreaterThan(ticks.values().get(t - 1));
        }
      }
    }
  }

  @Test
  void anyLogarithmicAxisHasTicksThatAreToldApart() {
    Random random = new Random(2);
    for (int k = 0; k < 20_000; k++) {
      double low = Math.pow(10, random.nextInt(500) - 250 + random.nextDouble());
      double high = Math.min(1e300, low * Math.pow(10, 0.4 + 40 * random.nextDouble()));
      Ticks ticks = Ticks.logarithmic(low, high, 3 + random.nextInt(6));
      String said = low + " .. " + high + ": " + ticks;
      assertThat(ticks.values()).as(said).hasSizeBetween(0, 18);
      assertThat(new HashSet<>(ticks.texts())).as(said).hasSameSizeAs(ticks.texts());
      for (double value : ticks.values()) {
        assertThat(value).as(said).isBetween(low * (1 - 1e-6), high * (1 + 1e-6));
      }
    }
  }

  @Test
  void scalesEndWhereTheyBegin() {
    Scale up = Scale.around(new double[] {1, 5, Double.NaN, Double.POSITIVE_INFINITY}, 300, 20);
    assertThat(up.at(up.low())).isEqualTo(300);
    assertThat(up.at(up.high())).isEqualTo(20);
    assertThat(up.low()).isLessThan(1);
    assertThat(up.high()).isGreaterThan(5).isLessThan(6);
    assertThat(up.at(Double.POSITIVE_INFINITY)).isEqualTo(20);
    for (double[] values :
        List.of(
            new double[] {},
            new double[] {0},
            new double[] {1e300, -1e308},
            new double[] {3, 3},
            new double[] {1e-320, 2e-320})) {
      Scale scale = Scale.around(values, 0, 100);
      assertThat(scale.low()).isLessThan(scale.high());
      assertThat(scale.ticks(6).values()).isNotEmpty();
      for (double value : values) {
        assertThat(scale.at(value)).isBetween(0.0, 100.0);
      }
    }
  }
}
