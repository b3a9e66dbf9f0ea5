package org.sparkcurvature.job.firstlook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.apache.commons.math3.stat.correlation.PearsonsCorrelation;
import org.apache.commons.math3.stat.descriptive.moment.Mean;
import org.apache.commons.math3.stat.descriptive.moment.Variance;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;
import org.sparkcurvature.job.LocalSpark;
import org.sparkcurvature.job.firstlook.CompleteRows.Member;

/** Sums against those of commons-math. */
class CompleteRowsTest {
  private static final StructType SCHEMA =
      new StructType()
          .add("y", DataTypes.DoubleType)
          .add("x", DataTypes.StringType)
          .add("g", DataTypes.StringType);

  private static CompleteRows of(List<Row> rows) {
    Dataset<Row> table = LocalSpark.session().createDataFrame(rows, SCHEMA).repartition(5);
    TableSketch sketch = TableSketch.of(table);
    List<Member> members = new ArrayList<>();
    for (int k = 0; k < SCHEMA.length(); k++) {
      members.add(Member.of(sketch.names().get(k), sketch.look(k)));
    }
    return CompleteRows.of(table, members);
  }

  @Test
  void momentsAndCorrelations() {
    Random random = new Random(1);
    List<Row> rows = new ArrayList<>();
    double[] y = new double[4_000];
    double[] x = new double[y.length];
    for (int k = 0; k < y.length; k++) {
      x[k] = random.nextGaussian();
      y[k] = Math.exp(0.5 * x[k] + random.nextGaussian() / 2);
      rows.add(RowFactory.create(y[k], " " + x[k], k % 3 == 0 ? "a" : "b"));
    }
    rows.add(RowFactory.create(3.0, "NA", "a"));
    rows.add(RowFactory.create(Double.NaN, "1", "a"));
    rows.add(RowFactory.create(3.0, "1", null));
    CompleteRows together = of(rows);

    assertThat(together.rows()).isEqualTo(y.length);
    assertThat(together.mean()).isCloseTo(new Mean().evaluate(y), within(1e-5));
    double variance = new Variance().evaluate(y);
    assertThat(together.variance()).isCloseTo(variance, within(1e-5 * variance));
    double mean = new Mean().evaluate(y);
    double third = 0;
    double second = 0;
    for (double value : y) {
      third += Math.pow(value - mean, 3) / y.length;
      second += Math.pow(value - mean, 2) / y.length;
    }
    assertThat(together.skewness()).isCloseTo(third / Math.pow(second, 1.5), within(1e-4));
    assertThat(together.correlation(0, 1))
        .isEqualTo(together.correlation(1, 0))
        .isCloseTo(new PearsonsCorrelation().correlation(y, x), within(1e-4));
    assertThat(together.correlation(1, 1)).isCloseTo(1, within(1e-12));
    assertThat(together.levels(2)).isEqualTo(2);
    assertThat(together.fewest(2)).isEqualTo(1334);
    assertThat(together.takesTwoValues()).isFalse();
  }

  @Test
  void wholeNumbersAreExact() {
    List<Row> rows = new ArrayList<>();
    for (int k = 0; k < 9; k++) {
      rows.add(RowFactory.create((double) (k % 3), "1." + k, "g" + k % 2));
    }
    CompleteRows together = of(rows);
    assertThat(together.mean()).isEqualTo(1);
    assertThat(together.variance()).isCloseTo(0.75, within(1e-15));
    assertThat(together.skewness()).isZero();
  }

  @Test
  void columnsThatTellTheOutcome() {
    for (int shift : new int[] {0, 1}) {
      List<Row> rows = new ArrayList<>();
      for (int k = 0; k < 20; k++) {
        int outcome = k / 10;
        // The greatest number of the one outcome is the least of the other, or above it.
        rows.add(
            RowFactory.create(
                (double) outcome,
                Integer.toString(outcome * 10 + k % 10 - outcome * shift * 5),
                "g" + k / 5));
      }
      CompleteRows together = of(rows);
      assertThat(together.takesTwoValues()).isTrue();
      assertThat(together.separates(1)).isEqualTo(shift == 0);
      assertThat(together.separates(2)).isTrue();
    }
  }
}
