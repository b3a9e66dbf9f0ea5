package org.sparkcurvature.job.groups;

import java.io.Serializable;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.SparkSession;
import org.sparkcurvature.job.errors.Failures;
import org.sparkcurvature.job.reduce.Wire;
import org.sparkcurvature.job.source.KeyedRows;

/**
 * How far groups' coefficients lie apart, beyond what their errors explain: the standard deviation
 * of a normal distribution, by the method of moments of DerSimonian and Laird (1986),
 * "Meta-analysis in clinical trials", each element for itself. It is 0 where errors explain all.
 */
public final class PriorEstimate {
  /** Where groups do not differ: a deviation beside the usual error. */
  private static final double PINNED = 1e-8;

  private PriorEstimate() {}

  /**
   * A prior.
   *
   * @param deviations length P
   * @param factors what half the squared distances are multiplied by, length P: finite where a
   *     deviation is 0
   */
  public record Prior(double[] deviations, double[] factors) {}

  /** Exact sums over groups: of weights 1 / s², w b, w b² and w², for each element. */
  private static final class Moments implements Serializable {
    private static final long serialVersionUID = 1L;

    private final BigDecimal[][] sums;
    private final long[] groups;

    Moments(int p) {
      sums = new BigDecimal[p][4];
      for (BigDecimal[] own : sums) {
        Arrays.fill(own, BigDecimal.ZERO);
      }
      groups = new long[p];
    }

    void add(double[] estimates, double[] errors) {
      for (int i = 0; i < errors.length; i++) {
        double b = estimates[i];
        double w = 1 / (errors[i] * errors[i]);
        double[] terms = {w, w * b, w * b * b, w * w};
        if (Arrays.stream(terms).allMatch(Double::isFinite)) {
          groups[i]++;
          for (int k = 0; k < terms.length; k++) {
            sums[i][k] = sums[i][k].add(new BigDecimal(terms[k]));
          }
        }
      }
    }

    void add(Moments other) {
      for (int i = 0; i < groups.length; i++) {
        groups[i] += other.groups[i];
        for (int k = 0; k < sums[i].length; k++) {
          sums[i][k] = sums[i][k].add(other.sums[i][k]);
        }
      }
    }
  }

  /**
   * Estimates the prior from groups that have estimates; fits all groups once.
   *
   * @param rows brought together
   */
  public static Prior of(SparkSession spark, KeyedRows rows, GroupProblem problem) {
    int p = problem.length();
    Broadcast<byte[]> sent =
        JavaSparkContext.fromSparkContext(spark.sparkContext())
            .broadcast(Wire.bytes(problem.onFreeScale()));
    List<byte[]> parts =
        Failures.translate(
            () ->
                rows.<byte[]>run(
                        (partition, part) -> {
                          Moments moments = new Moments(p);
                          try (GroupTask task =
                              new GroupTask(
                                  Wire.value(sent.value()),
                                  part,
                                  TaskContext.get(),
                                  GroupFits.folder())) {
                            while (task.hasNext()) {
                              GroupResult result = task.next().result();
                              moments.add(result.estimate(), result.stdError());
                            }
                          }
                          return List.of(Wire.bytes(moments)).iterator();
                        })
                    .collect());
    Moments all = new Moments(p);
    parts.forEach(part -> all.add(Wire.<Moments>value(part)));
    double[] deviations = new double[p];
    double[] factors = new double[p];
    for (int i = 0; i < p; i++) {
      double s0 = all.sums[i][0].doubleValue();
      double s3 = all.sums[i][3].doubleValue();
      // Exact where b is far from 0 beside its spread.
      double q =
          s0 == 0
              ? 0
              : all.sums[i][2]
                  .subtract(
                      all.sums[i][1]
                          .multiply(all.sums[i][1])
                          .divide(all.sums[i][0], MathContext.DECIMAL128))
                  .doubleValue();
      double spare = s0 - s3 / s0;
      double square = spare > 0 ? Math.max(0, (q - (all.groups[i] - 1)) / spare) : 0;
      deviations[i] = Math.sqrt(square);
      double usual = s0 > 0 ? all.groups[i] / s0 : 1;
      factors[i] = 1 / Math.max(square, PINNED * PINNED * usual);
    }
    return new Prior(deviations, factors);
  }
}
