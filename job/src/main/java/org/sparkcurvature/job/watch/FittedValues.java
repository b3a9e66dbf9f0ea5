package org.sparkcurvature.job.watch;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Means of a fitted model beside what was observed, and Pearson residuals: summed by {@link
 * RangeSums ranges} of the mean, of which a few with equal numbers of rows are made at the end.
 */
public final class FittedValues implements Serializable {
  private static final long serialVersionUID = 1;

  /** Rows, weights, and weighted sums of mean, observation and variance. */
  private static final int SUMS = 5;

  private final RangeSums ranges = new RangeSums(SUMS);
  private final Distribution residuals = new Distribution();
  private long rows;

  /** The definitions of a model that rows are looked at by. */
  public record Named(String mean, String observed, String variance) implements Serializable {}

  /**
   * Rows of neighbouring means together.
   *
   * @param mean weighted mean of their means
   * @param observed weighted mean of what was observed
   * @param error standard error of that as the model has it, up to the root of the dispersion
   */
  public record Range(long rows, double mean, double observed, double error) {}

  /** Adds a row of a weight above 0. */
  public void add(double mean, double observed, double variance, double weight) {
    rows++;
    residuals.add((observed - mean) / Math.sqrt(variance));
    double[] sums = ranges.sums(mean);
    int at = ranges.place(mean);
    sums[at] += 1;
    sums[at + 1] += weight;
    sums[at + 2] += weight * mean;
    sums[at + 3] += weight * observed;
    sums[at + 4] += weight * variance;
  }

  /** Adds all rows of others. */
  public void add(FittedValues other) {
    rows += other.rows;
    residuals.add(other.residuals);
    ranges.add(other.ranges);
  }

  /** The residuals over the roots of their variances. */
  public Distribution residuals() {
    return residuals;
  }

  /** At most so many ranges of about as many rows each, by ascending means. */
  public List<Range> ranges(int most) {
    List<Range> made = new ArrayList<>();
    double[] sums = new double[SUMS];
    double[] passed = {0};
    ranges.ascending(
        (mean, all, at) -> {
          for (int s = 0; s < SUMS; s++) {
            sums[s] += all[at + s];
          }
          if (passed[0] + sums[0] >= (made.size() + 1.0) * rows / most) {
            passed[0] += sums[0];
            made.add(range(sums));
            Arrays.fill(sums, 0);
          }
        });
    if (sums[0] > 0) {
      made.add(range(sums));
    }
    return made;
  }

  /**
   * Weights are those of an observation's precision: the variance of a weighted mean is over them.
   */
  private static Range range(double[] sums) {
    return new Range(
        (long) sums[0], sums[2] / sums[1], sums[3] / sums[1], Math.sqrt(sums[4]) / sums[1]);
  }
}
