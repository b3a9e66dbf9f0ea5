package org.sparkcurvature.job.command;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.sparkcurvature.engine.Request;
import org.sparkcurvature.job.config.Purpose;
import org.sparkcurvature.job.derive.GlobalPass;
import org.sparkcurvature.job.derive.GlobalResult;
import org.sparkcurvature.job.derive.PerSamplePass;
import org.sparkcurvature.job.errors.Errors;
import org.sparkcurvature.job.errors.JobException;
import org.sparkcurvature.job.estimate.FreeModel;
import org.sparkcurvature.job.groups.Status;
import org.sparkcurvature.job.infer.EstimateSummary;
import org.sparkcurvature.job.infer.InferSummary;
import org.sparkcurvature.job.predict.Effect;
import org.sparkcurvature.job.report.EstimateReport;
import org.sparkcurvature.job.report.InferReport;
import org.sparkcurvature.job.report.Part;
import org.sparkcurvature.job.report.SpectrumReport;
import org.sparkcurvature.job.report.Style;
import org.sparkcurvature.job.report.View;
import org.sparkcurvature.job.result.ElementNames;
import org.sparkcurvature.job.result.FitSummary;
import org.sparkcurvature.job.result.Objective;
import org.sparkcurvature.job.result.SpectrumSummary;
import org.sparkcurvature.job.sink.ResultFiles;
import org.sparkcurvature.job.source.GivenRows;
import org.sparkcurvature.job.source.OwnColumns;

/**
 * The commands for a program: on a data frame and the session that this has, with results in
 * memory. The session is left as it is: no listener, no label, no configuration, no cache stays,
 * and nothing is printed or written.
 */
public final class Programs {
  private static final String PARAMETERS = "program:parameters.json";

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
   * @param names of the estimates, in their order
   * @param maxFailed the share of groups without estimates above which there is no answer
   * @param model for predictions
   */
  public record Grouped(
      Dataset<Row> table,
      List<String> names,
      List<String> warnings,
      double maxFailed,
      ProgramModel model,
      Writing writing) {

    /** The same with another table of the same estimates. */
    public Grouped with(Dataset<Row> other) {
      return new Grouped(other, names, warnings, maxFailed, model, writing);
    }

    /**
     * Ends where too many groups have no estimates, as the command does.
     *
     * @param counts how many groups have each status
     */
    public void refuseFailed(Map<String, Long> counts) {
      long groups = counts.values().stream().mapToLong(Long::longValue).sum();
      long converged = counts.getOrDefault(Status.CONVERGED.toString(), 0L);
      GroupsCommand.failure(groups, converged, maxFailed, () -> ": " + counts)
          .ifPresent(
              failure -> {
                throw failure;
              });
    }
  }

  /** One model for each of many groups: {@code estimate} with {@code fit.by}. */
  public static Grouped groups(Dataset<Row> rows, String configuration) {
    return ProgramRuns.run(
        new ProgramRuns.Given(GivenRows.of(rows), List.of(), true),
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
              ProgramRuns.writing(run, "estimate", into -> GroupsCommand.run(into, "estimate")));
        });
  }

  /** What the models of groups say of rows: {@code predict}. */
  public static Dataset<Row> predictByGroups(
      Dataset<Row> rows, ProgramModel model, Dataset<Row> table, String options) {
    GroupEstimates.Fitted fitted =
        new GroupEstimates.Fitted("the result", model.byGroups().orElseThrow(), table);
    return predict(rows, model, Optional.of(fitted), options);
  }

  /** Fits and infers: {@code estimate}. */
  public static Estimated estimate(Dataset<Row> rows, String configuration) {
    return ProgramRuns.run(
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
              new EstimateReport(
                      summary, run.configuration().model(), run.configuration().input().tensors())
                  .text(View.PLAIN),
              ProgramModel.of(
                  run,
                  kept,
                  fitting.x(),
                  fitting.notEstimated(),
                  Optional.of(GivenCovariance.of(kept.toldLayout(), summary.infer()))),
              ProgramRuns.writing(
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
    return ProgramRuns.run(
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

  private static Fitted fitted(RunContext run, Estimation kept, List<String> warnings) {
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
        ProgramRuns.writing(
            run,
            "fit",
            into -> {
              ResultFiles files = new ResultFiles(into.folder());
              FitCommand.describe(into, files, fitting);
              FitCommand.writePage(into, files, fitting, summary);
              into.folder().commit();
            }));
  }

  /** What can be said of estimates that are given: {@code infer}. */
  public static Inferred infer(Dataset<Row> rows, String configuration) {
    return ProgramRuns.run(
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
              new InferReport(summary, run.configuration().model()).text(View.PLAIN),
              ProgramModel.of(
                  run,
                  estimation,
                  x,
                  run.configuration().model().notEstimated(),
                  Optional.of(GivenCovariance.of(estimation.toldLayout(), summary))),
              ProgramRuns.writing(
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
    return ProgramRuns.run(
        rows,
        configuration,
        Purpose.DERIVATIVES,
        run -> {
          if (!run.configuration().derive().request().perSample().equals(Request.PerSample.NONE)) {
            return deriveWithRows(rows, configuration);
          }
          return derived(
              run,
              derivatives(run),
              wanted -> {
                throw noPerSample();
              },
              ProgramRuns.writing(run, "derive", DeriveCommand::derive));
        });
  }

  /** Sums and results by row of one and the same input, so that these are known to be its rows. */
  private static Derived deriveWithRows(Dataset<Row> rows, String configuration) {
    OwnColumns own = new OwnColumns(rows, GivenRows.Reading.EACH_PASS);
    Writing writing =
        ProgramRuns.writing(
            rows, configuration, Purpose.DERIVATIVES, "derive", DeriveCommand::derive);
    return ProgramRuns.run(
        new ProgramRuns.Given(own.rows(), own.copies(), false),
        configuration,
        Map.of(),
        Purpose.DERIVATIVES,
        run -> {
          Derivatives derivatives = derivatives(run);
          return derived(
              run,
              derivatives,
              wanted -> {
                Dataset<Row> all = ProgramRuns.before(run, own, perSample(run, derivatives));
                return wanted.isEmpty() ? all : all.selectExpr(wanted.toArray(String[]::new));
              },
              writing);
        });
  }

  private static Dataset<Row> perSample(RunContext run, Derivatives derivatives) {
    return PerSamplePass.dataset(
        derivatives.source(),
        derivatives.spec(),
        derivatives.values(),
        run.configuration().device());
  }

  private static Derived derived(
      RunContext run,
      Derivatives derivatives,
      Function<List<String>, Dataset<Row>> perSample,
      Writing writing) {
    ClusterMemory memory = ClusterMemory.of(run.session().spark().sparkContext());
    RowMemory.refuseTooLarge(derivatives.spec(), derivatives.source().partitions(), memory);
    if (derivatives.needTiles(memory)) {
      throw Errors.configuration(
          "matrices for P = %,d fit into no process"
              .formatted(derivatives.spec().layout().length()),
          "curvature.derive.global.hessian",
          "ask for diagonal or none; the command derive writes them in tiles");
    }
    List<String> warnings = run.warnings(derivatives.source());
    GlobalResult sums =
        GlobalPass.run(
            derivatives.source(),
            derivatives.spec(),
            derivatives.values(),
            run.configuration().device());
    return new Derived(
        DeriveCommand.reduced(derivatives, sums, run.configuration().derive().reduction()),
        ElementNames.of(run.configuration()).names(derivatives.spec().layout()),
        run.withRejections(warnings, sums.counts()),
        perSample,
        writing);
  }

  private static Derivatives derivatives(RunContext run) {
    return run.stages()
        .run("open", "opening the input", () -> Derivatives.of(run.parsedJob(), run.source()));
  }

  /**
   * Differentiates row by row, without sums. Computed in one pass, while it is read.
   *
   * @param rows any, a stream as well
   */
  public static Dataset<Row> perSample(Dataset<Row> rows, String configuration) {
    return ProgramRuns.withOwnColumns(
        rows,
        configuration,
        Map.of(),
        Purpose.DERIVATIVES,
        GivenRows.Reading.ONCE,
        false,
        run -> perSample(run, rowByRow(run)));
  }

  /**
   * As the other one: the columns of the rows' own, then results under names of the caller's.
   *
   * @param named what results are called, by their names; others are left out
   */
  public static Dataset<Row> perSample(
      Dataset<Row> rows, String configuration, Map<String, String> named) {
    OwnColumns own = new OwnColumns(rows, GivenRows.Reading.ONCE);
    return ProgramRuns.run(
        new ProgramRuns.Given(own.rows(), own.copies(), false),
        configuration,
        Map.of(),
        Purpose.DERIVATIVES,
        run -> {
          Derivatives derivatives = rowByRow(run);
          return PerSamplePass.dataset(
              derivatives.source(),
              derivatives.spec(),
              derivatives.values(),
              run.configuration().device(),
              own.called(derivatives.source().keptFields()),
              named);
        });
  }

  private static JobException noPerSample() {
    return Errors.configuration(
        "no per-sample results were asked for",
        "curvature.derive.per-sample",
        "ask for some: derive.per-sample { gradient = true }");
  }

  private static Derivatives rowByRow(RunContext run) {
    if (run.configuration().derive().request().perSample().equals(Request.PerSample.NONE)) {
      throw noPerSample();
    }
    Derivatives derivatives = derivatives(run);
    RowMemory.refuseTooLarge(
        derivatives.spec(),
        derivatives.source().partitions(),
        ClusterMemory.of(run.session().spark().sparkContext()));
    return derivatives;
  }

  /**
   * What a fitted model says of rows: {@code predict}. Computed while it is read.
   *
   * @param rows any that have the columns which the model reads
   * @param options HOCON, with everything under the root {@code curvature}
   */
  public static Dataset<Row> predict(Dataset<Row> rows, ProgramModel model, String options) {
    return predict(rows, model, Optional.empty(), options);
  }

  private static Dataset<Row> predict(
      Dataset<Row> rows,
      ProgramModel model,
      Optional<GroupEstimates.Fitted> byGroups,
      String options) {
    return ProgramRuns.withOwnColumns(
        rows,
        continued(model, options),
        Map.of(PARAMETERS, model.parameters()),
        Purpose.ESTIMATION,
        GivenRows.Reading.ONCE,
        byGroups.isPresent(),
        run -> PredictCommand.open(run, model.covariance(), byGroups).table());
  }

  /** Averages over rows of what a fitted model says: {@code effects}. */
  public static Averaged effects(Dataset<Row> rows, ProgramModel model, String options) {
    if (model.covariance().isEmpty()) {
      throw Errors.configuration(
          "effects have standard errors, and a fit alone has no covariance",
          "the model",
          "take the result of estimate or infer");
    }
    return ProgramRuns.run(
        ProgramRuns.Given.of(rows),
        continued(model, options),
        Map.of(PARAMETERS, model.parameters()),
        Purpose.ESTIMATION,
        run -> {
          EffectsCommand.Found found = EffectsCommand.compute(run, model.covariance());
          return new Averaged(found.effects(), EffectsCommand.report(run, found).text(View.PLAIN));
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
    return ProgramRuns.run(
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
                        new SpectrumReport(summary, estimation.freeNames()).text(View.PLAIN),
                        ProgramRuns.writing(run, "spectrum", SpectrumCommand::spectrum))));
  }

  /**
   * What leaving each row out would do: {@code influence}. The table is computed while it is read.
   */
  public static Influenced influence(Dataset<Row> rows, String configuration) {
    List<String> warnings = new ArrayList<>();
    Writing writing =
        ProgramRuns.writing(
            rows, configuration, Purpose.ESTIMATION, "influence", InfluenceCommand::influence);
    Dataset<Row> table =
        ProgramRuns.withOwnColumns(
            rows,
            configuration,
            Map.of(),
            Purpose.ESTIMATION,
            GivenRows.Reading.EACH_PASS,
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
                ProgramRuns.nowhere(),
                Map.of(),
                Style.PLAIN)
            .with(
                new Terminal.Wishes(
                    EnumSet.allOf(Part.class), false, false, Terminal.Color.AUTO, false));
    return ProgramRuns.run(
        ProgramRuns.Given.of(rows),
        configuration,
        Map.of(),
        Purpose.INSPECTION,
        terminal,
        run -> {
          CheckCommand.check(terminal, run.session(), run.parsedJob(), Optional.empty());
          return printed.toString(StandardCharsets.UTF_8);
        });
  }
}
