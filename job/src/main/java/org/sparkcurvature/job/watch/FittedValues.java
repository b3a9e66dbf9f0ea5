package org.sparkcurvature.job.watch;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Means of a fitted model beside what was observed, and Pearson residuals: summed by {@link
 * RangeSums ranges} of the mean, of which a few with equal numbers of rows are made at the end.
 * Losses of rows and numbers of rows by level, where these are looked at.
 */
public final class FittedValues implements Serializable {
  private static final long serialVersionUID = 1;

  /** Rows, weights, and weighted sums of mean, observation and variance. */
  private static final int SUMS = 5;

  private final RangeSums ranges = new RangeSums(SUMS);
  private final Distribution residuals = new Distribution();
  private final Distribution responses = new Distribution();
  private final Distribution losses = new Distribution();
  private final Map<String, long[]> levels = new TreeMap<>();
  private long rows;

  /** What of a model rows are looked at by. */
  public sealed interface Named extends Serializable {
    /** The definitions whose values are read. */
    List<String> definitions();
  }

  /**
   * The definitions that tell mean and variance.
   *
   * @param variance of a row of weight 1
   * @param dividesVariance whether that of a row of weight w is over w
   */
  public record Moments(String mean, String observed, String variance, boolean dividesVariance)
      implements Named {
    @Override
    public List<String> definitions() {
      return List.of(mean, observed, variance);
    }
  }

  /**
   * The rows' losses, and their levels.
   *
   * @param levels the definitions that are the number of a row's level, by what has levels
   */
  public record Losses(Map<String, String> levels) implements Named {
    public Losses {
      levels = Collections.unmodifiableMap(new TreeMap<>(levels));
    }

    @Override
    public List<String> definitions() {
      return List.copyOf(levels.values());
    }
  }

  /**
   * Rows of neighbouring means together.
   *
   * @param mean weighted mean of their means
   * @param observed weighted mean of what was observed
   * @param error standard error of that as the model has it, up to the root of the dispersion
   */
  public record Range(long rows, double mean, double observed, double error) {}

  /**
   * Adds a row of a weight above 0.
   *
   * @param variance of a row of weight 1
   * @param dividesVariance whether the row's own is over its weight
   */
  public void add(
      double mean, double observed, double variance, double weight, boolean dividesVariance) {
    rows++;
    double own = dividesVariance ? Math.sqrt(weight) : 1;
    residuals.add(own * (observed - mean) / Math.sqrt(variance));
    responses.add(observed);
    double[] sums = ranges.sums(mean);
    int at = ranges.place(mean);
    sums[at] += 1;
    sums[at + 1] += weight;
    sums[at + 2] += weight * mean;
    sums[at + 3] += weight * observed;
    sums[at + 4] += weight * variance;
  }

  /** Adds the loss of a row of a weight above 0. */
  public void addLoss(double loss) {
    losses.add(loss);
  }

  /**
   * Counts a row of a weight above 0.
   *
   * @param of what has levels
   * @param level the row's, from 0 on
   */
  public void count(String of, int level) {
    long[] counts = levels.getOrDefault(of, new long[0]);
    if (level >= counts.length) {
      counts = Arrays.copyOf(counts, Math.max(level + 1, 2 * counts.length));
      levels.put(of, counts);
    }
    counts[level]++;
  }

  /** Adds all rows of others. */
  public void add(FittedValues other) {
    rows += other.rows;
    residuals.add(other.residuals);
    responses.add(other.responses);
    losses.add(other.losses);
    other.levels.forEach(
        (of, more) -> {
          long[] counts = levels.getOrDefault(of, new long[0]);
          long[] sums = Arrays.copyOf(counts, Math.max(counts.length, more.length));
          for (int k = 0; k < more.length; k++) {
            sums[k] += more[k];
          }
          levels.put(of, sums);
        });
    ranges.add(other.ranges);
  }

  /** The residuals over the roots of their variances. */
  public Distribution residuals() {
    return residuals;
  }

  /** What was observed. */
  public Distribution responses() {
    return responses;
  }

  /** The rows' losses, where they were looked at. */
  public Distribution losses() {
    return losses;
  }

  /** How many rows have a level; 0 also where nobody has counted. */
  public long rows(String of, int level) {
    long[] counts = levels.getOrDefault(of, new long[0]);
    return level < counts.length ? counts[level] : 0;
  }

  /** Whether rows were counted by their levels. */
  public boolean hasLevels(String of) {
    return levels.containsKey(of);
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
