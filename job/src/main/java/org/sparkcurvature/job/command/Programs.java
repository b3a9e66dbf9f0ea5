package org.sparkcurvature.job.command;

import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.sparkcurvature.engine.Request;
import org.sparkcurvature.job.config.ConfigurationLoader;
import org.sparkcurvature.job.config.HadoopUriReader;
import org.sparkcurvature.job.config.LoadedConfiguration;
import org.sparkcurvature.job.config.OutputConfig;
import org.sparkcurvature.job.config.OutputMode;
import org.sparkcurvature.job.config.Purpose;
import org.sparkcurvature.job.derive.GlobalPass;
import org.sparkcurvature.job.derive.GlobalResult;
import org.sparkcurvature.job.derive.PerSamplePass;
import org.sparkcurvature.job.errors.Errors;
import org.sparkcurvature.job.estimate.FreeModel;
import org.sparkcurvature.job.infer.EstimateSummary;
import org.sparkcurvature.job.infer.InferSummary;
import org.sparkcurvature.job.language.LossModel;
import org.sparkcurvature.job.predict.Effect;
import org.sparkcurvature.job.report.EstimateReport;
import org.sparkcurvature.job.report.InferReport;
import org.sparkcurvature.job.report.Style;
import org.sparkcurvature.job.result.ElementNames;
import org.sparkcurvature.job.result.FitSummary;
import org.sparkcurvature.job.result.Objective;
import org.sparkcurvature.job.result.SpectrumSummary;
import org.sparkcurvature.job.result.Stages;
import org.sparkcurvature.job.sink.OutputFolder;
import org.sparkcurvature.job.sink.ResultFiles;
import org.sparkcurvature.job.sink.RunIdentity;
import org.sparkcurvature.job.source.GivenRows;
import org.sparkcurvature.job.source.OwnColumns;

/**
 * The commands for a program: on a data frame and the session that this has, with results in
 * memory. The session is left as it is: no listener, no label, no configuration, no cache stays,
 * and nothing is printed or written.
 */
public final class Programs {
  private static final String TEXT = "program";
  private static final String PARAMETERS = "program:parameters.json";
  private static final String ROWS = "the rows of the data frame";

  private Programs() {}

  /** Writes what the command writes. */
  public interface Writing {
    /**
     * Writes.
     *
     * @param path of the folder
     * @param overwrite whether an earlier result there may be replaced
     */
    void into(String path, boolean overwrite);
  }

  /**
   * A fit.
   *
   * @param summary what is known of it
   * @param parameters every parameter's elements, row-major
   * @param names of the estimates, in their order
   * @param model for predictions
   */
  public record Fitted(
      FitSummary summary,
      Map<String, double[]> parameters,
      List<String> names,
      ProgramModel model,
      Writing writing) {}

  /**
   * What can be said of estimates.
   *
   * @param shown the table that the command prints
   * @param model for predictions
   */
  public record Inferred(InferSummary summary, String shown, ProgramModel model, Writing writing) {}

  /**
   * A fit and what can be said of it.
   *
   * @param parameters every parameter's elements, row-major
   * @param shown the table that the command prints
   * @param model for predictions
   */
  public record Estimated(
      EstimateSummary summary,
      Map<String, double[]> parameters,
      String shown,
      ProgramModel model,
      Writing writing) {}

  /**
   * Derivatives.
   *
   * @param objective sums
   * @param names of the elements by which is differentiated, in their order
   * @param warnings whole sentences
   * @param perSample gives the results of each row
   */
  public record Derived(
      Objective objective,
      List<String> names,
      List<String> warnings,
      Function<List<String>, Dataset<Row>> perSample,
      Writing writing) {}

  /**
   * Effects.
   *
   * @param shown the table that the command prints
   */
  public record Averaged(List<Effect> effects, String shown) {}

  /**
   * Eigenvalues.
   *
   * @param names of the elements of eigenvectors
   * @param shown what the command prints
   */
  public record Decomposed(
      SpectrumSummary summary, List<String> names, String shown, Writing writing) {}

  /**
   * Influences.
   *
   * @param table the program's rows with their influences; computed while it is read
   */
  public record Influenced(Dataset<Row> table, List<String> warnings, Writing writing) {}

  /**
   * Fits by groups.
   *
   * @param table of estimates, in either layout; computed while it is read
   * @param layout of the parameters that are estimated
   * @param names of the estimates, in their order
   * @param model for predictions
   */
  public record Grouped(
      Dataset<Row> table,
      List<String> names,
      List<String> warnings,
      double maxFailed,
      ProgramModel model,
      Writing writing) {}

  /** One model for each of many groups: {@code estimate} with {@code fit.by}. */
  public static Grouped groups(Dataset<Row> rows, String configuration) {
    return run(
        new Given(GivenRows.of(rows), List.of(), true),
        configuration,
        Map.of(),
        Purpose.ESTIMATION,
        run -> {
          GroupsCommand.Opened opened = GroupsCommand.open(run);
          Estimation estimation = opened.estimation();
          return new Grouped(
              opened.fits(run).table(),
              estimation.freeNames(),
              opened.warnings(),
              run.configuration().fit().groups().maxFailed(),
              ProgramModel.byGroups(run, estimation, opened.start().x()),
              writing(run, "estimate", into -> GroupsCommand.run(into, "estimate")));
        });
  }

  /** What the models of groups say of rows: {@code predict}. */
  public static Dataset<Row> predictByGroups(
      Dataset<Row> rows, ProgramModel model, Dataset<Row> table, String options) {
    GroupEstimates.Fitted fitted =
        new GroupEstimates.Fitted("the result", model.byGroups().orElseThrow(), table);
    return withOwnColumns(
        rows,
        continued(model, options),
        Map.of(PARAMETERS, model.parameters()),
        Purpose.ESTIMATION,
        true,
        run -> PredictCommand.open(run, Optional.empty(), Optional.of(fitted)).table());
  }

  /** Fits and infers: {@code estimate}. */
  public static Estimated estimate(Dataset<Row> rows, String configuration) {
    return run(
        rows,
        configuration,
        Purpose.ESTIMATION,
        run -> {
          EstimateCommand.Opened opened = EstimateCommand.open(run);
          EstimateCommand.Estimated estimated =
              opened
                  .estimation()
                  .keepingRows(
                      run.configuration(),
                      kept ->
                          EstimateCommand.compute(run, kept, Optional.empty(), opened.warnings()));
          EstimateSummary summary =
              estimated.summary().orElseThrow(() -> Fitting.notConverged(estimated.fit()));
          Fitting fitting = estimated.fitting();
          Estimation kept = fitting.estimation();
          return new Estimated(
              summary,
              kept.model().natural(fitting.x()),
              new EstimateReport(summary, run.configuration().model(), "", Style.PLAIN).text(),
              ProgramModel.of(
                  run,
                  kept,
                  fitting.x(),
                  fitting.notEstimated(),
                  Optional.of(GivenCovariance.of(kept.toldLayout(), summary.infer()))),
              writing(
                  run,
                  "estimate",
                  into -> {
                    EstimateCommand.write(into, estimated);
                    into.folder().commit();
                  }));
        });
  }

  /** Minimises: {@code fit}. */
  public static Fitted fit(Dataset<Row> rows, String configuration) {
    return run(
        rows,
        configuration,
        Purpose.ESTIMATION,
        run -> {
          EstimateCommand.Opened opened = FitCommand.open(run);
          return opened
              .estimation()
              .keeping(run.configuration(), kept -> fitted(run, kept, opened.warnings()));
        });
  }

  private static Fitted fitted(Running run, Estimation kept, List<String> warnings) {
    Fitting fitting = Fitting.of(run, kept, Optional.empty());
    FitSummary summary = fitting.summary(warnings);
    if (!fitting.converged()) {
      throw Fitting.notConverged(summary);
    }
    FreeModel model = fitting.estimation().model();
    return new Fitted(
        summary,
        model.natural(fitting.x()),
        kept.names().names(model.naturalLayout()),
        ProgramModel.of(
            run, fitting.estimation(), fitting.x(), fitting.notEstimated(), Optional.empty()),
        writing(
            run,
            "fit",
            into -> {
              ResultFiles files = new ResultFiles(into.folder());
              FitCommand.describe(into, files, fitting);
              files.fit(summary);
              into.folder().commit();
            }));
  }

  /** What can be said of estimates that are given: {@code infer}. */
  public static Inferred infer(Dataset<Row> rows, String configuration) {
    return run(
        rows,
        configuration,
        Purpose.ESTIMATION,
        run -> {
          InferCommand.Opened opened = InferCommand.open(run);
          InferSummary summary = opened.compute(run, (running, estimation, x, result) -> {});
          Estimation estimation = opened.estimation();
          double[] x = estimation.model().start();
          return new Inferred(
              summary,
              new InferReport(summary, run.configuration().model(), "", Style.PLAIN).text(),
              ProgramModel.of(
                  run,
                  estimation,
                  x,
                  run.configuration().model().notEstimated(),
                  Optional.of(GivenCovariance.of(estimation.toldLayout(), summary))),
              writing(
                  run,
                  "infer",
                  into -> {
                    InferCommand.write(into, estimation, x, summary);
                    into.folder().commit();
                  }));
        });
  }

  /** Differentiates: {@code derive}. */
  public static Derived derive(Dataset<Row> rows, String configuration) {
    return run(
        rows,
        configuration,
        Purpose.DERIVATIVES,
        run -> {
          Derivatives derivatives = derivatives(run);
          Heaps heaps = Heaps.of(run.session().spark().sparkContext());
          RowMemory.refuseTooLarge(
              derivatives.derivation(), derivatives.source().partitions(), heaps);
          if (derivatives.needTiles(heaps)) {
            throw Errors.configuration(
                "matrices for P = %,d fit into no process"
                    .formatted(derivatives.derivation().layout().length()),
                "curvature.derive.global.hessian",
                "ask for diagonal or none; the command derive writes them in tiles");
          }
          List<String> warnings = run.warnings(derivatives.source());
          GlobalResult sums =
              GlobalPass.run(
                  derivatives.source(),
                  derivatives.derivation(),
                  derivatives.values(),
                  run.configuration().device());
          return new Derived(
              DeriveCommand.reduced(derivatives, sums, run.configuration().derive().reduction()),
              ElementNames.of(run.configuration()).names(derivatives.derivation().layout()),
              Stream.concat(warnings.stream(), run.rejections(sums.counts()).stream()).toList(),
              wanted -> perSample(rows, configuration, wanted),
              writing(run, "derive", DeriveCommand::derive));
        });
  }

  private static Derivatives derivatives(Running run) {
    return run.stages()
        .run("open", "opening the input", () -> Derivatives.of(run.assignment(), run.source()));
  }

  private static Dataset<Row> perSample(
      Dataset<Row> rows, String configuration, List<String> columns) {
    Dataset<Row> all =
        withOwnColumns(
            rows,
            configuration,
            Map.of(),
            Purpose.DERIVATIVES,
            false,
            run -> {
              if (run.configuration()
                  .derive()
                  .request()
                  .perSample()
                  .equals(Request.PerSample.NONE)) {
                throw Errors.configuration(
                    "no per-sample results were asked for",
                    "curvature.derive.per-sample",
                    "ask for some: derive.per-sample { gradient = true }");
              }
              Derivatives derivatives = derivatives(run);
              return PerSamplePass.dataset(
                  derivatives.source(),
                  derivatives.derivation(),
                  derivatives.values(),
                  run.configuration().device());
            });
    return columns.isEmpty() ? all : all.selectExpr(columns.toArray(String[]::new));
  }

  /**
   * What a fitted model says of rows: {@code predict}. Computed while it is read.
   *
   * @param rows any that have the columns which the model reads
   * @param options HOCON, with everything under the root {@code curvature}
   */
  public static Dataset<Row> predict(Dataset<Row> rows, ProgramModel model, String options) {
    return withOwnColumns(
        rows,
        continued(model, options),
        Map.of(PARAMETERS, model.parameters()),
        Purpose.ESTIMATION,
        true,
        run -> PredictCommand.open(run, model.covariance()).table());
  }

  /** Averages over rows of what a fitted model says: {@code effects}. */
  public static Averaged effects(Dataset<Row> rows, ProgramModel model, String options) {
    if (model.covariance().isEmpty()) {
      throw Errors.configuration(
          "effects have standard errors, and a fit alone has no covariance",
          "the model",
          "take the result of estimate or infer");
    }
    return run(
        new Given(GivenRows.of(rows), List.of()),
        continued(model, options),
        Map.of(PARAMETERS, model.parameters()),
        Purpose.ESTIMATION,
        run -> {
          EffectsCommand.Found found = EffectsCommand.compute(run, model.covariance());
          return new Averaged(found.effects(), EffectsCommand.report(run, found, ""));
        });
  }

  /** The model of a result, with its parameters, and what is asked of it. */
  private static String continued(ProgramModel model, String options) {
    return model.configuration()
        + "\ncurvature.model.parameters-from = \""
        + PARAMETERS
        + "\"\n"
        + options;
  }

  /** Eigenvalues of the Hessian: {@code spectrum}. */
  public static Decomposed spectrum(Dataset<Row> rows, String configuration) {
    return run(
        rows,
        configuration,
        Purpose.ESTIMATION,
        run ->
            SpectrumCommand.compute(
                run,
                (estimation, summary) ->
                    new Decomposed(
                        summary,
                        estimation.freeNames(),
                        SpectrumCommand.report(run, summary, ""),
                        writing(run, "spectrum", SpectrumCommand::spectrum))));
  }

  /**
   * What leaving each row out would do: {@code influence}. The table is computed while it is read.
   */
  public static Influenced influence(Dataset<Row> rows, String configuration) {
    List<String> warnings = new ArrayList<>();
    // A folder has no columns beside its results: it is written from the rows as they are.
    Writing writing =
        (path, overwrite) ->
            run(
                rows,
                configuration,
                Purpose.ESTIMATION,
                run -> {
                  writing(run, "influence", InfluenceCommand::influence).into(path, overwrite);
                  return path;
                });
    Dataset<Row> table =
        withOwnColumns(
            rows,
            configuration,
            Map.of(),
            Purpose.ESTIMATION,
            false,
            run -> {
              InfluenceCommand.Opened opened = InfluenceCommand.open(run);
              InfluenceCommand.Influences found = opened.compute(run, opened.estimation());
              warnings.addAll(opened.warnings());
              warnings.addAll(found.remarks());
              return found.table();
            });
    return new Influenced(table, List.copyOf(warnings), writing);
  }

  /**
   * What a configuration means, and whether its derivatives agree with differences: {@code check}.
   */
  public static String check(Dataset<Row> rows, String configuration) {
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    Terminal terminal =
        new Terminal(
            new PrintStream(printed, true, StandardCharsets.UTF_8),
            nowhere(),
            Map.of(),
            Style.PLAIN);
    return run(
        new Given(GivenRows.of(rows), List.of()),
        configuration,
        Map.of(),
        Purpose.INSPECTION,
        terminal,
        run -> {
          CheckCommand.check(terminal, run.session(), run.assignment(), Optional.empty());
          return printed.toString(StandardCharsets.UTF_8);
        });
  }

  // ---- results in folders

  /** Writes the result of a command by a program into a folder, as the command would. */
  private static Writing writing(Running run, String command, Consumer<Running> work) {
    return (path, overwrite) -> {
      Configuration hadoop = hadoop(run.session().spark());
      OutputConfig output =
          new OutputConfig(
              path,
              overwrite ? OutputMode.OVERWRITE : OutputMode.ERROR,
              run.configuration().output().format());
      RunIdentity identity =
          new RunIdentity(
              command, Fingerprint.of(run.assignment().loaded().resolved()), Versions.all());
      try (OutputFolder folder =
          OutputFolder.open(output, List.of(), identity, hadoop).orElseThrow()) {
        work.accept(run.into(folder));
      }
    };
  }

  private static Configuration hadoop(SparkSession spark) {
    return ((org.apache.spark.sql.classic.SparkSession) spark).sessionState().newHadoopConf();
  }

  // ---- runs

  /**
   * The rows of a program.
   *
   * @param handedOn columns that per-sample outputs carry where the configuration names none
   * @param byGroups whether there may be a model for each group
   */
  private record Given(GivenRows rows, List<String> handedOn, boolean byGroups) {
    Given(GivenRows rows, List<String> handedOn) {
      this(rows, handedOn, false);
    }
  }

  /** A table of results by row, beside the columns of the program's own. */
  private static Dataset<Row> withOwnColumns(
      Dataset<Row> rows,
      String configuration,
      Map<String, byte[]> files,
      Purpose purpose,
      boolean readOnce,
      Function<Running, Dataset<Row>> work) {
    OwnColumns own = new OwnColumns(rows, readOnce);
    return run(
        new Given(own.rows(), own.copies(), readOnce),
        configuration,
        files,
        purpose,
        run -> {
          Dataset<Row> table = work.apply(run);
          return run.configuration().input().carry().equals(own.copies())
              ? own.before(table)
              : table;
        });
  }

  private static <T> T run(
      Dataset<Row> rows, String configuration, Purpose purpose, Function<Running, T> work) {
    return run(new Given(GivenRows.of(rows), List.of()), configuration, Map.of(), purpose, work);
  }

  private static <T> T run(
      Given given,
      String configuration,
      Map<String, byte[]> files,
      Purpose purpose,
      Function<Running, T> work) {
    Terminal terminal = new Terminal(nowhere(), nowhere(), Map.of(), Style.PLAIN);
    return run(given, configuration, files, purpose, terminal, work);
  }

  private static PrintStream nowhere() {
    return new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8);
  }

  /**
   * Runs a command.
   *
   * @param configuration HOCON, with everything under the root {@code curvature}, and without what
   *     says where rows are and where results go
   * @param files that the configuration names, and that are in memory
   */
  private static <T> T run(
      Given given,
      String configuration,
      Map<String, byte[]> files,
      Purpose purpose,
      Terminal terminal,
      Function<Running, T> work) {
    SparkSession spark = given.rows().rows().sparkSession();
    if (!(spark instanceof org.apache.spark.sql.classic.SparkSession)) {
      throw Errors.configuration(
          "the data frame is one of Spark Connect, where there is no executor to compute on",
          "the data frame",
          "take a session of its own (spark-submit, or a cluster of one user)");
    }
    if (spark.sparkContext().isStopped()) {
      throw Errors.configuration(
          "the session of the data frame was stopped", "the data frame", "read it anew");
    }
    Map<String, byte[]> known = new LinkedHashMap<>(files);
    known.put(TEXT, configuration.getBytes(StandardCharsets.UTF_8));
    HadoopUriReader others = new HadoopUriReader(() -> hadoop(spark));
    LoadedConfiguration loaded =
        new ConfigurationLoader(
                location ->
                    known.containsKey(location) ? known.get(location) : others.read(location),
                System.getenv(),
                LossModel::problems)
            .load(
                List.of(TEXT),
                List.of("input.table=\"" + ROWS + "\"", "output.path=\"nowhere\""),
                purpose)
            .reading(given.rows(), given.handedOn());
    if (loaded.configuration().fit().groups().any() && !given.byGroups()) {
      throw Errors.configuration(
          "fit.by makes one model for each group, and this takes one for all rows",
          "curvature.fit.by",
          "call by(...) and then fit or estimate; or leave it out");
    }
    Stages stages = new Stages((stage, announcement) -> {}, System.currentTimeMillis());
    Session session = Session.of(spark);
    Assignment assignment = Assignment.read(terminal, loaded).writtenOut(spark, terminal);
    return work.apply(
        new Running(
            terminal,
            stages,
            assignment,
            Optional.empty(),
            session,
            Traffic.none(spark.sparkContext(), new ProgressLine(terminal.progressLine(), false))));
  }
}
