package org.sparkcurvature.job.command;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import org.sparkcurvature.job.config.InfluenceConfig;
import org.sparkcurvature.job.config.InputConfig;
import org.sparkcurvature.job.config.Purpose;
import org.sparkcurvature.job.config.Refusal;
import org.sparkcurvature.job.config.RunConfiguration;
import org.sparkcurvature.job.derive.GlobalPass;
import org.sparkcurvature.job.derive.GlobalResult;
import org.sparkcurvature.job.errors.Errors;
import org.sparkcurvature.job.estimate.Curvature;
import org.sparkcurvature.job.estimate.FreeModel;
import org.sparkcurvature.job.influence.InfluenceTable;
import org.sparkcurvature.job.language.Formula;
import org.sparkcurvature.job.language.ParameterFunctions;
import org.sparkcurvature.job.report.InfluenceReport;
import org.sparkcurvature.job.result.InfluenceSummary;
import org.sparkcurvature.job.result.Objective;
import org.sparkcurvature.job.sink.ResultFiles;
import org.sparkcurvature.job.solve.ScaledHessian;
import org.sparkcurvature.job.source.LiteralPath;
import org.sparkcurvature.job.source.Source;
import org.sparkcurvature.objective.Request;

/** {@code influence}: what leaving each row out would do. */
public final class InfluenceCommand {
  private static final String EXPRESSION = "influence on";
  private static final String VALIDATION = "curvature.influence.validation";
  private static final int SHOWN = 5;

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
    Running.run(
        terminal,
        "influence",
        Purpose.ESTIMATION,
        configurations,
        settings,
        InfluenceCommand::influence);
  }

  private static String influence(Running run) {
    RunConfiguration configuration = run.configuration();
    InfluenceConfig settings = configuration.influence();
    Map<String, Formula> formulas = new LinkedHashMap<>();
    settings
        .expression()
        .ifPresent(text -> formulas.put(EXPRESSION, new Formula("influence.on", text)));
    ParameterFunctions functions =
        run.assignment().withShapes(() -> run.assignment().loss().functions(formulas, Map.of()));
    Estimation estimation = run.estimation(List.of(), functions, Estimation.Extent.WHOLE);
    List<String> warnings = run.warnings(estimation.source());
    refuseVector(settings, estimation);
    Optional<Source> validation =
        settings.validation().map(input -> validation(run, estimation, input));
    Request.Global asked =
        new Request.Global(true, true, Request.HessianForm.FULL, Optional.empty(), false);
    MemoryCheck.refuseTooLarge(
        estimation.objective().derivation(asked),
        estimation.objective().penalty(asked),
        estimation.source().partitions(),
        Heaps.of(run.session().spark().sparkContext()),
        new MemoryCheck.Asked("curvature.derive.wrt", "name less in derive.wrt"));
    run.refuseWithoutRoom(
        () ->
            ResultSize.ofInfluences(
                settings, estimation.source(), estimation.toldLayout().length()),
        estimation.handedOn(asked));
    return estimation.keepingRows(
        configuration, kept -> influence(run, kept, validation, asked, warnings));
  }

  private static String influence(
      Running run,
      Estimation estimation,
      Optional<Source> validation,
      Request.Global asked,
      List<String> warnings) {
    RunConfiguration configuration = run.configuration();
    InfluenceConfig settings = configuration.influence();
    double[] x = estimation.model().start();
    Objective objective =
        run.stages()
            .run(
                "derivatives",
                "reading rows and adding up",
                () -> estimation.objective().sums(x, asked));
    double[] inverse = inverse(estimation, objective);
    double[] target = target(run, estimation, validation, x, inverse);
    boolean scalar = settings.expression().isPresent() || settings.validation().isPresent();
    ResultFiles files = new ResultFiles(run.folder());
    run.stages()
        .run(
            "influence_pass",
            "computing and writing influences",
            () ->
                files.table(
                    "influence",
                    InfluenceTable.of(
                        estimation.rows(),
                        estimation.model(),
                        configuration,
                        x,
                        target,
                        inverse,
                        scalar,
                        settings.linearPredictor()),
                    configuration.output().format()));
    FreeModel model = estimation.model();
    run.describe(
        files,
        estimation,
        model.natural(x),
        estimation.toldLayout(),
        configuration.model().notEstimated());
    List<InfluenceSummary.Largest> largest = largest(run, scalar);
    InfluenceSummary summary =
        new InfluenceSummary(
            run.facts(estimation.objective(), asked, estimation.toldLayout(), warnings),
            settings
                .expression()
                .orElse(settings.validation().isPresent() ? "validation" : "parameters"),
            settings.linearPredictor(),
            largest);
    files.influence(summary);
    run.folder().commit();
    return new InfluenceReport(
            summary, configuration.model(), run.folder().path().toString(), run.terminal().style())
        .text();
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
  private static double[] inverse(Estimation estimation, Objective objective) {
    ScaledHessian curvature =
        Curvature.atMinimum(
            ((Objective.Hessian.Full) objective.hessian()).matrix(),
            estimation.freeNames(),
            Refusal.FAIL);
    Curvature.refuseNotMinimal(curvature, objective.gradient().orElseThrow());
    return curvature.inverse().toSquare();
  }

  /** What a row's weighted gradient is multiplied with: [K, P], row-major. */
  private static double[] target(
      Running run,
      Estimation estimation,
      Optional<Source> validation,
      double[] x,
      double[] inverse) {
    InfluenceConfig settings = run.configuration().influence();
    FreeModel model = estimation.model();
    double[] outer;
    if (settings.expression().isPresent()) {
      outer = model.functions().jacobians(model.free(x), List.of(EXPRESSION)).get(EXPRESSION);
    } else if (validation.isPresent()) {
      outer =
          run.stages()
              .run(
                  "validation",
                  "reading the validation rows",
                  () -> meanGradient(run, estimation, x, validation.get()));
    } else {
      outer = model.naturalJacobian(x, estimation.told());
    }
    int p = x.length;
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
  private static Source validation(Running run, Estimation estimation, InputConfig input) {
    Source source = Source.open(run.session().spark(), input);
    InputMemory.refuseTooLarge(source, VALIDATION, Heaps.of(run.session().spark().sparkContext()));
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
      Running run, Estimation estimation, double[] x, Source validation) {
    GlobalResult result =
        GlobalPass.run(
            validation,
            estimation
                .objective()
                .derivation(
                    new Request.Global(
                        false, true, Request.HessianForm.NONE, Optional.empty(), false)),
            estimation.model().free(x),
            run.configuration().device());
    double weight = result.sums().weight();
    return Arrays.stream(result.sums().gradient()).map(g -> g / weight).toArray();
  }

  /** The rows that matter most, from the table as it was written. */
  private static List<InfluenceSummary.Largest> largest(Running run, boolean scalar) {
    String measure = scalar ? "influence" : "self_influence";
    Dataset<Row> table =
        run.session()
            .spark()
            .read()
            .format(run.configuration().output().format().name().toLowerCase(Locale.ROOT))
            .load(LiteralPath.of(run.folder().entry("influence").toString()));
    String name = Arrays.asList(table.columns()).contains("id") ? "id" : "row";
    return table
        .selectExpr("string(" + name + ") AS name", measure + " AS value", "row")
        .orderBy(functions.expr("abs(value)").desc(), table.col("row"))
        .limit(SHOWN)
        .collectAsList()
        .stream()
        .map(row -> new InfluenceSummary.Largest(name + " " + row.getString(0), row.getDouble(1)))
        .toList();
  }
}
