package org.sparkcurvature.job.command;

import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.sparkcurvature.engine.Request;
import org.sparkcurvature.job.config.ConfigurationLoader;
import org.sparkcurvature.job.config.HadoopUriReader;
import org.sparkcurvature.job.config.LoadedConfiguration;
import org.sparkcurvature.job.config.Purpose;
import org.sparkcurvature.job.derive.GlobalPass;
import org.sparkcurvature.job.derive.GlobalResult;
import org.sparkcurvature.job.derive.PerSamplePass;
import org.sparkcurvature.job.errors.Errors;
import org.sparkcurvature.job.estimate.FreeModel;
import org.sparkcurvature.job.infer.EstimateSummary;
import org.sparkcurvature.job.infer.InferSummary;
import org.sparkcurvature.job.language.LossModel;
import org.sparkcurvature.job.report.EstimateReport;
import org.sparkcurvature.job.report.InferReport;
import org.sparkcurvature.job.report.Style;
import org.sparkcurvature.job.result.ElementNames;
import org.sparkcurvature.job.result.FitSummary;
import org.sparkcurvature.job.result.Objective;
import org.sparkcurvature.job.result.Stages;
import org.sparkcurvature.job.source.GivenRows;

/**
 * The commands for a program: on a data frame and the session that this has, with results in
 * memory. The session is left as it is: no listener, no label, no configuration, no cache stays,
 * and nothing is printed or written.
 */
public final class Programs {
  private static final String TEXT = "program";
  private static final String ROWS = "the rows of the data frame";

  private Programs() {}

  /**
   * A fit.
   *
   * @param summary what is known of it
   * @param parameters every parameter's elements, row-major
   * @param names of the estimates, in their order
   */
  public record Fitted(FitSummary summary, Map<String, double[]> parameters, List<String> names) {}

  /**
   * What can be said of estimates.
   *
   * @param shown the table that the command prints
   */
  public record Inferred(InferSummary summary, String shown) {}

  /**
   * A fit and what can be said of it.
   *
   * @param parameters every parameter's elements, row-major
   * @param shown the table that the command prints
   */
  public record Estimated(
      EstimateSummary summary, Map<String, double[]> parameters, String shown) {}

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
      Function<List<String>, Dataset<Row>> perSample) {}

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
          return new Estimated(
              summary,
              opened.estimation().model().natural(estimated.fitting().x()),
              new EstimateReport(summary, run.configuration().model(), "", Style.PLAIN).text());
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
              .keeping(
                  run.configuration(),
                  kept -> {
                    Fitting fitting = Fitting.of(run, kept, Optional.empty());
                    FitSummary summary = fitting.summary(opened.warnings());
                    if (!fitting.converged()) {
                      throw Fitting.notConverged(summary);
                    }
                    FreeModel model = kept.model();
                    return new Fitted(
                        summary,
                        model.natural(fitting.x()),
                        kept.names().names(model.naturalLayout()));
                  });
        });
  }

  /** What can be said of estimates that are given: {@code infer}. */
  public static Inferred infer(Dataset<Row> rows, String configuration) {
    return run(
        rows,
        configuration,
        Purpose.ESTIMATION,
        run -> {
          InferSummary summary =
              InferCommand.open(run).compute(run, (running, estimation, x, result) -> {});
          return new Inferred(
              summary,
              new InferReport(summary, run.configuration().model(), "", Style.PLAIN).text());
        });
  }

  /** Differentiates: {@code derive}. */
  public static Derived derive(Dataset<Row> rows, String configuration) {
    return run(
        rows,
        configuration,
        Purpose.DERIVATIVES,
        run -> {
          Derivatives derivatives =
              run.stages()
                  .run(
                      "open",
                      "opening the input",
                      () -> Derivatives.of(run.assignment(), run.source()));
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
          Objective objective =
              DeriveCommand.reduced(derivatives, sums, run.configuration().derive().reduction());
          return new Derived(
              objective,
              ElementNames.of(run.configuration()).names(derivatives.derivation().layout()),
              Stream.concat(warnings.stream(), run.rejections(sums.counts()).stream()).toList(),
              wanted -> perSample(run, derivatives, wanted));
        });
  }

  private static Dataset<Row> perSample(
      Running run, Derivatives derivatives, List<String> columns) {
    if (run.configuration().derive().request().perSample().equals(Request.PerSample.NONE)) {
      throw Errors.configuration(
          "no per-sample results were asked for",
          "curvature.derive.per-sample",
          "ask for some: derive.per-sample { gradient = true }");
    }
    Dataset<Row> all =
        PerSamplePass.dataset(
            derivatives.source(),
            derivatives.derivation(),
            derivatives.values(),
            run.configuration().device());
    return columns.isEmpty() ? all : all.selectExpr(columns.toArray(String[]::new));
  }

  /**
   * Runs a command.
   *
   * @param configuration HOCON, with everything under the root {@code curvature}, and without what
   *     says where rows are and where results go
   */
  private static <T> T run(
      Dataset<Row> rows, String configuration, Purpose purpose, Function<Running, T> work) {
    SparkSession spark = rows.sparkSession();
    if (!(spark instanceof org.apache.spark.sql.classic.SparkSession classic)) {
      throw Errors.configuration(
          "the data frame is one of Spark Connect, where there is no executor to compute on",
          "the data frame",
          "take a session of its own (spark-submit, or a cluster of one user)");
    }
    if (spark.sparkContext().isStopped()) {
      throw Errors.configuration(
          "the session of the data frame was stopped", "the data frame", "read it anew");
    }
    PrintStream nowhere =
        new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8);
    Terminal terminal = new Terminal(nowhere, nowhere, Map.of(), Style.PLAIN);
    HadoopUriReader files = new HadoopUriReader(() -> classic.sessionState().newHadoopConf());
    LoadedConfiguration loaded =
        new ConfigurationLoader(
                location ->
                    location.equals(TEXT)
                        ? configuration.getBytes(StandardCharsets.UTF_8)
                        : files.read(location),
                System.getenv(),
                LossModel::problems)
            .load(
                List.of(TEXT),
                List.of("input.table=\"" + ROWS + "\"", "output.path=\"nowhere\""),
                purpose)
            .reading(new GivenRows(rows));
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
