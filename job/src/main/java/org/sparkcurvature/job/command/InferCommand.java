package org.sparkcurvature.job.command;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.sparkcurvature.job.config.HypothesisConfig;
import org.sparkcurvature.job.config.Purpose;
import org.sparkcurvature.job.config.Refusal;
import org.sparkcurvature.job.config.RunConfiguration;
import org.sparkcurvature.job.estimate.FreeModel;
import org.sparkcurvature.job.infer.CovarianceEstimator;
import org.sparkcurvature.job.infer.InferSummary;
import org.sparkcurvature.job.page.EstimatePage;
import org.sparkcurvature.job.report.InferReport;
import org.sparkcurvature.job.sink.ResultFiles;

/** {@code infer}: how far estimates can be trusted. */
public final class InferCommand {
  private final Terminal terminal;

  public InferCommand(Terminal terminal) {
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
        terminal, "infer", Purpose.ESTIMATION, configurations, settings, InferCommand::infer);
  }

  private static Optional<String> infer(RunContext run) {
    Opened opened = open(run);
    Estimation estimation = opened.estimation();
    run.refuseWithoutRoom(
        () -> ResultSize.ofCovariance(estimation.toldLayout().length()),
        estimation.handedOn(opened.estimator().asked()));
    InferSummary summary = opened.compute(run, InferCommand::write);
    run.show(new InferReport(summary, run.configuration().model()));
    run.folder().commit();
    return Optional.of("influence")
        .filter(
            next -> summary.profiled().isEmpty() && summary.settings().singular() == Refusal.FAIL);
  }

  /**
   * What is read of a command before it computes.
   *
   * @param warnings those of the input
   */
  record Opened(Estimation estimation, CovarianceEstimator estimator, List<String> warnings) {
    /**
     * Says what can be said of the parameters that are given.
     *
     * @param then takes the result before the kept rows are let go
     */
    InferSummary compute(RunContext run, Then then) {
      RunConfiguration configuration = run.configuration();
      boolean scaled = configuration.model().statistics().dispersion();
      boolean refits =
          !configuration.infer().profile().isEmpty()
              || configuration.infer().tests().values().stream()
                  .anyMatch(HypothesisConfig::needsFit);
      return estimator.passesAgain() || scaled || refits
          ? estimation.keepingRows(configuration, kept -> compute(run, kept, then))
          : compute(run, estimation, then);
    }

    private InferSummary compute(RunContext run, Estimation kept, Then then) {
      double[] x = kept.model().start();
      double dispersion = new Statistics(run, kept).dispersion(x);
      List<String> compared = run.compared(kept, x);
      InferSummary summary =
          Inference.of(
              run,
              kept,
              x,
              dispersion,
              Stream.of(warnings, compared).flatMap(List::stream).toList());
      then.accept(run, kept, x, summary);
      return summary;
    }
  }

  /** What is done with a result. */
  interface Then {
    void accept(RunContext run, Estimation estimation, double[] x, InferSummary summary);
  }

  /** Reads the first rows, and refuses what cannot be computed. */
  static Opened open(RunContext run) {
    OriginalFit.refuseNoEstimates(run.parsedJob());
    RunConfiguration configuration = run.configuration();
    Estimation estimation =
        run.defining(RowsLook.definitions(configuration.input()))
            .estimation(
                Inference.groups(configuration.infer()),
                Inference.functions(run),
                Estimation.Extent.WHOLE);
    estimation.refusePinball();
    List<String> warnings = run.warnings(estimation.source());
    CovarianceEstimator estimator =
        new CovarianceEstimator(
            estimation.rows(), estimation.model(), configuration, estimation.told(), 1);
    InferMemory.refuseTooLarge(estimation, estimator, run.session().spark().sparkContext());
    return new Opened(estimation, estimator, warnings);
  }

  static void write(RunContext run, Estimation estimation, double[] x, InferSummary summary) {
    ResultFiles files = new ResultFiles(run.folder());
    FreeModel model = estimation.model();
    run.describe(
        files,
        estimation,
        model.natural(x),
        estimation.toldLayout(),
        run.configuration().model().notEstimated());
    files.infer(run.session().spark(), summary, run.configuration().output().format());
    run.page(
        "infer", summary.run(), EstimatePage.of(summary, run.configuration().input().categories()));
  }
}
