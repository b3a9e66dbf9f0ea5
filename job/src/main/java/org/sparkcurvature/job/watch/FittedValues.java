package org.sparkcurvature.job.watch;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;

/**
 * Means of a fitted model beside what was observed, and Pearson residuals: summed by ranges of the
 * mean (those of {@link Distribution}), of which a few with equal numbers of rows are made at the
 * end.
 */
public final class FittedValues implements Serializable {
  private static final long serialVersionUID = 1;

  private static final int BITS = 7;
  private static final int WITHIN = 1 << BITS;
  private static final int SHIFT = 52 - BITS;
  private static final int OUTER = 1 << 12;
  private static final int NEGATIVE = 1 << 11;

  /** Rows, weights, and weighted sums of mean, observation and variance. */
  private static final int SUMS = 5;

  private final double[][] ranges = new double[OUTER][];
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
    long bits = Double.doubleToRawLongBits(mean + 0.0); // no -0
    int outer = (int) (bits >>> 52);
    if (ranges[outer] == null) {
      ranges[outer] = new double[SUMS * WITHIN];
    }
    double[] sums = ranges[outer];
    int at = SUMS * ((int) (bits >>> SHIFT) & (WITHIN - 1));
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
    for (int outer = 0; outer < OUTER; outer++) {
      if (other.ranges[outer] != null) {
        if (ranges[outer] == null) {
          ranges[outer] = other.ranges[outer].clone();
        } else {
          for (int k = 0; k < SUMS * WITHIN; k++) {
            ranges[outer][k] += other.ranges[outer][k];
          }
        }
      }
    }
  }

  /** How many rows there are. */
  public long rows() {
    return rows;
  }

  /** The residuals over the roots of their variances. */
  public Distribution residuals() {
    return residuals;
  }

  /** At most so many ranges of about as many rows each, by ascending means. */
  public List<Range> ranges(int most) {
    List<Range> made = new ArrayList<>();
    double[] sums = new double[SUMS];
    double passed = 0;
    for (int k = 0; k < OUTER; k++) {
      // Below 0 the largest magnitudes come first.
      boolean below = k < NEGATIVE;
      int outer = below ? OUTER - 1 - k : k - NEGATIVE;
      for (int i = 0; ranges[outer] != null && i < WITHIN; i++) {
        int at = SUMS * (below ? WITHIN - 1 - i : i);
        for (int s = 0; s < SUMS; s++) {
          sums[s] += ranges[outer][at + s];
        }
        if (sums[0] > 0 && passed + sums[0] >= (made.size() + 1.0) * rows / most) {
          passed += sums[0];
          made.add(range(sums));
          sums = new double[SUMS];
        }
      }
    }
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
