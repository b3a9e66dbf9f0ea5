package org.sparkcurvature.job.watch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class DistributionTest {
  @Test
  void quantilesAreThoseOfTheSortedNumbers() {
    Random random = new Random(1);
    double[] values = new double[10_001];
    Distribution one = new Distribution();
    Distribution[] parts = {new Distribution(), new Distribution(), new Distribution()};
    for (int k = 0; k < values.length; k++) {
      values[k] = Math.exp(3 * random.nextGaussian()) * (random.nextInt(3) - 1);
      one.add(values[k]);
      parts[random.nextInt(3)].add(values[k]);
    }
    Distribution sum = new Distribution();
    for (int k = 2; k >= 0; k--) {
      sum.add(parts[k]);
    }
    Arrays.sort(values);

    for (double share : new double[] {0, 0.001, 0.1, 0.25, 0.5, 0.75, 0.9, 0.999, 1}) {
      double wanted = values[(int) Math.max(0, Math.ceil(share * values.length) - 1)];
      assertThat(sum.quantile(share)).isEqualTo(one.quantile(share));
      assertThat(one.quantile(share)).isCloseTo(wanted, within(0.008 * Math.abs(wanted)));
    }
    assertThat(sum.count()).isEqualTo(values.length);
    assertThat(sum.smallest()).isEqualTo(values[0]);
    assertThat(sum.largest()).isEqualTo(values[values.length - 1]);
    long[] histogram = sum.histogram(new double[] {-1, 0, 1});
    assertThat(histogram[0] + histogram[1]).isEqualTo(values.length);
    long below = Arrays.stream(values).filter(v -> v < 0).count();
    assertThat(histogram[0]).isEqualTo(below);
  }

  @Test
  void whatIsNoNumberIsCountedApart() {
    Distribution distribution = new Distribution();
    for (double value :
        new double[] {
          Double.NaN,
          0,
          -0.0,
          Double.MIN_VALUE,
          Double.POSITIVE_INFINITY,
          Double.NEGATIVE_INFINITY,
          Double.MAX_VALUE
        }) {
      distribution.add(value);
    }

    assertThat(distribution.undefined()).isEqualTo(1);
    assertThat(distribution.count()).isEqualTo(6);
    assertThat(distribution.quantile(0.5)).isEqualTo(0);
    assertThat(distribution.quantile(0)).isEqualTo(Double.NEGATIVE_INFINITY);
    assertThat(distribution.quantile(1)).isEqualTo(Double.POSITIVE_INFINITY);
    assertThat(new Distribution().quantile(0.5)).isNaN();
  }

  @Test
  void pairsAreCountedInCellsThatHoldThem() {
    Random random = new Random(3);
    Pairs pairs = new Pairs();
    double[] x = random.doubles(500).map(v -> Math.exp(10 * v - 5)).toArray();
    double[] y = random.doubles(500).map(v -> Math.exp(10 * v - 5)).toArray();
    for (int k = 0; k < x.length; k++) {
      pairs.add(x[k], y[k]);
    }
    pairs.add(0, 1);
    pairs.add(1, Double.NaN);
    pairs.add(Double.POSITIVE_INFINITY, 1);

    assertThat(pairs.apart()).isEqualTo(3);
    assertThat(pairs.cells().stream().mapToLong(Pairs.Cell::rows).sum()).isEqualTo(500);
    for (Pairs.Cell cell : pairs.cells()) {
      long inside = 0;
      for (int k = 0; k < x.length; k++) {
        inside +=
            x[k] >= cell.x() && x[k] < cell.toX() && y[k] >= cell.y() && y[k] < cell.toY() ? 1 : 0;
      }
      assertThat(inside).isEqualTo(cell.rows());
    }
  }

  @Test
  void extremesAreTheSameInAnyOrder() {
    Random random = new Random(2);
    Extremes forth = new Extremes();
    Extremes back = new Extremes();
    double[] values = random.doubles(1000).map(v -> Math.rint(20 * v) - 10).toArray();
    for (int k = 0; k < values.length; k++) {
      offer(forth, k, values[k]);
      offer(back, values.length - 1 - k, values[values.length - 1 - k]);
    }

    assertThat(forth.descending()).isEqualTo(back.descending()).hasSize(Extremes.MOST);
    assertThat(forth.descending()).allMatch(row -> Math.abs(row.value()) == 10);
    assertThat(forth.descending()).extracting(Extremes.Extreme::number).isSorted();
    assertThat(forth.wants(Double.NaN)).isFalse();
  }

  private static void offer(Extremes extremes, int row, double value) {
    if (extremes.wants(value)) {
      extremes.add(new Extremes.Extreme(row, "", value, Double.NaN));
    }
  }

  @Test
  void magnitudesCountBothSigns() {
    Distribution numbers = new Distribution();
    for (int k = 1; k <= 100; k++) {
      numbers.add(k % 2 == 0 ? k : -k);
    }
    assertThat(numbers.magnitude(0.5)).isCloseTo(50, within(0.5));
    assertThat(numbers.magnitude(0.99)).isCloseTo(99, within(0.9));
    assertThat(numbers.magnitude(1)).isCloseTo(100, within(0.9));
    assertThat(new Distribution().magnitude(0.5)).isNaN();
  }
}
