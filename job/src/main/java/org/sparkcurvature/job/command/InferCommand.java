package org.sparkcurvature.job.command;

import java.util.List;
import java.util.stream.Stream;
import org.sparkcurvature.job.config.HypothesisConfig;
import org.sparkcurvature.job.config.Purpose;
import org.sparkcurvature.job.config.RunConfiguration;
import org.sparkcurvature.job.estimate.FreeModel;
import org.sparkcurvature.job.infer.CovarianceEstimator;
import org.sparkcurvature.job.infer.InferSummary;
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
    Running.run(
        terminal, "infer", Purpose.ESTIMATION, configurations, settings, InferCommand::infer);
  }

  private static String infer(Running run) {
    OriginalFit.refuseNoEstimates(run.assignment());
    RunConfiguration configuration = run.configuration();
    Estimation estimation =
        run.estimation(
            Inference.groups(configuration.infer()),
            Inference.functions(run),
            Estimation.Extent.WHOLE);
    estimation.refusePinball();
    List<String> warnings = run.warnings(estimation.source());
    CovarianceEstimator estimator =
        new CovarianceEstimator(
            estimation.rows(), estimation.model(), configuration, estimation.told(), 1);
    InferMemory.refuseTooLarge(estimation, estimator, run.session().spark().sparkContext());
    run.refuseWithoutRoom(
        () -> ResultSize.ofCovariance(estimation.toldLayout().length()),
        estimation.handedOn(estimator.asked()));
    boolean scaled = configuration.model().statistics().dispersion();
    boolean refits =
        !configuration.infer().profile().isEmpty()
            || configuration.infer().tests().values().stream().anyMatch(HypothesisConfig::needsFit);
    return estimator.passesAgain() || scaled || refits
        ? estimation.keepingRows(configuration, kept -> infer(run, kept, warnings))
        : infer(run, estimation, warnings);
  }

  private static String infer(Running run, Estimation estimation, List<String> warnings) {
    double[] x = estimation.model().start();
    double dispersion = new Statistics(run, estimation).dispersion(x);
    List<String> compared = run.compared(estimation, x);
    InferSummary summary =
        Inference.of(
            run,
            estimation,
            x,
            dispersion,
            Stream.of(warnings, compared).flatMap(List::stream).toList());
    write(run, estimation, x, summary);
    run.folder().commit();
    return new InferReport(
            summary,
            run.configuration().model(),
            run.folder().path().toString(),
            run.terminal().style())
        .text();
  }

  private static void write(Running run, Estimation estimation, double[] x, InferSummary summary) {
    ResultFiles files = new ResultFiles(run.folder());
    FreeModel model = estimation.model();
    run.describe(
        files,
        estimation,
        model.natural(x),
        estimation.toldLayout(),
        run.configuration().model().notEstimated());
    files.infer(run.session().spark(), summary, run.configuration().output().format());
  }
}
