package org.sparkcurvature.job.watch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class FittedValuesTest {
  @Test
  void rangesHaveAboutAsManyRowsAndTheirMeans() {
    Random random = new Random(1);
    FittedValues one = new FittedValues();
    FittedValues left = new FittedValues();
    FittedValues right = new FittedValues();
    double sum = 0;
    for (int k = 0; k < 20_000; k++) {
      double mean = 5 * random.nextGaussian();
      double observed = mean + 2 * random.nextGaussian();
      one.add(mean, observed, 4, 1, false);
      (k % 2 == 0 ? left : right).add(mean, observed, 4, 1, false);
      sum += mean;
    }
    left.add(right);

    List<FittedValues.Range> ranges = one.ranges(20);
    assertThat(ranges).hasSize(20).extracting(FittedValues.Range::mean).isSorted();
    assertThat(ranges).allSatisfy(r -> assertThat(r.rows()).isBetween(700L, 1300L));
    assertThat(ranges.stream().mapToLong(FittedValues.Range::rows).sum()).isEqualTo(20_000);
    assertThat(ranges.stream().mapToDouble(r -> r.rows() * r.mean()).sum())
        .isCloseTo(sum, within(1e-6));
    assertThat(ranges)
        .allSatisfy(
            r -> {
              assertThat(r.error()).isCloseTo(2 / Math.sqrt((double) r.rows()), within(1e-12));
              assertThat(Math.abs(r.observed() - r.mean())).isLessThan(4 * r.error());
            });
    assertThat(left.ranges(20))
        .usingRecursiveComparison()
        .withComparatorForType((a, b) -> Math.abs(a - b) < 1e-9 ? 0 : 1, Double.class)
        .isEqualTo(ranges);
    // A normal residual: a thousandth lies beyond 3.09 deviations.
    assertThat(one.residuals().quantile(0.5)).isCloseTo(0, within(0.03));
    assertThat(one.residuals().quantile(0.95)).isCloseTo(1.645, within(0.06));
  }

  /** A row of weight 2 is as much as two rows in means; zero and one mean are one range each. */
  @Test
  void weightsAndFewMeans() {
    FittedValues fitted = new FittedValues();
    fitted.add(0, 1, 0.25, 2, false);
    fitted.add(0, 4, 0.25, 1, false);
    fitted.add(-0.0, 1, 0.25, 1, false);
    fitted.add(3, 3, 0.25, 1, false);

    List<FittedValues.Range> ranges = fitted.ranges(20);
    assertThat(ranges).hasSize(2);
    assertThat(ranges.get(0).rows()).isEqualTo(3);
    assertThat(ranges.get(0).observed()).isCloseTo(7.0 / 4, within(1e-15));
    assertThat(ranges.get(1).mean()).isEqualTo(3);
  }

  /** The variance of a row of weight 4 is a quarter of others where weights divide it. */
  @Test
  void residualsAreOverTheRowsOwnDeviations() {
    for (boolean divides : new boolean[] {false, true}) {
      FittedValues fitted = new FittedValues();
      fitted.add(1, 4, 9, 4, divides);
      assertThat(fitted.residuals().largest()).isEqualTo(divides ? 2 : 1);
    }
  }

  @Test
  void rowsAreCountedByTheirLevels() {
    FittedValues all = new FittedValues();
    for (int part = 0; part < 3; part++) {
      FittedValues some = new FittedValues();
      for (int k = 0; k < 100; k++) {
        some.count("site", k % (2 + 3 * part));
      }
      all.add(some);
    }
    assertThat(all.hasLevels("site")).isTrue();
    assertThat(all.rows("site", 0)).isEqualTo(50 + 20 + 13);
    assertThat(all.rows("site", 7)).isEqualTo(12);
    assertThat(all.rows("site", 8)).isZero();
    assertThat(all.rows("region", 0)).isZero();
    assertThat(all.hasLevels("region")).isFalse();
  }

  @Test
  void responsesAreSeenAsTheyAre() {
    FittedValues values = new FittedValues();
    for (int y : new int[] {0, 0, 1, 3, 200}) {
      values.add(0.5, y, 1, 2, false);
    }
    assertThat(values.responses().count()).isEqualTo(5);
    assertThat(values.responses().isWhole()).isTrue();
    assertThat(values.responses().quantile(0.6)).isEqualTo(1);
    assertThat(values.responses().quantile(1)).isEqualTo(200);
    values.add(0.5, 2.5, 1, 2, false);
    assertThat(values.responses().isWhole()).isFalse();
  }
}
