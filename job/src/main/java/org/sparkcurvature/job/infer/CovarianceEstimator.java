package org.sparkcurvature.job.infer;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.sparkcurvature.engine.DerivativeSpec;
import org.sparkcurvature.engine.Layout;
import org.sparkcurvature.engine.Request;
import org.sparkcurvature.job.config.Covariance;
import org.sparkcurvature.job.config.InferConfig;
import org.sparkcurvature.job.config.RunConfiguration;
import org.sparkcurvature.job.config.SmallSampleFactor;
import org.sparkcurvature.job.config.WeightKind;
import org.sparkcurvature.job.derive.RowCounts;
import org.sparkcurvature.job.errors.Errors;
import org.sparkcurvature.job.estimate.Curvature;
import org.sparkcurvature.job.estimate.FreeModel;
import org.sparkcurvature.job.estimate.ProfiledHessian;
import org.sparkcurvature.job.estimate.SummedObjective;
import org.sparkcurvature.job.result.Objective;
import org.sparkcurvature.job.solve.Congruence;
import org.sparkcurvature.job.solve.Elements;
import org.sparkcurvature.job.solve.PositivePart;
import org.sparkcurvature.job.solve.ScaledHessian;
import org.sparkcurvature.job.solve.SymmetricMatrix;
import org.sparkcurvature.job.source.ReweightedSamples;
import org.sparkcurvature.job.source.RowSamples;

/** Estimates the covariance of what an inference is about, each kind in its way. */
public final class CovarianceEstimator {
  /** Up to so many elements the Hessian is formed and decomposed, whatever is told of. */
  private static final int LARGEST_WHOLE = 500;

  private final RowSamples samples;
  private final FreeModel model;
  private final RunConfiguration configuration;
  private final InferConfig settings;
  private final List<String> told;
  private final double dispersion;

  /**
   * Covariances.
   *
   * @param covariances of what is told of
   * @param factor the small-sample factor that they carry, in words
   * @param groups number of groups by column
   * @param count n
   * @param negative how many eigenvalues were below 0 and are taken for 0
   * @param curvature the inverse Hessian; empty where it is not formed
   */
  public record Result(
      Covariances covariances,
      String factor,
      Map<String, Long> groups,
      double count,
      int negative,
      Optional<Curvature.Inverse> curvature) {

    /** The degrees of freedom of t: n - k, or the smallest number of groups less 1. */
    public double degreesOfFreedom(int parameters) {
      return groups.isEmpty()
          ? count - parameters
          : groups.values().stream().mapToLong(Long::longValue).min().getAsLong() - 1;
    }
  }

  /** A covariance, and what it is made of. */
  private record Kind(
      SymmetricMatrix matrix, String factor, Map<String, Long> groups, int negative) {
    Kind(SymmetricMatrix matrix) {
      this(matrix, "none", Map.of(), 0);
    }

    Result with(Covariances covariances, double n) {
      return new Result(covariances, factor, groups, n, negative, Optional.empty());
    }

    Result with(Covariances covariances, double n, Curvature.Inverse curvature) {
      return new Result(covariances, factor, groups, n, negative, Optional.of(curvature));
    }
  }

  /**
   * @param samples with the columns by which they are grouped
   * @param told the parameters that are told of, the first of those that are estimated
   * @param dispersion by which the inverse Hessian is multiplied; 1 where there is none
   */
  public CovarianceEstimator(
      RowSamples samples,
      FreeModel model,
      RunConfiguration configuration,
      List<String> told,
      double dispersion) {
    this.dispersion = dispersion;
    this.samples = samples;
    this.model = model;
    this.configuration = configuration;
    this.settings = configuration.infer();
    this.told = List.copyOf(told);
  }

  /** What the first pass sums. */
  public Request.Global asked() {
    return Request.Global.NONE
        .withValue()
        .withGradient()
        .withHessian(isProfiled() ? Request.HessianForm.DIAGONAL : Request.HessianForm.FULL)
        .withOpg(needsMeat() && !needsSquaredWeights() && !isProfiled());
  }

  /** Whether it passes over the samples once more. */
  public boolean passesAgain() {
    return isProfiled()
        || settings.covariance().isClustered()
        || settings.covariance().isLeveraged()
        || needsMeat() && needsSquaredWeights();
  }

  /**
   * Whether what is not told of is profiled out by products of the Hessian with vectors, because
   * there is so much of it that the Hessian is better not formed. The outer products of gradients
   * have no such products.
   */
  public boolean isProfiled() {
    return model.layout().length() > LARGEST_WHOLE
        && told.size() < model.wrt().size()
        && toldElements() <= LARGEST_WHOLE
        && settings.covariance() != Covariance.OPG
        && !settings.covariance().isLeveraged();
  }

  private int toldElements() {
    return elements(model.naturalLayout());
  }

  private int elements(Layout layout) {
    return layout.entries().subList(0, told.size()).stream()
        .mapToInt(entry -> entry.shape().size())
        .sum();
  }

  private boolean needsMeat() {
    return settings.covariance() != Covariance.NONROBUST
        && !settings.covariance().isClustered()
        && !settings.covariance().isLeveraged();
  }

  private boolean needsSquaredWeights() {
    return settings.weights() == WeightKind.IMPORTANCE
        && samples.source().input().weight().isPresent();
  }

  /**
   * The covariances.
   *
   * @param x the estimates' free elements
   * @param objective passes over the samples
   * @param sums those of {@link #asked}
   * @param counts what became of the rows
   * @param names of free elements
   * @throws org.sparkcurvature.job.errors.JobException with exit code 4 if the point is no minimum,
   *     the Hessian is singular, or there are too few rows or groups
   */
  public Result estimate(
      double[] x, SummedObjective objective, Objective sums, RowCounts counts, List<String> names) {
    return isProfiled()
        ? profiled(x, objective, sums, counts, names)
        : whole(x, objective, sums, counts, names);
  }

  private Result whole(
      double[] x, SummedObjective objective, Objective sums, RowCounts counts, List<String> names) {
    SymmetricMatrix hessian = ((Objective.Hessian.Full) sums.hessian()).matrix();
    double[] gradient = sums.gradient().orElseThrow();
    Curvature.Inverse curvature =
        Curvature.atMinimum(
            hessian,
            gradient,
            (vectors, number) -> objective.hessianTimes(x, vectors, number),
            names,
            model.estimated(x),
            settings.singular());
    int k = model.estimated(x).kept().length;
    double n = count(counts, k);
    SymmetricMatrix bread = curvature.matrix();
    double scale = scale(counts);
    Kind kind =
        switch (settings.covariance()) {
          case NONROBUST -> new Kind(times(bread, dispersion));
          case OPG -> new Kind(inverseOpg(x, sums, counts));
          case HC0, HC1 ->
              corrected(
                  curvature.refined()
                      ? profiledMeat(x, bread.toSquare())
                      : sandwich(x, sums, bread, scale),
                  n,
                  k);
          case HC2, HC3 -> corrected(leveraged(x, bread, scale), n, k);
          case CLUSTER, CR2 -> {
            if (curvature.refined() && settings.covariance() == Covariance.CLUSTER) {
              yield positive(clustered(x, bread.toSquare(), n, k, 1, Optional.empty()), bread);
            }
            Kind meat = clustered(x, new double[0], n, k, scale, leverages(bread, x));
            SymmetricMatrix sandwich = Congruence.sandwich(times(bread, 1 / scale), meat.matrix());
            yield positive(new Kind(sandwich, meat.factor(), meat.groups(), 0), bread);
          }
        };
    Curvature.refuseNotMinimal(
        gradient, curvature.newtonStep(), kind.matrix(), Curvature.rounding(sums, x), names);
    return kind.with(new WholeCovariance(model, x, kind.matrix(), toldElements()), n, curvature);
  }

  private Result profiled(
      double[] x, SummedObjective objective, Objective sums, RowCounts counts, List<String> names) {
    int k = model.estimated(x).kept().length;
    double n = count(counts, k);
    ProfiledHessian hessian =
        ProfiledHessian.of(
            objective,
            x,
            model.layout(),
            elements(model.layout()),
            sums.hessianDiagonal().orElseThrow(),
            model.estimated(x),
            names,
            settings.singular());
    double value = sums.value().orElseThrow();
    Curvature.refuseNotMinimal(
        hessian.decrement(sums.gradient().orElseThrow()),
        Curvature.dispersion(configuration.model().likelihood(), value, counts.used()),
        Curvature.rounding(sums, x));
    List<String> functions =
        Stream.concat(
                ParameterTests.functions(settings).keySet().stream(),
                ParameterTests.equations(settings).keySet().stream())
            .toList();
    ProfiledCovariance covariance = new ProfiledCovariance(model, x, told, functions, hessian);
    double[] vectors = covariance.solved();
    Kind kind =
        switch (settings.covariance()) {
          case NONROBUST -> new Kind(times(covariance.inverse(), dispersion));
          case HC0, HC1 -> corrected(profiledMeat(x, vectors), n, k);
          case CLUSTER ->
              positive(clustered(x, vectors, n, k, 1, Optional.empty()), covariance.inverse());
          case HC2, HC3, CR2, OPG ->
              throw new IllegalStateException(settings.covariance() + " is not profiled");
        };
    return kind.with(covariance.with(kind.matrix()), n);
  }

  /**
   * The power of two that makes weights those of order 1: their squares would overflow or
   * underflow, where the weights, and the sandwich, do not.
   */
  private static double scale(RowCounts counts) {
    return Math.scalb(1.0, -Math.getExponent(counts.weight() / counts.used()));
  }

  /** The sandwich with gradients that count by their rows' leverages. */
  private SymmetricMatrix leveraged(double[] x, SymmetricMatrix bread, double scale) {
    boolean squared = settings.weights() == WeightKind.IMPORTANCE;
    SymmetricMatrix meat = LeveragedScores.meat(samples, model, configuration, x, bread, scale);
    // Frequencies are multiplied by the scale once, importances twice.
    return squared
        ? Congruence.sandwich(times(bread, 1 / scale), meat)
        : times(Congruence.sandwich(bread, meat), 1 / scale);
  }

  private SymmetricMatrix sandwich(
      double[] x, Objective sums, SymmetricMatrix bread, double scale) {
    return needsSquaredWeights()
        ? Congruence.sandwich(times(bread, 1 / scale), meat(x, sums, scale))
        : Congruence.sandwich(bread, meat(x, sums, 1));
  }

  /**
   * n.
   *
   * @param k how many elements are estimated
   */
  private double count(RowCounts counts, int k) {
    double n = settings.weights() == WeightKind.FREQUENCY ? counts.weight() : counts.used();
    if (settings.covariance() != Covariance.NONROBUST && n <= k) {
      throw Errors.noAnswer(
          "there are no degrees of freedom: %s for %d estimates"
              .formatted(n == 1 ? "one row" : (long) n + " rows", k),
          "curvature.infer",
          "estimate less (fixed = true), or give more rows");
    }
    return n;
  }

  /** With the factor of small samples. */
  private Kind corrected(SymmetricMatrix sandwich, double n, int k) {
    return switch (settings.factor()) {
      case DEFAULT ->
          settings.covariance() == Covariance.HC1
              ? new Kind(times(sandwich, n / (n - k)), "n/(n-k)", Map.of(), 0)
              : new Kind(sandwich);
      case NONE -> new Kind(sandwich);
      case ONE_LESS -> new Kind(times(sandwich, n / (n - 1)), "n/(n-1)", Map.of(), 0);
      case STATA, MIN_G -> new Kind(times(sandwich, n / (n - k)), "n/(n-k)", Map.of(), 0);
    };
  }

  private SymmetricMatrix profiledMeat(double[] x, double[] vectors) {
    return ScoreProducts.meat(samples, model, configuration, x, vectors, settings.weights());
  }

  /**
   * Several ways of clustering can give a matrix that is no covariance. Its negative eigenvalues
   * are taken for 0 (Cameron, Gelbach and Miller 2011).
   *
   * @param scale on whose diagonal's scale it is done where in the parameters' own units rounding
   *     hides negative variances
   */
  private Kind positive(Kind kind, SymmetricMatrix scale) {
    if (settings.groups().size() == 1) {
      return kind;
    }
    PositivePart part = PositivePart.of(kind.matrix());
    if (Arrays.stream(part.matrix().diagonal()).anyMatch(variance -> !(variance >= 0))) {
      part =
          PositivePart.of(
              kind.matrix(),
              Arrays.stream(scale.diagonal()).map(v -> v == 0 ? 1 : Math.sqrt(v)).toArray());
    }
    return new Kind(part.matrix(), kind.factor(), kind.groups(), part.negative());
  }

  private SymmetricMatrix inverseOpg(double[] x, Objective sums, RowCounts counts) {
    Elements elements = model.estimated(x);
    double multiplied = needsSquaredWeights() ? scale(counts) : 1;
    ScaledHessian decomposed = ScaledHessian.of(meat(x, sums, multiplied).part(elements.kept()));
    if (!decomposed.isPositiveDefinite()) {
      throw Errors.noAnswer(
          "the outer product of gradients is singular",
          "curvature.infer.covariance",
          "take another covariance, or estimate less");
    }
    SymmetricMatrix covariance =
        times(times(elements.whole(decomposed.inverse()), multiplied), multiplied);
    double[] variances = covariance.diagonal();
    if (Arrays.stream(elements.kept()).anyMatch(k -> !isPositive(variances[k]))) {
      throw Errors.noAnswer(
          "variances by the outer product of gradients are beyond the range of numbers: weights are of order %.0e"
              .formatted(counts.weight() / counts.used()),
          "curvature.input.weight",
          "multiply the weights by a constant: sandwich errors (HC0, HC1) do not depend on it");
    }
    return covariance;
  }

  private static boolean isPositive(double variance) {
    return variance > 0 && variance < Double.POSITIVE_INFINITY;
  }

  /**
   * The outer products of gradients, weighted as the kind of weights has it.
   *
   * @param scale what weights are multiplied by before they are squared
   */
  private SymmetricMatrix meat(double[] x, Objective objective, double scale) {
    if (!needsSquaredWeights()) {
      return objective.opg().orElseThrow();
    }
    Request.Global opg = Request.Global.NONE.withOpg();
    return new SummedObjective(ReweightedSamples.squared(samples, scale), model, configuration)
        .sums(x, opg)
        .opg()
        .orElseThrow();
  }

  /** The sum over ways of clustering, of gradients or of their products with vectors. */
  private Kind clustered(
      double[] x,
      double[] vectors,
      double n,
      int k,
      double scale,
      Optional<ClusterLeverages> leverages) {
    List<String> columns = settings.groups();
    List<GroupedScores.Way> ways =
        GroupedScores.of(
            samples,
            leverages.isPresent()
                ? LeveragedScores.spec(model, configuration, leverages.get().predictor())
                : vectors.length == 0
                    ? gradients()
                    : ScoreProducts.spec(model, configuration, vectors.length / x.length),
            vectors,
            model.free(x),
            configuration.device(),
            scale,
            columns.size(),
            settings.nullGroups(),
            leverages);
    Map<String, Long> groups = new LinkedHashMap<>();
    long fewest = ways.stream().mapToLong(GroupedScores.Way::groups).min().orElseThrow();
    int order = ways.get(0).meat().order();
    double[] sum = new double[Math.toIntExact(SymmetricMatrix.packedLength(order))];
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
      double g = settings.factor() == SmallSampleFactor.MIN_G ? fewest : way.groups();
      double factor = settings.factor().ofClusters(settings.covariance(), g, n, k);
      double sign = Integer.bitCount(way.columns()) % 2 == 1 ? 1 : -1;
      add(sum, sign * factor, way.meat());
    }
    String factor =
        switch (settings.factor()) {
          case NONE -> "none";
          case ONE_LESS -> "G/(G-1)";
          case DEFAULT -> leverages.isPresent() ? "none" : "G/(G-1) (n-1)/(n-k)";
          case STATA -> "G/(G-1) (n-1)/(n-k)";
          case MIN_G -> "G/(G-1) (n-1)/(n-k), G the smallest";
        };
    return new Kind(SymmetricMatrix.ofPacked(order, sum), factor, groups, 0);
  }

  private Optional<ClusterLeverages> leverages(SymmetricMatrix bread, double[] x) {
    return settings.covariance() == Covariance.CR2
        ? Optional.of(
            ClusterLeverages.of(
                LeveragedScores.predictor(configuration), bread, model.estimated(x)))
        : Optional.empty();
  }

  private DerivativeSpec gradients() {
    return new DerivativeSpec(
        model.loss(),
        Request.by(model.wrt()).withSamples(Request.PerSample.NONE.withGradient()),
        configuration.precision(),
        configuration.blockMemoryBytes());
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
