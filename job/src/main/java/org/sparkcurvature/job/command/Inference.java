package org.sparkcurvature.job.command;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.Collectors;
import org.sparkcurvature.engine.Layout;
import org.sparkcurvature.job.config.Covariance;
import org.sparkcurvature.job.config.InferConfig;
import org.sparkcurvature.job.config.ReferenceDistribution;
import org.sparkcurvature.job.config.RunConfiguration;
import org.sparkcurvature.job.derive.RowCounts;
import org.sparkcurvature.job.errors.Errors;
import org.sparkcurvature.job.estimate.Curvature;
import org.sparkcurvature.job.estimate.FreeModel;
import org.sparkcurvature.job.estimate.SummedObjective;
import org.sparkcurvature.job.infer.CovarianceEstimator;
import org.sparkcurvature.job.infer.Covariances;
import org.sparkcurvature.job.infer.Estimate;
import org.sparkcurvature.job.infer.HypothesisTest;
import org.sparkcurvature.job.infer.InferSummary;
import org.sparkcurvature.job.infer.ParameterTests;
import org.sparkcurvature.job.language.ParameterFunctions;
import org.sparkcurvature.job.result.Objective;
import org.sparkcurvature.job.result.Stages;
import org.sparkcurvature.job.solve.SymmetricMatrix;

/** What can be said of estimates: their covariance, standard errors, intervals and tests. */
final class Inference {
  /** Standard errors by fewer groups than this are warned of (Cameron and Miller 2015). */
  private static final int FEW_GROUPS = 10;

  /** Errors that are known to less than this share of themselves are warned of. */
  private static final double MOST_LOST = 1e-6;

  private Inference() {}

  /** The functions of parameters that are asked for. */
  static ParameterFunctions functions(RunContext run) {
    InferConfig settings = run.configuration().infer();
    return run.parsedJob()
        .withShapes(
            () ->
                run.parsedJob()
                    .loss()
                    .functions(
                        ParameterTests.functions(settings),
                        ParameterTests.equations(settings),
                        ElementsByName.of(run.configuration())));
  }

  /** The columns by which samples are grouped. */
  static List<String> groups(InferConfig settings) {
    return settings.covariance().isClustered() ? settings.groups() : List.of();
  }

  /**
   * What to say at a point.
   *
   * @param x the estimates' free elements
   * @param dispersion by which the inverse Hessian is multiplied; 1 where there is none
   * @param warnings those of the input
   */
  static InferSummary of(
      RunContext run, Estimation estimation, double[] x, double dispersion, List<String> warnings) {
    RunConfiguration configuration = run.configuration();
    InferConfig settings = configuration.infer();
    Stages stages = run.stages();
    CovarianceEstimator estimator =
        new CovarianceEstimator(
            estimation.rows(), estimation.model(), configuration, estimation.told(), dispersion);
    SummedObjective.Seen seen =
        stages.run(
            "derivatives",
            "reading rows and adding up",
            () ->
                estimation
                    .objective()
                    .sums(
                        x, estimator.asked(), Optional.of(RowsLook.losses(configuration.input()))));
    Objective objective = seen.objective();
    RowCounts counts = estimation.objective().counts().orElseThrow();
    CovarianceEstimator.Result result =
        stages.run(
            "covariance",
            "estimating the covariance",
            () ->
                estimator.estimate(
                    x, estimation.objective(), objective, counts, estimation.freeNames()));
    Covariances covariances = result.covariances();
    SymmetricMatrix covariance = covariances.told();
    OptionalDouble degreesOfFreedom =
        settings.reference() == ReferenceDistribution.T
            ? OptionalDouble.of(
                result.degreesOfFreedom(estimation.model().estimated(x).kept().length))
            : OptionalDouble.empty();
    List<Estimate> estimates =
        new ArrayList<>(estimates(estimation, x, covariance, settings, degreesOfFreedom));
    estimates.addAll(functions(estimation.model(), x, covariances, settings, degreesOfFreedom));
    List<String> remarks = new ArrayList<>(remarks(result, settings));
    if (configuration.model().statistics().dispersion()
        && Curvature.isPerfectFit(objective, x, dispersion, result.count())) {
      remarks.add(
          "The fit is perfect but for rounding: errors, tests and p-values are those of rounding.");
    }
    remarks.addAll(Profiles.replace(run, estimation, x, dispersion, estimates));
    Hypotheses hypotheses =
        new Hypotheses(
            run,
            estimation,
            x,
            covariances,
            dispersion,
            objective.value().orElseThrow(),
            degreesOfFreedom);
    List<HypothesisTest> tests =
        settings.tests().entrySet().stream()
            .map(test -> hypotheses.test(test.getKey(), test.getValue()))
            .toList();
    remarks.addAll(HeldElements.remarks(estimation.model(), estimation.freeNames(), x));
    return new InferSummary(
        run.facts(
            estimation.objective(),
            estimator.asked(),
            estimation.toldLayout(),
            run.told(warnings, remarks)),
        result.count(),
        settings,
        result.factor(),
        degreesOfFreedom,
        result.groups(),
        result.negative(),
        estimation.profiled(),
        estimation.told().stream()
            .filter(estimation.model()::isNatural)
            .collect(Collectors.toUnmodifiableSet()),
        objective.value().orElseThrow(),
        likelihood(configuration, estimation, objective, x, result.count()),
        covariance,
        estimates,
        tests,
        seen.fitted());
  }

  private static List<Estimate> estimates(
      Estimation estimation,
      double[] x,
      SymmetricMatrix covariance,
      InferConfig settings,
      OptionalDouble degreesOfFreedom) {
    Map<String, double[]> natural = estimation.model().natural(x);
    List<Estimate> estimates = new ArrayList<>();
    int[] estimated = estimation.model().estimated(x).kept();
    Layout free = estimation.model().layout();
    for (Layout.Entry entry : estimation.toldLayout().entries()) {
      List<String> names = estimation.names().names(entry.name(), entry.shape());
      for (int k = 0; k < entry.shape().size(); k++) {
        int at = entry.offset() + k;
        if (estimation.model().hasOwnElements(entry.name())
            && Arrays.binarySearch(estimated, free.entry(entry.name()).offset() + k) < 0) {
          estimates.add(Estimate.held(names.get(k), entry.name(), k, natural.get(entry.name())[k]));
          continue;
        }
        estimates.add(
            positive(
                Estimate.of(
                    names.get(k),
                    entry.name(),
                    k,
                    natural.get(entry.name())[k],
                    covariance.at(at, at),
                    settings.level(),
                    degreesOfFreedom)));
      }
    }
    return estimates;
  }

  /** By the delta method. */
  private static List<Estimate> functions(
      FreeModel model,
      double[] x,
      Covariances covariances,
      InferConfig settings,
      OptionalDouble degreesOfFreedom) {
    List<String> names =
        settings.functions().keySet().stream().map(ParameterTests::function).toList();
    Map<String, double[]> values = model.functions().values(model.free(x), names);
    List<Estimate> estimates = new ArrayList<>();
    settings
        .functions()
        .keySet()
        .forEach(
            name -> {
              double[] elements = values.get(ParameterTests.function(name));
              double[] variances =
                  covariances.functions(List.of(ParameterTests.function(name))).diagonal();
              for (int k = 0; k < elements.length; k++) {
                estimates.add(
                    positive(
                        Estimate.of(
                            elements.length == 1 ? name : name + "[" + k + "]",
                            name,
                            k,
                            elements[k],
                            variances[k],
                            settings.level(),
                            degreesOfFreedom)));
              }
            });
    return estimates;
  }

  /** What a user should know of the covariance, in sentences. */
  private static List<String> remarks(CovarianceEstimator.Result result, InferConfig settings) {
    List<String> remarks = new ArrayList<>();
    if (!settings.covariance().isClustered() && !settings.groups().isEmpty()) {
      remarks.add(
          "The errors are %s, and the groups %s play no part: infer.covariance = cluster takes them."
              .formatted(settings.covariance(), String.join(", ", settings.groups())));
    }
    result
        .curvature()
        .filter(curvature -> curvature.lost() > MOST_LOST)
        .ifPresent(curvature -> remarks.add(lost(curvature, settings)));
    if (result.negative() > 0) {
      remarks.add(
          "The ways of clustering together gave a matrix with %s below 0, taken for 0 (Cameron,"
                  .formatted(
                      result.negative() == 1 ? "an eigenvalue" : result.negative() + " eigenvalues")
              + " Gelbach and Miller 2011): there are few groups for that many ways.");
    }
    result
        .groups()
        .forEach(
            (column, groups) -> {
              if (groups < FEW_GROUPS) {
                remarks.add(
                    "Standard errors by %d groups of %s are mostly too small: see what infer.reference = t and infer.covariance = CR2 give."
                        .formatted(groups, column));
              }
            });
    return remarks;
  }

  /** A warning of the rounding errors in numbers that are computed from the covariance. */
  private static String lost(Curvature.Inverse curvature, InferConfig settings) {
    boolean own =
        !curvature.refined()
            || settings.covariance().isLeveraged()
            || settings.covariance() == Covariance.CR2;
    return "%s can be off by %.0e of itself: the rows hardly tell %s, as where columns are far from 0 or nearly collinear. Subtract from such a column a number in its middle."
        .formatted(
            own
                ? "Each error, and what is made of the errors (predictions, effects, leverages),"
                : "What is made of these errors (predictions, effects, leverages)",
            curvature.lost(),
            curvature.weakest().get());
  }

  private static Estimate positive(Estimate estimate) {
    if (Double.isNaN(estimate.stdError())) {
      throw Errors.noAnswer(
          "the variance of " + estimate.name() + " comes out negative",
          "curvature.infer.groups",
          "with few groups several ways of clustering can do this: cluster by one column");
    }
    return estimate;
  }

  private static Optional<InferSummary.Likelihood> likelihood(
      RunConfiguration configuration,
      Estimation estimation,
      Objective objective,
      double[] x,
      double n) {
    if (!configuration.model().likelihood()) {
      return Optional.empty();
    }
    double penalty = estimation.objective().penaltyValue(x);
    return Optional.of(
        InferSummary.Likelihood.of(
            -(objective.value().orElseThrow() - penalty),
            estimation.model().estimated(x).kept().length,
            n));
  }
}
