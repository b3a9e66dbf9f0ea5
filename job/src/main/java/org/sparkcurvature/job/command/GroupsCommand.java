package org.sparkcurvature.job.command;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.sparkcurvature.engine.DerivativeSpec;
import org.sparkcurvature.engine.Layout;
import org.sparkcurvature.engine.Precision;
import org.sparkcurvature.engine.Request;
import org.sparkcurvature.graph.Model;
import org.sparkcurvature.job.config.FitConfig;
import org.sparkcurvature.job.config.GroupsConfig;
import org.sparkcurvature.job.config.InferConfig;
import org.sparkcurvature.job.config.ModelConfig;
import org.sparkcurvature.job.config.NullGroups;
import org.sparkcurvature.job.config.RunConfiguration;
import org.sparkcurvature.job.config.StatisticsConfig;
import org.sparkcurvature.job.config.TensorConfig;
import org.sparkcurvature.job.config.Transform;
import org.sparkcurvature.job.derive.RowCounts;
import org.sparkcurvature.job.derive.RowLimits;
import org.sparkcurvature.job.errors.Errors;
import org.sparkcurvature.job.errors.JobException;
import org.sparkcurvature.job.estimate.FreeModel;
import org.sparkcurvature.job.fit.ObjectiveFunction;
import org.sparkcurvature.job.formula.FormulaExpansion;
import org.sparkcurvature.job.groups.GroupFits;
import org.sparkcurvature.job.groups.GroupProblem;
import org.sparkcurvature.job.groups.GroupSettings;
import org.sparkcurvature.job.groups.GroupTable;
import org.sparkcurvature.job.groups.GroupsSummary;
import org.sparkcurvature.job.groups.PriorEstimate;
import org.sparkcurvature.job.groups.RowForm;
import org.sparkcurvature.job.groups.Status;
import org.sparkcurvature.job.language.LossModel;
import org.sparkcurvature.job.language.ParameterFunctions;
import org.sparkcurvature.job.page.GroupsPage;
import org.sparkcurvature.job.report.GroupsReport;
import org.sparkcurvature.job.sink.ResultFiles;
import org.sparkcurvature.job.source.KeyedRows;
import org.sparkcurvature.job.source.Rejections;
import org.sparkcurvature.job.source.RowTally;
import org.sparkcurvature.job.source.Source;
import org.sparkcurvature.rewrite.Predictors;

/** {@code fit} and {@code estimate} with {@code fit.by}: one model for each of many groups. */
final class GroupsCommand {
  private static final String TABLE = "estimates";
  private static final String PEARSON = "pearson_of_groups__";

  /** Tasks for each core, where the input does not have more: groups differ in their work. */
  private static final int TASKS = 4;

  private static final int EXAMPLES = 3;
  private static final int SHOWN = 5;

  private GroupsCommand() {}

  /** Runs {@code command}; returns the one that goes on from it. */
  static Optional<String> run(RunContext run, String command) {
    RunConfiguration configuration = run.configuration();
    ResultFiles files = new ResultFiles(run.folder());
    GroupsSummary summary;
    try {
      summary = fitted(run, command, files);
    } catch (JobException e) {
      // What does not suit the family is told before what came of it.
      look(run);
      throw e;
    }
    files.groups(summary);
    run.page(
        command,
        Optional.of(RunContext.rows(summary.rows())),
        summary.rows().weight(),
        Optional.empty(),
        summary.warnings(),
        GroupsPage.of(summary, configuration.report().namesRows()));
    run.show(new GroupsReport(summary, configuration.model()));
    Optional<JobException> failure =
        failure(
            summary.groups(),
            summary.converged(),
            configuration.fit().groups().maxFailed(),
            () -> mostOfThem(summary));
    if (failure.isPresent()) {
      run.folder().commitNotConverged();
      run.notConverged(command);
      throw failure.get();
    }
    run.folder().commit();
    return configuration.model().statistics().tellsPredictions()
        ? Optional.of("predict")
        : Optional.empty();
  }

  private static GroupsSummary fitted(RunContext run, String command, ResultFiles files) {
    Opened opened = open(run);
    refuseUnexpected(run, opened.rows());
    FreeModel model = opened.estimation().model();
    run.describe(
        files,
        opened.estimation(),
        model.natural(opened.start().x()),
        model.naturalLayout(),
        new HashSet<>(model.shapes().keySet()));
    GroupFits fits = opened.fits(run);
    run.stages()
        .run(
            "fit",
            "fitting groups",
            () -> {
              files.table(TABLE, fits.table(), run.configuration().output().format());
              return TABLE;
            });
    // Where Spark did not shuffle before.
    refuseUnexpected(run, opened.rows());
    return summary(run, command, opened, fits);
  }

  private static void refuseUnexpected(RunContext run, KeyedRows rows) {
    if (rows.isUnexpected()) {
      look(run);
    }
  }

  private static void look(RunContext run) {
    run.parsedJob().unchecked().ifPresent(unchecked -> unchecked.look().run());
  }

  /**
   * What ends the run where no group has estimates, or more than the share {@code
   * fit.max-failed-groups} have none.
   *
   * @param most this share
   * @param detail what a message says behind how many these are
   */
  static Optional<JobException> failure(
      long groups, long converged, double most, Supplier<String> detail) {
    long failed = groups - converged;
    if (converged > 0 && failed <= most * groups) {
      return Optional.empty();
    }
    return Optional.of(
        Errors.noAnswer(
            "%,d of %,d groups have no estimates%s".formatted(failed, groups, detail.get()),
            most < 1 ? "curvature.fit.max-failed-groups" : "curvature.fit.by",
            "see status and message in the table of estimates; fewer coefficients, larger groups,"
                + " or fit.l2 give more of them an answer"));
  }

  private static String mostOfThem(GroupsSummary summary) {
    Map.Entry<Status, Long> first =
        summary.counts().entrySet().stream()
            .filter(entry -> entry.getKey() != Status.CONVERGED)
            .max(Map.Entry.comparingByValue())
            .orElseThrow();
    return ", most of them (%,d) are %s".formatted(first.getValue(), first.getKey());
  }

  /**
   * Where fits begin.
   *
   * @param pooled the objective of the fit to all rows together, where there is one
   * @param hessian of a log-likelihood there, P x P; otherwise empty
   * @param dispersion of all rows together, where a prior needs it; otherwise 1
   */
  record Start(
      double[] x,
      OptionalDouble pooled,
      double[] hessian,
      double dispersion,
      List<String> remarks) {}

  /** What is read before groups are fitted. */
  record Opened(
      Estimation estimation,
      KeyedRows rows,
      GroupProblem problem,
      Optional<GroupsSummary.Prior> prior,
      Start start,
      List<String> warnings) {

    GroupFits fits(RunContext run) {
      return GroupFits.of(
          run.session().spark(),
          rows,
          problem,
          run.configuration().fit().groups().layout(),
          run.configuration().infer().adjust(),
          run.configuration().device());
    }
  }

  /** Reads the first rows, and refuses what cannot be computed. */
  static Opened open(RunContext run) {
    RunConfiguration configuration = run.configuration();
    GroupsConfig groups = configuration.fit().groups();
    Estimation estimation =
        run.estimation(
            Inference.groups(configuration.infer()),
            run.parsedJob().loss().functions(),
            Estimation.Extent.NAMED);
    refuse(configuration, estimation);
    Source source = estimation.source();
    List<String> warnings = run.warnings(source);
    Start start = start(run, estimation);
    int partitions =
        Math.max(
            source.partitions(), TASKS * run.session().spark().sparkContext().defaultParallelism());
    // Spark shuffles when it is asked for the plan.
    KeyedRows rows =
        run.stages()
            .run(
                "shuffle",
                "bringing the rows of each group together",
                () ->
                    source.keyed(
                        groups.by(),
                        GroupTable.taken(groups.layout()),
                        partitions,
                        run.parsedJob().unchecked().map(FormulaExpansion.Unchecked::expectation)));
    List<String> all = new ArrayList<>(warnings);
    all.addAll(start.remarks());
    GroupProblem problem = problem(run, estimation, start);
    Optional<GroupsSummary.Prior> prior = Optional.empty();
    if (groups.shrink().any()) {
      PriorEstimate.Prior found = prior(run, estimation, rows, problem);
      prior = Optional.of(new GroupsSummary.Prior(start.x(), found.deviations()));
      problem =
          problem.with(new GroupProblem.Penalty(found.factors(), start.x(), start.dispersion()));
    }
    return new Opened(estimation, rows, problem, prior, start, List.copyOf(all));
  }

  /** What is known of the groups beside their rows, around the estimates of all rows together. */
  private static PriorEstimate.Prior prior(
      RunContext run, Estimation estimation, KeyedRows rows, GroupProblem problem) {
    GroupsConfig.Shrink shrink = run.configuration().fit().groups().shrink();
    if (shrink.estimated()) {
      return run.stages()
          .run(
              "prior",
              "estimating how far groups lie apart",
              () -> PriorEstimate.of(run.session().spark(), rows, problem));
    }
    double[] deviations = new double[problem.length()];
    double[] factors = new double[problem.length()];
    for (Layout.Entry entry : estimation.model().layout().entries()) {
      double deviation = shrink.of(entry.name()).orElse(Double.POSITIVE_INFINITY);
      for (int k = entry.offset(); k < entry.offset() + entry.shape().size(); k++) {
        deviations[k] = deviation;
        factors[k] = 1 / (deviation * deviation);
      }
    }
    return new PriorEstimate.Prior(deviations, factors);
  }

  private static void refuse(RunConfiguration configuration, Estimation estimation) {
    estimation.refusePinball();
    FreeModel model = estimation.model();
    GroupsConfig groups = configuration.fit().groups();
    if (model.bounds().hasBounds()) {
      throw Errors.configuration(
          "parameters have bounds, which fits by groups do not keep to",
          "curvature.model.parameters",
          "leave lower and upper out; transform = log keeps a parameter above 0");
    }
    if (model.penalty().isPresent()) {
      throw Errors.configuration(
          "there is a penalty, which fits by groups do not have",
          "curvature.model.penalty",
          "take fit.l2, which they do have");
    }
    if (model.layout().length() != model.naturalLayout().length()) {
      throw Errors.configuration(
          "a parameter has transform = simplex, which fits by groups do not have",
          "curvature.model.parameters",
          "leave it out");
    }
    Set<String> keys = new LinkedHashSet<>();
    groups.by().forEach(key -> keys.add(key.toLowerCase(Locale.ROOT)));
    for (TensorConfig tensor : configuration.input().tensors().values()) {
      for (String column : tensor.columns()) {
        if (keys.contains(column.toLowerCase(Locale.ROOT))) {
          throw Errors.configuration(
              "%s is a key of fit.by and enters the model, where it is the same in all rows of a group"
                  .formatted(column),
              "curvature.fit.by",
              "leave it out of one of the two");
        }
      }
    }
  }

  /** Where each fit begins: the values of the parameters, or the estimates of all rows together. */
  private static Start start(RunContext run, Estimation estimation) {
    double[] own = estimation.model().start();
    boolean shrinks = run.configuration().fit().groups().shrink().any();
    if (run.configuration().fit().groups().start() == GroupsConfig.Start.OWN && !shrinks) {
      return new Start(own, OptionalDouble.empty(), new double[0], 1, List.of());
    }
    String why;
    try {
      Optional<Start> pooled =
          estimation.keeping(
              run.configuration(),
              kept -> pooled(run, kept, Fitting.of(run, kept, Optional.empty())));
      if (pooled.isPresent()) {
        return pooled.get();
      }
      why = "the fit to all rows together did not converge";
    } catch (JobException e) {
      why = "there is no fit to all rows together: " + e.what();
    }
    if (shrinks) {
      throw Errors.noAnswer(
          why + ", and there is nothing to shrink towards",
          "curvature.fit.shrink",
          "leave it out, or mend the model that is common to all groups");
    }
    String remark = why + "; each group begins at the parameters' own values.";
    run.terminal().warning(remark);
    return new Start(own, OptionalDouble.empty(), new double[0], 1, List.of(remark));
  }

  private static Optional<Start> pooled(RunContext run, Estimation kept, Fitting fitting) {
    if (!fitting.converged()) {
      return Optional.empty();
    }
    RunConfiguration configuration = run.configuration();
    boolean comparable =
        configuration.model().likelihood()
            && !configuration.fit().l2().any()
            && configuration.model().collinear() == ModelConfig.Collinear.FAIL;
    double[] hessian =
        comparable
            ? kept.objective()
                .at(fitting.x(), ObjectiveFunction.Order.HESSIAN)
                .hessian()
                .orElseThrow()
                .toSquare()
            : new double[0];
    double dispersion =
        configuration.fit().groups().shrink().any()
            ? new Statistics(run, kept).dispersion(fitting.x())
            : 1;
    return Optional.of(
        new Start(fitting.x(), OptionalDouble.of(fitting.value()), hessian, dispersion, List.of()));
  }

  private static GroupProblem problem(RunContext run, Estimation estimation, Start start) {
    RunConfiguration configuration = run.configuration();
    FreeModel free = estimation.model();
    StatisticsConfig statistics = configuration.model().statistics();
    boolean scaled = statistics.dispersion() && statistics.pearson().isPresent();
    List<String> pearson = scaled ? List.of(PEARSON) : List.of();
    Model model = scaled ? withPearson(run, estimation) : free.loss();
    List<String> wrt = free.wrt();
    Predictors predictors = Predictors.of(model, wrt, pearson);
    boolean clustered = configuration.infer().covariance().isClustered();
    RowForm form = RowForm.of(predictors, free.layout(), clustered);
    refuseLeverages(configuration, form);
    List<String> names = predictors.predictors().stream().map(Predictors.Predictor::name).toList();
    Request ofLoss =
        Request.by(names)
            .withSamples(
                Request.PerSample.NONE
                    .withValue()
                    .withGradient()
                    .withHessian(Request.SampleHessianForm.PACKED)
                    .withValuesOf(pearson));
    List<String> computed = form.computed();
    Request ofAffine =
        Request.by(wrt)
            .withSamples(
                Request.PerSample.NONE
                    .withValuesOf(
                        Stream.concat(computed.stream(), predictors.constants().stream()).toList())
                    .withJacobiansOf(computed));
    Map<String, double[]> zero = free.free(new double[start.x().length]);
    List<GroupProblem.Scale> scales = new ArrayList<>();
    List<DerivativeSpec> natural = natural(estimation, scales);
    return new GroupProblem(
        computed.isEmpty() && predictors.constants().isEmpty()
            ? List.of()
            : List.of(spec(configuration, predictors.affine(), ofAffine)),
        spec(configuration, predictors.loss(), ofLoss),
        natural,
        scales,
        zero,
        form,
        start.x(),
        Fitting.l2(configuration, free),
        List.of(),
        start.hessian(),
        estimation.freeNames(),
        pearson,
        settings(configuration, scaled),
        configuration.blockMemoryBytes());
  }

  private static void refuseLeverages(RunConfiguration configuration, RowForm form) {
    if (configuration.infer().covariance().isLeveraged() && !form.isLinear()) {
      throw Errors.configuration(
          configuration.infer().covariance()
              + " takes leverages, and the loss depends on what is estimated through more than one"
              + " linear predictor",
          "curvature.infer.covariance",
          "take HC1");
    }
  }

  private static DerivativeSpec spec(RunConfiguration configuration, Model model, Request request) {
    return new DerivativeSpec(
        model, request, configuration.precision(), configuration.blockMemoryBytes());
  }

  private static GroupSettings settings(RunConfiguration configuration, boolean scaled) {
    FitConfig fit = configuration.fit();
    return new GroupSettings(
        fit.tolerance(),
        fit.maxIterations(),
        configuration.model().collinear() == ModelConfig.Collinear.DROP,
        fit.groups().covariance(),
        configuration.infer().covariance(),
        configuration.infer().factor(),
        configuration.infer().weights(),
        scaled,
        configuration.infer().adjust() != InferConfig.Adjustment.NONE,
        configuration.infer().reference(),
        fit.groups().nullGroups() == NullGroups.OWN,
        configuration.infer().nullGroups() == NullGroups.OWN);
  }

  /** The loss, with Pearson's statistic of a row for a definition. */
  private static Model withPearson(RunContext run, Estimation estimation) {
    ModelConfig model = run.configuration().model();
    Map<String, String> definitions = new LinkedHashMap<>(model.definitions());
    definitions.put(PEARSON, model.statistics().pearson().orElseThrow());
    FreeModel free = estimation.model();
    Map<String, Transform> transforms = new LinkedHashMap<>();
    free.wrt().stream()
        .filter(name -> !free.isNatural(name))
        .forEach(name -> transforms.put(name, free.transform(name)));
    return LossModel.parse(
            run.configuration().input().tensors().keySet(),
            model.parameters().keySet(),
            definitions,
            model.loss(),
            Optional.empty())
        .compile(estimation.source().shapes(), free.shapes(), transforms)
        .loss();
  }

  /** The parameters that are estimated on another scale, by their free elements. */
  private static List<DerivativeSpec> natural(
      Estimation estimation, List<GroupProblem.Scale> scales) {
    FreeModel free = estimation.model();
    List<String> transformed = free.wrt().stream().filter(name -> !free.isNatural(name)).toList();
    if (transformed.isEmpty()) {
      return List.of();
    }
    List<String> definitions = transformed.stream().map(ParameterFunctions::naturalName).toList();
    Predictors predictors =
        Predictors.byParameters(free.functions().model(), transformed, definitions);
    List<String> inputs = predictors.predictors().stream().map(Predictors.Predictor::name).toList();
    for (int k = 0; k < transformed.size(); k++) {
      Layout.Entry entry = free.layout().entry(transformed.get(k));
      scales.add(
          new GroupProblem.Scale(
              inputs.get(k), definitions.get(k), entry.offset(), entry.shape().size()));
    }
    return List.of(
        new DerivativeSpec(
            predictors.loss(),
            Request.by(inputs)
                .withSamples(
                    Request.PerSample.NONE.withValuesOf(definitions).withJacobiansOf(definitions)),
            Precision.DOUBLE,
            1));
  }

  private static GroupsSummary summary(
      RunContext run, String command, Opened opened, GroupFits fits) {
    RunConfiguration configuration = run.configuration();
    Map<Status, Long> counts = new LinkedHashMap<>();
    Map<Status, List<GroupsSummary.Example>> examples = new LinkedHashMap<>();
    double value = 0;
    BigDecimal weight = BigDecimal.ZERO;
    for (Map.Entry<Status, GroupFits.Counted> entry : fits.counts().entrySet()) {
      Status status = entry.getKey();
      counts.put(status, entry.getValue().groups());
      weight = weight.add(entry.getValue().weight());
      value = status == Status.CONVERGED ? entry.getValue().value().doubleValue() : value;
      examples.put(
          status,
          entry.getValue().first().stream()
              .limit(status == Status.CONVERGED ? SHOWN : EXAMPLES)
              .toList());
    }
    RowCounts rows = counted(opened.estimation().source(), fits.tallies(), weight.doubleValue());
    return new GroupsSummary(
        command,
        opened.rows().keys().stream().map(field -> field.name()).toList(),
        opened.estimation().model().naturalLayout(),
        opened.estimation().freeNames(),
        rows,
        counts,
        value,
        examples,
        opened.prior(),
        fits.heldOut(),
        equality(configuration, opened, counts, value),
        configuration.infer(),
        configuration.fit().groups(),
        run.stages().seconds(),
        run.stages().total(),
        run.withRejections(opened.warnings(), rows));
  }

  /**
   * Where all groups have estimates of all elements, by likelihood, and so do all rows together.
   */
  private static Optional<GroupsSummary.Equality> equality(
      RunConfiguration configuration, Opened opened, Map<Status, Long> counts, double value) {
    long groups = counts.getOrDefault(Status.CONVERGED, 0L);
    boolean comparable =
        counts.size() == 1
            && groups > 1
            && configuration.model().likelihood()
            && configuration.model().collinear() == ModelConfig.Collinear.FAIL
            && !configuration.fit().l2().any();
    return comparable && opened.start().pooled().isPresent()
        ? Optional.of(
            new GroupsSummary.Equality(
                2 * (opened.start().pooled().getAsDouble() - value),
                (groups - 1) * opened.problem().length()))
        : Optional.empty();
  }

  /** What became of the rows; refuses what a pass over them would. */
  private static RowCounts counted(Source source, List<RowTally> tallies, double weight) {
    Rejections rejections = new Rejections();
    long read = 0;
    long rejected = 0;
    long zeroWeight = 0;
    for (RowTally tally : tallies) {
      read += tally.read();
      rejected += tally.rejected();
      zeroWeight += tally.zeroWeight();
      rejections.merge(tally.rejections());
    }
    RowCounts counts = new RowCounts(read, rejected, zeroWeight, weight, rejections.byReason());
    RowLimits.refuse(source, counts, rejections);
    return counts;
  }
}
