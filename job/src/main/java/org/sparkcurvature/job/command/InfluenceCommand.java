package org.sparkcurvature.job.command;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.Stream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.NumericType;
import org.apache.spark.sql.types.StructField;
import org.sparkcurvature.engine.Request;
import org.sparkcurvature.job.config.InfluenceConfig;
import org.sparkcurvature.job.config.InputConfig;
import org.sparkcurvature.job.config.Purpose;
import org.sparkcurvature.job.config.Refusal;
import org.sparkcurvature.job.config.RunConfiguration;
import org.sparkcurvature.job.config.StatisticsConfig;
import org.sparkcurvature.job.derive.GlobalPass;
import org.sparkcurvature.job.derive.GlobalResult;
import org.sparkcurvature.job.errors.Errors;
import org.sparkcurvature.job.estimate.Curvature;
import org.sparkcurvature.job.estimate.FreeModel;
import org.sparkcurvature.job.estimate.ProfiledHessian;
import org.sparkcurvature.job.influence.Dispersion;
import org.sparkcurvature.job.influence.InfluenceTable;
import org.sparkcurvature.job.language.Formula;
import org.sparkcurvature.job.language.ParameterFunctions;
import org.sparkcurvature.job.page.InfluencePage;
import org.sparkcurvature.job.report.InfluenceReport;
import org.sparkcurvature.job.result.InfluenceSummary;
import org.sparkcurvature.job.result.Objective;
import org.sparkcurvature.job.sink.ResultFiles;
import org.sparkcurvature.job.source.LiteralPath;
import org.sparkcurvature.job.source.Source;
import org.sparkcurvature.job.watch.RowWatch;

/** {@code influence}: what leaving each row out would do. */
public final class InfluenceCommand {
  private static final String EXPRESSION = "influence on";
  private static final String VALIDATION = "curvature.influence.validation";
  private static final int SHOWN = 5;

  /** Columns of the table that the console shows beside the influence. */
  private static final int MOST_BESIDE = 4;

  /** Columns of the table that are told of the rows that matter most. */
  private static final List<String> BESIDE = List.of("leverage", "observed", "mean");

  /** Up to so many elements the Hessian is inverted, whatever influences are on. */
  private static final int LARGEST_WHOLE = 500;

  private final Terminal terminal;

  public InfluenceCommand(Terminal terminal) {
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
        terminal,
        "influence",
        Purpose.ESTIMATION,
        configurations,
        settings,
        InfluenceCommand::influence);
  }

  static Optional<String> influence(RunContext run) {
    if (run.configuration().fit().groups().any()) {
      return GroupInfluences.run(run);
    }
    Opened opened = open(run);
    run.refuseWithoutRoom(
        () ->
            ResultSize.ofInfluences(
                run.configuration().influence(),
                opened.estimation().source(),
                opened.estimation().toldLayout().length(),
                fitted(run.configuration()).size()),
        opened.estimation().handedOn(opened.asked()));
    return opened
        .estimation()
        .keepingRows(run.configuration(), kept -> write(run, opened, opened.compute(run, kept)));
  }

  /**
   * Expressions of what was observed, its mean and the residual, in the order of {@link
   * InfluenceTable#FITTED}; none where the model does not tell them, or no leverages are asked for.
   */
  private static Map<String, String> fitted(RunConfiguration configuration) {
    StatisticsConfig statistics = configuration.model().statistics();
    if (statistics.pearson().isEmpty() || configuration.influence().linearPredictor().isEmpty()) {
      return Map.of();
    }
    String observed = statistics.observed().orElseThrow();
    String mean = statistics.mean().orElseThrow();
    Map<String, String> fitted = new LinkedHashMap<>();
    fitted.put(RowSums.OBSERVED, observed);
    fitted.put(RowSums.MEAN, mean);
    fitted.put(
        "residual_of_rows__",
        "((%s) - (%s)) / sqrt(%s)".formatted(observed, mean, statistics.variance().orElseThrow()));
    return fitted;
  }

  /**
   * What is read of a command before it computes.
   *
   * @param validation the rows whose loss influences are on
   * @param asked the sums of a pass
   * @param warnings those of the input
   */
  record Opened(
      Estimation estimation,
      Optional<Source> validation,
      Request.Global asked,
      List<String> warnings) {

    /** Sums over rows, and gives a table that is computed while it is read. */
    Influences compute(RunContext run, Estimation kept) {
      return influences(run, kept, validation, asked);
    }
  }

  /**
   * Influences.
   *
   * @param table a row for each row of the input; nothing is computed before it is read
   * @param dispersion by which Cook's distances are divided, where there are any
   * @param stdError the nonrobust standard error of the one number that they are on, where there is
   *     one
   * @param remarks what a user should know of them
   * @param watch what sees the rows while they are written
   */
  record Influences(
      Estimation estimation,
      Dataset<Row> table,
      OptionalDouble dispersion,
      OptionalDouble stdError,
      List<String> remarks,
      Optional<RowWatch> watch) {}

  /** Reads the first rows, and refuses what cannot be computed. */
  static Opened open(RunContext given) {
    OriginalFit.refuseNoEstimates(given.parsedJob());
    RunConfiguration configuration = given.configuration();
    RunContext run = given.defining(fitted(configuration));
    InfluenceConfig settings = configuration.influence();
    Map<String, Formula> formulas = new LinkedHashMap<>();
    settings
        .expression()
        .ifPresent(text -> formulas.put(EXPRESSION, new Formula("influence.on", text)));
    ParameterFunctions functions =
        run.parsedJob()
            .withShapes(
                () ->
                    run.parsedJob()
                        .loss()
                        .functions(formulas, Map.of(), ElementsByName.of(configuration)));
    Estimation estimation = run.estimation(List.of(), functions, Estimation.Extent.WHOLE);
    estimation.refusePinball();
    List<String> warnings = run.warnings(estimation.source());
    refuseVector(settings, estimation);
    Optional<Source> validation =
        settings.validation().map(input -> validation(run, estimation, input));
    Request.Global asked =
        Request.Global.NONE
            .withValue()
            .withGradient()
            .withHessian(
                isProfiled(settings, estimation)
                    ? Request.HessianForm.DIAGONAL
                    : Request.HessianForm.FULL);
    MemoryCheck.refuseTooLarge(
        estimation.objective().spec(asked),
        estimation.objective().penalty(asked),
        estimation.source().partitions(),
        ClusterMemory.of(run.session().spark().sparkContext()),
        new MemoryCheck.Asked(
            "curvature.influence.on",
            "take an expression of parameters for influence.on: it takes one solution of the"
                + " Hessian, and not its inverse"));
    return new Opened(estimation, validation, asked, warnings);
  }

  private static Influences influences(
      RunContext run, Estimation estimation, Optional<Source> validation, Request.Global asked) {
    RunConfiguration configuration = run.configuration();
    InfluenceConfig settings = configuration.influence();
    double[] x = estimation.model().start();
    Objective objective =
        run.stages()
            .run(
                "derivatives",
                "reading rows and adding up",
                () -> estimation.objective().sums(x, asked));
    double[] outer = outer(run, estimation, validation, x);
    boolean profiled = isProfiled(settings, estimation);
    double[] inverse = profiled ? new double[0] : inverse(run, estimation, x, objective);
    double[] target =
        profiled ? solved(run, estimation, objective, x, outer) : product(outer, inverse, x.length);
    OptionalDouble dispersion = dispersion(run, estimation, x);
    Optional<RowWatch> watch =
        run.watch(
            List.of(
                isOfOneNumber(settings) ? "influence" : "self_influence",
                "leverage",
                "residual_pearson",
                "cooks_distance"),
            true);
    return new Influences(
        estimation,
        InfluenceTable.of(
            estimation.rows(),
            estimation.model(),
            configuration,
            x,
            target,
            inverse,
            isOfOneNumber(settings),
            settings.linearPredictor(),
            dispersion.orElse(Double.NaN),
            List.copyOf(fitted(configuration).keySet()),
            watch),
        dispersion,
        stdError(configuration, outer, target, dispersion),
        remarks(run, dispersion),
        watch);
  }

  /** The root of {@code a' H^-1 a} times the dispersion; of a loss that is known up to one. */
  private static OptionalDouble stdError(
      RunConfiguration configuration, double[] outer, double[] target, OptionalDouble dispersion) {
    boolean known =
        configuration.model().likelihood()
            || configuration.influence().linearPredictor().isPresent();
    if (configuration.influence().expression().isEmpty() || !known || dispersion.isEmpty()) {
      return OptionalDouble.empty();
    }
    double variance = 0;
    for (int i = 0; i < outer.length; i++) {
      variance += outer[i] * target[i];
    }
    variance *= dispersion.getAsDouble();
    return variance > 0 ? OptionalDouble.of(Math.sqrt(variance)) : OptionalDouble.empty();
  }

  /** What the influences are on, where that is one number. */
  private static OptionalDouble estimate(
      InfluenceConfig settings, Estimation estimation, double[] x) {
    if (settings.expression().isEmpty()) {
      return OptionalDouble.empty();
    }
    FreeModel model = estimation.model();
    return OptionalDouble.of(
        model.functions().values(model.free(x), List.of(EXPRESSION)).get(EXPRESSION)[0]);
  }

  private static boolean isOfOneNumber(InfluenceConfig settings) {
    return settings.expression().isPresent() || settings.validation().isPresent();
  }

  private static Optional<String> write(RunContext run, Opened opened, Influences influences) {
    RunConfiguration configuration = run.configuration();
    InfluenceConfig settings = configuration.influence();
    Estimation estimation = influences.estimation();
    double[] x = estimation.model().start();
    ResultFiles files = new ResultFiles(run.folder());
    run.stages()
        .run(
            "influence_pass",
            "computing and writing influences",
            () -> files.table("influence", influences.table(), configuration.output().format()));
    FreeModel model = estimation.model();
    run.describe(
        files,
        estimation,
        model.natural(x),
        estimation.toldLayout(),
        configuration.model().notEstimated());
    List<InfluenceSummary.Largest> largest = largest(run, isOfOneNumber(settings));
    InfluenceSummary summary =
        new InfluenceSummary(
            run.facts(
                estimation.objective(),
                opened.asked(),
                estimation.toldLayout(),
                Stream.of(opened.warnings(), influences.remarks()).flatMap(List::stream).toList()),
            settings
                .expression()
                .orElse(settings.validation().isPresent() ? "validation" : "parameters"),
            settings.linearPredictor(),
            configuration.model().likelihood() || settings.linearPredictor().isEmpty()
                ? OptionalDouble.empty()
                : influences.dispersion(),
            largest,
            estimate(settings, estimation, x),
            influences.stdError(),
            usual(influences));
    files.influence(summary);
    run.page(
        "influence",
        summary.run(),
        InfluencePage.of(
            summary, run.pictures(influences.watch()), configuration.report().namesRows()));
    run.show(new InfluenceReport(summary, estimation.names()));
    run.folder().commit();
    return Optional.empty();
  }

  /** What 99 % of the rows change less, where influences are on one number. */
  private static OptionalDouble usual(Influences influences) {
    return influences.watch().map(watch -> watch.seen().get("influence")).stream()
        .mapToDouble(seen -> seen.distribution().magnitude(0.99))
        .filter(Double::isFinite)
        .findFirst();
  }

  /** What Cook's distances are divided by; 1 for a likelihood, whose dispersion is in it. */
  private static OptionalDouble dispersion(RunContext run, Estimation estimation, double[] x) {
    Optional<String> predictor = run.configuration().influence().linearPredictor();
    if (predictor.isEmpty() || run.configuration().model().likelihood()) {
      return OptionalDouble.of(1);
    }
    return run.stages()
        .run(
            "dispersion",
            "estimating the dispersion",
            () ->
                Dispersion.of(
                    estimation.rows(),
                    estimation.model(),
                    run.configuration(),
                    x,
                    predictor.get()));
  }

  private static List<String> remarks(RunContext run, OptionalDouble dispersion) {
    List<String> remarks =
        dispersion.isPresent()
            ? List.of()
            : List.of(
                "There are no Cook's distances: the loss is no likelihood (model.likelihood), and"
                    + " its dispersion cannot be estimated, since it is not convex in the linear"
                    + " predictor for every row, or there are no degrees of freedom.");
    remarks.forEach(run.terminal()::warning);
    return remarks;
  }

  private static void refuseVector(InfluenceConfig settings, Estimation estimation) {
    settings
        .expression()
        .map(text -> estimation.model().functions().shape(EXPRESSION))
        .filter(shape -> !shape.isScalar())
        .ifPresent(
            shape -> {
              throw Errors.configuration(
                  "influence.on has the shape " + shape + ", and influences are on one number",
                  "curvature.influence.on",
                  "take one of its elements, or parameters");
            });
    settings
        .linearPredictor()
        .map(name -> estimation.model().loss().named(name).shape())
        .filter(shape -> !shape.isScalar())
        .ifPresent(
            shape -> {
              throw Errors.configuration(
                  "the linear predictor has the shape " + shape + ", and must be a scalar",
                  "curvature.influence.linear-predictor",
                  "name a definition that is one number a row, or leave it out");
            });
  }

  /** The inverse Hessian as a square. */
  private static double[] inverse(
      RunContext run, Estimation estimation, double[] x, Objective objective) {
    double[] gradient = objective.gradient().orElseThrow();
    Curvature.Inverse curvature =
        Curvature.atMinimum(
            ((Objective.Hessian.Full) objective.hessian()).matrix(),
            gradient,
            (vectors, count) -> estimation.objective().hessianTimes(x, vectors, count),
            estimation.freeNames(),
            estimation.model().estimated(x),
            Refusal.FAIL);
    double[] step = curvature.newtonStep();
    double decrement = 0;
    for (int i = 0; i < step.length; i++) {
      decrement -= gradient[i] * step[i];
    }
    refuseNotMinimal(run, estimation, objective, x, decrement);
    return curvature.matrix().toSquare();
  }

  private static void refuseNotMinimal(
      RunContext run, Estimation estimation, Objective objective, double[] x, double decrement) {
    double value = objective.value().orElseThrow();
    Curvature.refuseNotMinimal(
        decrement,
        Curvature.dispersion(
            run.configuration().model().likelihood(),
            value,
            estimation.objective().counts().orElseThrow().used()),
        Curvature.rounding(objective, x));
  }

  /**
   * Whether influences are on one number, and of so many elements that the Hessian is not formed.
   */
  private static boolean isProfiled(InfluenceConfig settings, Estimation estimation) {
    return estimation.model().layout().length() > LARGEST_WHOLE
        && isOfOneNumber(settings)
        && settings.linearPredictor().isEmpty();
  }

  /** {@code H^-1 v} for the gradient v of what influences are on. */
  private static double[] solved(
      RunContext run, Estimation estimation, Objective objective, double[] x, double[] outer) {
    ProfiledHessian hessian =
        ProfiledHessian.of(
            estimation.objective(),
            x,
            estimation.model().layout(),
            0,
            objective.hessianDiagonal().orElseThrow(),
            estimation.model().estimated(x),
            estimation.freeNames(),
            Refusal.FAIL);
    refuseNotMinimal(
        run, estimation, objective, x, hessian.decrement(objective.gradient().orElseThrow()));
    return hessian.solve(outer);
  }

  /** The gradients of what influences are on: [K, P], row-major. */
  private static double[] outer(
      RunContext run, Estimation estimation, Optional<Source> validation, double[] x) {
    FreeModel model = estimation.model();
    if (run.configuration().influence().expression().isPresent()) {
      return model.functions().jacobians(model.free(x), List.of(EXPRESSION)).get(EXPRESSION);
    }
    if (validation.isPresent()) {
      return run.stages()
          .run(
              "validation",
              "reading the validation rows",
              () -> meanGradient(run, estimation, x, validation.get()));
    }
    return model.naturalJacobian(x, estimation.told());
  }

  /** What a row's weighted gradient is multiplied with: [K, P], row-major. */
  private static double[] product(double[] outer, double[] inverse, int p) {
    int k = outer.length / p;
    double[] target = new double[outer.length];
    for (int i = 0; i < k; i++) {
      for (int j = 0; j < p; j++) {
        for (int l = 0; l < p; l++) {
          target[i * p + l] += outer[i * p + j] * inverse[j * p + l];
        }
      }
    }
    return target;
  }

  /** The rows whose loss influences are on; refused before any pass if they do not do. */
  private static Source validation(RunContext run, Estimation estimation, InputConfig input) {
    Source source = Source.open(run.session().spark(), input);
    InputMemory.refuseTooLarge(
        source, VALIDATION, ClusterMemory.of(run.session().spark().sparkContext()));
    if (!source.shapes().equals(estimation.source().shapes())) {
      throw Errors.configuration(
          "the validation rows have tensors of the shapes %s, and the input has %s"
              .formatted(source.shapes(), estimation.source().shapes()),
          VALIDATION,
          "give the same tensors in both");
    }
    return source.checkedFor(estimation.model().loss());
  }

  private static double[] meanGradient(
      RunContext run, Estimation estimation, double[] x, Source validation) {
    GlobalResult result =
        GlobalPass.run(
            validation,
            estimation.objective().spec(Request.Global.NONE.withGradient()),
            estimation.model().free(x),
            run.configuration().device());
    double weight = result.sums().weight();
    return Arrays.stream(result.sums().gradient()).map(g -> g / weight).toArray();
  }

  /** The rows that matter most, from the table as it was written. */
  static List<InfluenceSummary.Largest> largest(RunContext run, boolean scalar) {
    String measure = scalar ? "influence" : "self_influence";
    Dataset<Row> table =
        run.session()
            .spark()
            .read()
            .format(run.configuration().output().format().name().toLowerCase(Locale.ROOT))
            .load(LiteralPath.of(run.folder().entry("influence").toString()));
    List<String> columns = Arrays.asList(table.columns());
    String name = columns.contains("id") ? "id" : "row";
    List<String> beside = beside(run, table);
    List<String> selected =
        new ArrayList<>(List.of("string(" + name + ") AS name", measure + " AS value", "row"));
    beside.forEach(column -> selected.add("double(`" + column.replace("`", "``") + "`)"));
    return table
        .filter(measure + " IS NOT NULL")
        .selectExpr(selected.toArray(String[]::new))
        .orderBy(functions.expr("abs(value)").desc(), table.col("row"))
        .limit(SHOWN)
        .collectAsList()
        .stream()
        .map(
            row -> {
              Map<String, Double> numbers = new LinkedHashMap<>();
              for (int k = 0; k < beside.size(); k++) {
                numbers.put(beside.get(k), row.isNullAt(3 + k) ? Double.NaN : row.getDouble(3 + k));
              }
              return new InfluenceSummary.Largest(
                  name + " " + row.getString(0), row.getDouble(1), numbers);
            })
        .toList();
  }

  /** Leverages, and the first numbers that are carried. */
  private static List<String> beside(RunContext run, Dataset<Row> table) {
    List<String> columns = new ArrayList<>();
    for (StructField field : table.schema().fields()) {
      boolean told =
          BESIDE.contains(field.name())
              || run.configuration().input().carry().contains(field.name());
      if (told && field.dataType() instanceof NumericType && columns.size() < MOST_BESIDE) {
        columns.add(field.name());
      }
    }
    return columns;
  }
}
