package org.sparkcurvature.job.command;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.sparkcurvature.engine.DerivativeSpec;
import org.sparkcurvature.engine.Request;
import org.sparkcurvature.graph.Model;
import org.sparkcurvature.graph.Shape;
import org.sparkcurvature.job.config.InvalidRows;
import org.sparkcurvature.job.config.ModelConfig;
import org.sparkcurvature.job.config.PredictConfig;
import org.sparkcurvature.job.config.Purpose;
import org.sparkcurvature.job.config.RunConfiguration;
import org.sparkcurvature.job.config.StatisticsConfig;
import org.sparkcurvature.job.config.TensorConfig;
import org.sparkcurvature.job.derive.RowCounts;
import org.sparkcurvature.job.derive.RowTallies;
import org.sparkcurvature.job.errors.Errors;
import org.sparkcurvature.job.infer.Estimate;
import org.sparkcurvature.job.language.LossModel;
import org.sparkcurvature.job.page.PredictPage;
import org.sparkcurvature.job.predict.GroupCovariance;
import org.sparkcurvature.job.predict.PredictionTable;
import org.sparkcurvature.job.predict.PredictionTable.Prediction;
import org.sparkcurvature.job.predict.PredictionTable.Residual;
import org.sparkcurvature.job.predict.Undetermined;
import org.sparkcurvature.job.report.PredictReport;
import org.sparkcurvature.job.sink.ResultFiles;
import org.sparkcurvature.job.watch.RowWatch;

/** {@code predict}: what a fitted model says of every row. */
public final class PredictCommand {
  private static final String COVARIANCE = "curvature.predict.covariance-from";

  private final Terminal terminal;

  public PredictCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  /**
   * Runs the command.
   *
   * @param configurations paths or URIs, later ones win
   * @param settings {@code path=value}
   * @throws RuntimeException what is wrong; nothing complete is left then
   */
  public void run(List<String> configurations, List<String> settings) {
    RunContext.run(
        terminal, "predict", Purpose.ESTIMATION, configurations, settings, PredictCommand::predict);
  }

  private static Optional<String> predict(RunContext run) {
    RunConfiguration configuration = run.configuration();
    Opened opened = open(run, Optional.empty(), Optional.empty());
    ResultFiles files = new ResultFiles(run.folder());
    if (configuration.input().invalidRows() == InvalidRows.QUARANTINE) {
      files.table("rejected", opened.rows().source().rejected(), configuration.output().format());
    }
    run.stages()
        .run(
            "predict_pass",
            "computing and writing predictions",
            () -> files.table("predictions", opened.table(), configuration.output().format()));
    files.configuration(run.parsedJob().loaded().resolved());
    PredictReport report =
        PredictReport.of(
            run.session().spark(),
            run.folder().entry("predictions").toString(),
            configuration.output().format(),
            opened.named());
    RowCounts counts = run.refuseLeftOut(opened.rows().source(), opened.tallies());
    List<String> warnings = run.withRejections(opened.warnings(), counts);
    files.predictions(
        report.rows(), RunContext.rows(counts), opened.named(), warnings, run.stages().seconds());
    run.page(
        "predict",
        counts,
        warnings,
        PredictPage.of(
            report.rows(), opened.named(), report.columns(), run.pictures(opened.watch())));
    run.show(report);
    run.folder().commit();
    return Optional.empty();
  }

  /**
   * What predictions are made of.
   *
   * @param named what is predicted, by the names of columns
   * @param warnings those of the input
   * @param tallies what became of the rows, once the table is read
   * @param table the predictions; nothing is computed before it is read
   * @param watch what sees the rows while they are written
   */
  record Opened(
      RowModel rows,
      Map<String, String> named,
      List<String> warnings,
      RowTallies tallies,
      Dataset<Row> table,
      Optional<RowWatch> watch) {}

  /**
   * Opens the rows.
   *
   * @param known the covariance of the estimates; empty: that of the folder which is configured
   * @param fitted fits by groups; empty: those of the folder which is configured
   */
  static Opened open(
      RunContext run, Optional<GivenCovariance> known, Optional<GroupEstimates.Fitted> fitted) {
    Optional<GroupEstimates> groups =
        run.configuration().fit().groups().any()
            ? Optional.of(
                GroupEstimates.of(
                    run,
                    Optional.of(
                        fitted
                            .orElseGet(() -> GroupEstimates.read(run))
                            .forPredictions(run.configuration()))))
            : Optional.empty();
    RunConfiguration configuration =
        groups.map(GroupEstimates::configuration).orElse(run.configuration());
    PredictConfig settings = configuration.predict();
    Map<String, String> named = named(configuration.model(), settings);
    Map<String, String> residuals = residuals(configuration.model().statistics(), settings);
    Map<String, String> expressions = new LinkedHashMap<>();
    named.forEach((column, expression) -> expressions.put("predicted_" + column, expression));
    residuals.forEach((column, expression) -> expressions.put("of_" + column, expression));
    RowModel rows =
        run.stages()
            .run(
                "open",
                "opening the input",
                () -> RowModel.of(run, configuration, expressions, List.of(), Map.of()));
    List<String> warnings = run.warnings(rows.source());
    boolean intervals = settings.interval() == PredictConfig.Interval.CONFIDENCE;
    double[] covariance = new double[0];
    double quantile = 0;
    if (intervals && groups.isPresent()) {
      quantile = quantile(configuration.infer().level(), OptionalDouble.empty());
    } else if (intervals) {
      GivenCovariance given =
          known.orElseGet(() -> GivenCovariance.read(settings.covarianceFrom(), COVARIANCE));
      covariance = given.of(rows.wrt(), rows.shapes());
      quantile = quantile(configuration.infer().level(), given.degreesOfFreedom());
    }
    List<Prediction> predictions = new ArrayList<>();
    named
        .keySet()
        .forEach(column -> predictions.add(prediction(run, rows, "predicted_" + column, column)));
    List<Residual> asked =
        residuals.keySet().stream()
            .map(
                column ->
                    new Residual(
                        column,
                        "of_" + column,
                        run.configuration().infer().weights().dividesVariance()
                            && (column.equals("residual_pearson")
                                || column.equals("residual_deviance"))))
            .toList();
    List<String> wrt =
        groups
            .filter(each -> each.drops() || intervals)
            .map(each -> each.wrt(rows))
            .orElseGet(rows::wrt);
    GroupCovariance ofGroups =
        groups
            .filter(each -> intervals)
            .map(each -> each.covariance(wrt))
            .orElse(GroupCovariance.NONE);
    Undetermined undetermined =
        groups.map(each -> each.undetermined(wrt)).orElse(Undetermined.NONE);
    DerivativeSpec spec =
        new DerivativeSpec(
            rows.model(),
            new Request(
                wrt,
                Request.Global.NONE,
                PredictionTable.request(predictions, asked, intervals, undetermined)),
            configuration.precision(),
            configuration.blockMemoryBytes());
    RowTallies tallies = RowTallies.of(run.session().spark());
    List<String> columns = new ArrayList<>(named.keySet());
    columns.addAll(residuals.keySet());
    Optional<RowWatch> watch =
        run.watch(
            columns.stream()
                .filter(
                    column ->
                        predictions.stream()
                            .noneMatch(p -> p.column().equals(column) && p.length() > 1))
                .toList(),
            false);
    Dataset<Row> table =
        PredictionTable.of(
            rows.source(),
            spec,
            rows.values(),
            configuration.device(),
            tallies,
            new PredictionTable.Asked(
                predictions, asked, covariance, ofGroups, quantile, undetermined),
            watch);
    List<String> withIntervals = new ArrayList<>(columns);
    if (intervals) {
      named
          .keySet()
          .forEach(
              name ->
                  List.of("_std_error", "_ci_low", "_ci_high")
                      .forEach(part -> withIntervals.add(name + part)));
    }
    Dataset<Row> whole = groups.map(g -> g.of(table, withIntervals)).orElse(table);
    refuseTwice(whole);
    return new Opened(rows, named, warnings, tallies, whole, watch);
  }

  /** Spark tells columns apart without regard to case. */
  private static void refuseTwice(Dataset<Row> table) {
    Set<String> taken = new LinkedHashSet<>();
    for (String column : table.columns()) {
      if (!taken.add(column.toLowerCase(Locale.ROOT))) {
        throw Errors.configuration(
            "two columns of the predictions are called " + column,
            "curvature.predict.of",
            "give one of them another name: \"exp(eta) AS rate\"");
      }
    }
  }

  /** How many standard errors an interval reaches to either side. */
  static double quantile(double level, OptionalDouble degreesOfFreedom) {
    return Estimate.reference(degreesOfFreedom).inverseCumulativeProbability((1 + level) / 2);
  }

  /** How to ask for the probability of a level, of a family of levels. */
  static Optional<String> probability(StatisticsConfig statistics) {
    String family = statistics.family().orElse("");
    if (family.startsWith("multinomial")) {
      return Optional.of(
          "name probabilities, softmax(z)[1] of the second level: \"softmax(z)[1] AS second\"");
    } else if (family.startsWith("ordered, link logit")) {
      return Optional.of(
          "name probabilities, that of the first level and that of one above it:"
              + " \"sigmoid(thresholds[0] - eta) AS first\", \"sigmoid(eta - thresholds[0]) AS above\"");
    }
    return Optional.empty();
  }

  /** What is predicted, by the names of columns. */
  private static Map<String, String> named(ModelConfig model, PredictConfig settings) {
    Map<String, String> named = new LinkedHashMap<>();
    StatisticsConfig statistics = model.statistics();
    boolean ofLevels =
        statistics.mean().isEmpty()
            && statistics.median().isEmpty()
            && statistics.tellsPredictions();
    if (settings.of().isEmpty() && !ofLevels) {
      if (!statistics.tellsPredictions()) {
        throw Errors.configuration(
            "nothing is named to be predicted, and the model has no mean of its own",
            "curvature.predict.of",
            probability(statistics).orElse("name a definition, as in of = [mu]"));
      }
      named.put(
          statistics.mean().isPresent() ? "mean" : "median",
          statistics.mean().or(statistics::median).get());
      return named;
    }
    int nameless = 0;
    for (String text : settings.of().isEmpty() ? statistics.probabilities() : settings.of()) {
      Optional<String> alias = TensorConfig.alias(text);
      boolean isName = text.matches("[A-Za-z_]\\w*");
      String column =
          isName
              ? text
              : alias.isPresent()
                  ? alias.get()
                  : "prediction" + (nameless++ == 0 ? "" : "_" + nameless);
      named.put(column, TensorConfig.withoutAlias(text));
    }
    return named;
  }

  private static Map<String, String> residuals(
      StatisticsConfig statistics, PredictConfig settings) {
    Map<String, String> residuals = new LinkedHashMap<>();
    for (PredictConfig.Residual kind : settings.residuals()) {
      String key = "curvature.predict.residuals";
      String observed = need(statistics.observed(), "an observed value", key);
      String mean = need(statistics.mean(), "a mean", key);
      String difference = "(" + observed + ") - (" + mean + ")";
      residuals.put(
          "residual_" + kind.name().toLowerCase(Locale.ROOT),
          switch (kind) {
            case RESPONSE -> difference;
            case PEARSON ->
                "(%s) / sqrt(%s)"
                    .formatted(difference, need(statistics.variance(), "a variance", key));
            case DEVIANCE ->
                // Rounding may leave a deviance of 0 below it.
                "sign(%s) * sqrt(greatest(%s, 0.0))"
                    .formatted(difference, need(statistics.deviance(), "a deviance", key));
            case WORKING ->
                "(%s) / (%s)"
                    .formatted(
                        difference,
                        need(
                            statistics.meanDerivative(),
                            "a derivative of the mean by the linear predictor",
                            key));
          });
    }
    return residuals;
  }

  private static String need(Optional<String> expression, String what, String key) {
    return expression.orElseThrow(
        () ->
            Errors.configuration(
                "this residual needs " + what + ", and the model has none",
                key,
                "leave it out, or say it under model.statistics"));
  }

  /** A prediction with its function of the linear predictor, where it has one. */
  private static Prediction prediction(
      RunContext run, RowModel rows, String definition, String column) {
    Shape shape = rows.model().named(definition).shape();
    Optional<String> predictor = run.configuration().model().statistics().linearPredictor();
    if (predictor.isEmpty() || !shape.isScalar()) {
      return new Prediction(column, definition, shape.size(), Optional.empty());
    }
    String eta = predictor.get();
    Set<String> through = rows.parsed().reachedFrom(Set.of(definition), eta);
    boolean depends = rows.parsed().reachedFrom(Set.of(definition)).contains(eta);
    boolean alone =
        depends
            && through.stream()
                .noneMatch(
                    name -> rows.wrt().contains(name) || rows.source().shapes().containsKey(name));
    if (!alone) {
      return new Prediction(column, definition, shape.size(), Optional.empty());
    }
    Map<String, String> definitions = new LinkedHashMap<>();
    through.forEach(
        name ->
            rows.parsed().text(name).ifPresent(expression -> definitions.put(name, expression)));
    Set<String> parameters = new LinkedHashSet<>(rows.shapes().keySet());
    LossModel function =
        LossModel.parse(Set.of(eta), parameters, definitions, definition, Optional.empty());
    Model compiled = function.compile(Map.of(eta, Shape.SCALAR), rows.shapes()).loss();
    DerivativeSpec spec =
        new DerivativeSpec(
            compiled,
            Request.by(eta).withSamples(Request.PerSample.NONE.withValue()),
            run.configuration().precision(),
            run.configuration().blockMemoryBytes());
    return new Prediction(
        column,
        definition,
        1,
        Optional.of(new PredictionTable.Link(eta, spec, new LinkedHashMap<>(rows.values()))));
  }
}
