package org.sparkcurvature.job.command;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import org.sparkcurvature.graph.Model;
import org.sparkcurvature.job.config.FitMethod;
import org.sparkcurvature.job.config.StatisticsConfig;
import org.sparkcurvature.job.config.Transform;
import org.sparkcurvature.job.config.WeightKind;
import org.sparkcurvature.job.derive.RowCounts;
import org.sparkcurvature.job.estimate.FreeModel;
import org.sparkcurvature.job.estimate.SummedObjective;
import org.sparkcurvature.job.fit.FitResult;
import org.sparkcurvature.job.fit.FitState;
import org.sparkcurvature.job.fit.Minimiser;
import org.sparkcurvature.job.fit.Minimisers;
import org.sparkcurvature.job.fit.SeparablePenalty;
import org.sparkcurvature.job.language.CompiledModel;
import org.sparkcurvature.job.result.ModelStatistics;
import org.sparkcurvature.job.watch.FittedValues;

/** How well a fitted model fits: sums over rows, and the fit of the model without predictors. */
final class Statistics {
  private final RunContext run;
  private final Estimation estimation;
  private final StatisticsConfig config;

  /**
   * @param estimation with samples that are kept
   */
  Statistics(RunContext run, Estimation estimation) {
    this.run = run;
    this.estimation = estimation;
    this.config = run.configuration().model().statistics();
  }

  /** Deviance and Pearson's statistic, as far as the model has them. */
  private record Sums(
      OptionalDouble deviance, OptionalDouble pearson, Optional<FittedValues> fitted) {}

  /**
   * How well a model fits, and what its rows are like.
   *
   * @param fitted where the model tells mean and variance of a row
   */
  record Found(ModelStatistics statistics, Optional<FittedValues> fitted) {}

  /** The model without predictors, fitted. */
  private record NullFit(Map<String, double[]> values, double value, int parameters) {}

  /**
   * The statistics.
   *
   * @param x the estimates' free elements
   * @param value the objective there, without the penalty
   */
  Found at(double[] x, double value) {
    double count = count();
    FreeModel model = estimation.model();
    int k = model.estimated(x).kept().length;
    Map<String, double[]> values = model.natural(x);
    Sums sums = sums(values, looked());
    double dispersion = dispersion(sums, count, k);
    Optional<NullFit> none = nullFit();
    Optional<Sums> nullSums = none.map(fit -> sums(fit.values()));
    ModelStatistics statistics =
        new ModelStatistics(
            count,
            k,
            logLikelihood(values, value, sums, count, dispersion),
            none.map(
                    fit ->
                        logLikelihood(fit.values(), fit.value(), nullSums.get(), count, dispersion))
                .orElse(OptionalDouble.empty()),
            none.map(NullFit::parameters).orElse(0),
            sums.deviance(),
            // With another alpha the deviance is another function, and says nothing beside it.
            hasScales()
                ? OptionalDouble.empty()
                : nullSums.map(Sums::deviance).orElse(OptionalDouble.empty()),
            sums.pearson(),
            dispersion,
            config.dispersion());
    return new Found(statistics, sums.fitted());
  }

  /** What rows are looked at by, where they are summed anyway. */
  private Map<String, String> looked() {
    if (config.pearson().isEmpty()) {
      return Map.of();
    }
    return Map.of(
        RowSums.MEAN, config.mean().orElseThrow(),
        RowSums.OBSERVED, config.observed().orElseThrow(),
        RowSums.VARIANCE, config.variance().orElseThrow());
  }

  /**
   * Pearson's statistic over n - k, where the variance is known up to a factor; otherwise 1. Takes
   * a pass.
   */
  double dispersion(double[] x) {
    if (!config.dispersion()) {
      return 1;
    }
    Sums sums = sums(estimation.model().natural(x));
    return dispersion(sums, count(), estimation.model().estimated(x).kept().length);
  }

  /** n: rows used in the last pass, or the sum of their frequencies. */
  double count() {
    RowCounts counts = estimation.objective().counts().orElseThrow();
    return run.configuration().infer().weights() == WeightKind.FREQUENCY
        ? counts.weight()
        : counts.used();
  }

  private double dispersion(Sums sums, double count, int k) {
    return config.dispersion() && sums.pearson().isPresent()
        ? sums.pearson().getAsDouble() / (count - k)
        : 1;
  }

  private Sums sums(Map<String, double[]> values) {
    return sums(values, Map.of());
  }

  private Sums sums(Map<String, double[]> values, Map<String, String> looked) {
    List<String> expressions = new ArrayList<>();
    config.deviance().ifPresent(expressions::add);
    config.pearson().ifPresent(expressions::add);
    if (expressions.isEmpty()) {
      return new Sums(OptionalDouble.empty(), OptionalDouble.empty(), Optional.empty());
    }
    RowSums.Seen seen = RowSums.seen(run, estimation, values, expressions, looked);
    double[] found = seen.sums();
    return new Sums(
        config.deviance().isPresent() ? OptionalDouble.of(found[0]) : OptionalDouble.empty(),
        config.pearson().isPresent()
            ? OptionalDouble.of(found[found.length - 1])
            : OptionalDouble.empty(),
        seen.fitted());
  }

  /**
   * Where the dispersion is Pearson's it is that of the model itself, also for the model without
   * predictors: a likelihood ratio is then the difference of deviances over it.
   */
  private OptionalDouble logLikelihood(
      Map<String, double[]> values, double value, Sums sums, double count, double dispersion) {
    if (run.configuration().model().likelihood()) {
      return OptionalDouble.of(-value);
    }
    if (config.logLikelihood().isEmpty()) {
      return OptionalDouble.empty();
    }
    OptionalDouble phi =
        config.phi() == StatisticsConfig.Phi.DEVIANCE
            ? over(sums.deviance(), count)
            : OptionalDouble.of(dispersion);
    if (phi.isEmpty() || !(phi.getAsDouble() > 0 && Double.isFinite(phi.getAsDouble()))) {
      return OptionalDouble.empty();
    }
    if (!hasImportances()) {
      String expression = at(Double.toString(phi.getAsDouble()));
      return OptionalDouble.of(RowSums.of(run, estimation, values, List.of(expression))[0]);
    }
    // A row of the weight w has the dispersion phi / w.
    String expression = at(phi.getAsDouble() + " / " + RowSums.WEIGHT);
    return OptionalDouble.of(RowSums.ofWeights(run, estimation, values, expression));
  }

  /** The log-likelihood of a row. */
  private String at(String phi) {
    return config.logLikelihood().orElseThrow().replaceAll("\\bphi\\b", "(" + phi + ")");
  }

  private boolean hasImportances() {
    return config.dispersion()
        && run.configuration().input().weight().isPresent()
        && run.configuration().infer().weights() == WeightKind.IMPORTANCE;
  }

  /**
   * Whether parameters such as the alpha of a negative binomial are estimated beside coefficients.
   */
  private boolean hasScales() {
    return estimation.model().wrt().stream()
        .anyMatch(name -> estimation.model().transform(name) != Transform.NONE);
  }

  private static OptionalDouble over(OptionalDouble sum, double count) {
    return sum.isEmpty() ? sum : OptionalDouble.of(sum.getAsDouble() / count);
  }

  /** The fit of the parameters that the model without predictors has; the others are 0. */
  private Optional<NullFit> nullFit() {
    FreeModel model = estimation.model();
    List<String> wrt = model.wrt().stream().filter(config.nullModel()::contains).toList();
    if (wrt.isEmpty()) {
      return Optional.empty();
    }
    Map<String, double[]> values =
        new LinkedHashMap<>(GivenParameters.of(run.configuration(), estimation.source()).values());
    model.wrt().stream()
        .filter(name -> !wrt.contains(name))
        .forEach(name -> values.put(name, new double[values.get(name).length]));
    Map<String, Transform> transforms = new LinkedHashMap<>();
    wrt.stream()
        .filter(name -> model.transform(name) != Transform.NONE)
        .forEach(name -> transforms.put(name, model.transform(name)));
    CompiledModel compiled =
        run.parsedJob().loss().compile(estimation.source().shapes(), model.shapes(), transforms);
    Model functions = run.parsedJob().loss().functions().compile(model.shapes(), transforms);
    FreeModel none = new FreeModel(compiled, functions, wrt, model.shapes(), transforms, values);
    SummedObjective objective = estimation.objective().of(none);
    double[] start = none.start();
    FitResult result =
        Minimisers.of(FitMethod.TRUST_REGION_NEWTON, SeparablePenalty.none(start.length))
            .minimise(
                objective,
                FitState.at(start),
                new Minimiser.Limits(
                    run.configuration().fit().tolerance(),
                    run.configuration().fit().maxIterations()),
                state -> {});
    if (!result.termination().converged()) {
      run.terminal()
          .warning(
              "the model without predictors did not converge, and is not compared with: "
                  + result.termination());
      return Optional.empty();
    }
    double[] x = result.state().x();
    return Optional.of(
        new NullFit(none.natural(x), result.value() - objective.penaltyValue(x), x.length));
  }
}
