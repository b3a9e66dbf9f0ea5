package org.sparkcurvature.job.infer;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.sparkcurvature.job.config.Covariance;
import org.sparkcurvature.job.config.InferConfig;
import org.sparkcurvature.job.config.RunConfiguration;
import org.sparkcurvature.job.config.WeightKind;
import org.sparkcurvature.job.derive.RowCounts;
import org.sparkcurvature.job.errors.Errors;
import org.sparkcurvature.job.estimate.FreeModel;
import org.sparkcurvature.job.estimate.SummedObjective;
import org.sparkcurvature.job.result.Objective;
import org.sparkcurvature.job.solve.Congruence;
import org.sparkcurvature.job.solve.ScaledHessian;
import org.sparkcurvature.job.solve.SymmetricMatrix;
import org.sparkcurvature.job.source.RowSamples;
import org.sparkcurvature.job.source.SquaredWeights;
import org.sparkcurvature.objective.Derivation;
import org.sparkcurvature.objective.Request;

/** Estimates the covariance of free elements, each kind in its way. */
public final class CovarianceEstimator {
  private final RowSamples samples;
  private final FreeModel model;
  private final RunConfiguration configuration;
  private final InferConfig settings;

  /**
   * A covariance.
   *
   * @param covariance order P
   * @param factor the small-sample factor that it carries, in words
   * @param groups number of groups by column
   * @param count n
   */
  public record Result(
      SymmetricMatrix covariance, String factor, Map<String, Long> groups, double count) {}

  /**
   * @param samples with the columns by which they are grouped
   */
  public CovarianceEstimator(RowSamples samples, FreeModel model, RunConfiguration configuration) {
    this.samples = samples;
    this.model = model;
    this.configuration = configuration;
    this.settings = configuration.infer();
  }

  /** What the first pass sums. */
  public Request.Global asked() {
    return new Request.Global(
        true,
        true,
        Request.HessianForm.FULL,
        Optional.empty(),
        needsMeat() && !needsSquaredWeights());
  }

  /** Whether it passes over the samples once more. */
  public boolean passesAgain() {
    return settings.covariance() == Covariance.CLUSTER || needsMeat() && needsSquaredWeights();
  }

  private boolean needsMeat() {
    return settings.covariance() != Covariance.NONROBUST
        && settings.covariance() != Covariance.CLUSTER;
  }

  private boolean needsSquaredWeights() {
    return settings.weights() == WeightKind.IMPORTANCE
        && samples.source().input().weight().isPresent();
  }

  /**
   * The covariance.
   *
   * @param x the estimates' free elements
   * @param curvature the decomposed Hessian there
   * @param objective the sums of {@link #asked}
   * @param counts what became of the rows
   * @throws org.sparkcurvature.job.errors.JobException with exit code 4 if there are too few rows
   *     or groups
   */
  public Result estimate(
      double[] x, ScaledHessian curvature, Objective objective, RowCounts counts) {
    double n = settings.weights() == WeightKind.FREQUENCY ? counts.weight() : counts.used();
    int k = model.layout().length();
    if (settings.covariance() != Covariance.NONROBUST && n <= k) {
      throw Errors.noAnswer(
          "there are no degrees of freedom: %s for %d estimates"
              .formatted(n == 1 ? "one row" : (long) n + " rows", k),
          "curvature.infer",
          "estimate less (derive.wrt, fixed = true), or give more rows");
    }
    SymmetricMatrix bread = curvature.inverse();
    return switch (settings.covariance()) {
      case NONROBUST -> new Result(bread, "none", Map.of(), n);
      case OPG -> new Result(inverse(meat(x, objective)), "none", Map.of(), n);
      case HC0 -> new Result(Congruence.sandwich(bread, meat(x, objective)), "none", Map.of(), n);
      case HC1 ->
          new Result(
              times(Congruence.sandwich(bread, meat(x, objective)), n / (n - k)),
              "n/(n-k)",
              Map.of(),
              n);
      case CLUSTER -> clustered(x, bread, n, k);
    };
  }

  private static SymmetricMatrix inverse(SymmetricMatrix opg) {
    ScaledHessian decomposed = ScaledHessian.of(opg);
    if (!decomposed.isPositiveDefinite()) {
      throw Errors.noAnswer(
          "the outer product of gradients is singular",
          "curvature.infer.covariance",
          "take another covariance, or estimate less");
    }
    return decomposed.inverse();
  }

  /** The outer products of gradients, weighted as the kind of weights has it. */
  private SymmetricMatrix meat(double[] x, Objective objective) {
    if (!needsSquaredWeights()) {
      return objective.opg().orElseThrow();
    }
    Request.Global opg =
        new Request.Global(false, false, Request.HessianForm.NONE, Optional.empty(), true);
    return new SummedObjective(new SquaredWeights(samples), model, configuration)
        .sums(x, opg)
        .opg()
        .orElseThrow();
  }

  private Result clustered(double[] x, SymmetricMatrix bread, double n, int k) {
    List<String> columns = settings.groups();
    List<GroupedScores.Way> ways =
        GroupedScores.of(
            samples,
            new Derivation(
                model.loss(),
                new Request(
                    model.wrt(),
                    Request.Global.NONE,
                    new Request.PerSample(
                        false,
                        true,
                        Request.SampleHessianForm.NONE,
                        List.of(),
                        List.of(),
                        List.of())),
                configuration.precision(),
                configuration.blockMemoryBytes()),
            model.free(x),
            configuration.device(),
            columns.size(),
            settings.nullGroups());
    Map<String, Long> groups = new LinkedHashMap<>();
    double[] sum = new double[Math.toIntExact(SymmetricMatrix.packedLength(k))];
    for (GroupedScores.Way way : ways) {
      if (Integer.bitCount(way.columns()) == 1) {
        String column = columns.get(Integer.numberOfTrailingZeros(way.columns()));
        groups.put(column, way.groups());
        if (way.groups() < 2) {
          throw Errors.noAnswer(
              "all rows are in one group of " + column,
              "curvature.infer.groups",
              "cluster by a column that tells rows apart, or take HC0");
        }
      }
      double g = way.groups();
      double factor = g / (g - 1) * (n - 1) / (n - k);
      double sign = Integer.bitCount(way.columns()) % 2 == 1 ? 1 : -1;
      add(sum, sign * factor, way.meat());
    }
    return new Result(
        Congruence.sandwich(bread, SymmetricMatrix.ofPacked(k, sum)),
        "G/(G-1) (n-1)/(n-k)",
        groups,
        n);
  }

  private static void add(double[] packed, double factor, SymmetricMatrix matrix) {
    int at = 0;
    for (int i = 0; i < matrix.order(); i++) {
      for (int j = i; j < matrix.order(); j++) {
        packed[at++] += factor * matrix.at(i, j);
      }
    }
  }

  private static SymmetricMatrix times(SymmetricMatrix matrix, double factor) {
    double[] packed = new double[Math.toIntExact(SymmetricMatrix.packedLength(matrix.order()))];
    add(packed, factor, matrix);
    return SymmetricMatrix.ofPacked(matrix.order(), packed);
  }
}
