package org.sparkcurvature.job.command;

import java.util.List;
import java.util.Optional;
import org.sparkcurvature.job.config.Purpose;
import org.sparkcurvature.job.estimate.FreeModel;
import org.sparkcurvature.job.fit.Checkpoint;
import org.sparkcurvature.job.fit.FitResult;
import org.sparkcurvature.job.page.FitPage;
import org.sparkcurvature.job.report.FitReport;
import org.sparkcurvature.job.result.CurvatureVerdict;
import org.sparkcurvature.job.result.FitSummary;
import org.sparkcurvature.job.sink.ResultFiles;

/** {@code fit}: the parameters at which the objective is minimal. */
public final class FitCommand {
  private final Terminal terminal;

  public FitCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  /**
   * Runs the command.
   *
   * @param configurations paths or URIs, later ones win
   * @param settings {@code path=value}
   * @throws RuntimeException what is wrong; where it did not converge, what was reached is left,
   *     marked
   */
  public void run(List<String> configurations, List<String> settings) {
    RunContext.run(terminal, "fit", Purpose.ESTIMATION, configurations, settings, FitCommand::fit);
  }

  private static Optional<String> fit(RunContext run) {
    if (run.configuration().fit().groups().any()) {
      return GroupsCommand.run(run, "fit");
    }
    EstimateCommand.Opened opened = open(run);
    Estimation estimation = opened.estimation();
    Optional<Checkpoint> checkpoint = Fitting.checkpoint(run, estimation);
    FitSummary summary =
        estimation.keeping(
            run.configuration(),
            kept -> write(run, Fitting.of(run, kept, checkpoint), opened.warnings()));
    run.show(new FitReport(summary, run.configuration().model(), estimation.names()));
    if (!summary.result().termination().converged()) {
      run.folder().commitNotConverged();
      run.notConverged("fit");
      throw Fitting.notConverged(summary, run.folder().path().toString());
    }
    run.folder().commit();
    checkpoint.ifPresent(Checkpoint::clear);
    return next(run, summary);
  }

  /** Standard errors, where the minimum is one that has them. */
  private static Optional<String> next(RunContext run, FitSummary summary) {
    FitResult.Termination termination = summary.result().termination();
    boolean minimum =
        (termination == FitResult.Termination.GRADIENT
                || termination == FitResult.Termination.PRECISION)
            && summary
                .verdict()
                .filter(verdict -> verdict.kind() != CurvatureVerdict.Kind.MINIMUM)
                .isEmpty()
            && !run.configuration().fit().isPenalised();
    return minimum ? Optional.of("infer") : Optional.empty();
  }

  /** Reads the first rows, and refuses what cannot be computed. */
  static EstimateCommand.Opened open(RunContext run) {
    Estimation estimation =
        run.estimation(List.of(), run.parsedJob().loss().functions(), Estimation.Extent.NAMED);
    List<String> warnings = run.warnings(estimation.source());
    Fitting.refuseTooLarge(run, estimation);
    return new EstimateCommand.Opened(estimation, warnings);
  }

  private static FitSummary write(RunContext run, Fitting fitting, List<String> warnings) {
    ResultFiles files = new ResultFiles(run.folder());
    run.stages().run("write", "writing the result", () -> describe(run, files, fitting));
    FitSummary summary = fitting.summary(warnings);
    writePage(run, files, fitting, summary);
    return summary;
  }

  /** Writes what a fit found, and its page. */
  static void writePage(RunContext run, ResultFiles files, Fitting fitting, FitSummary summary) {
    files.fit(summary);
    run.page("fit", summary.run(), FitPage.of(summary, fitting.estimation().names()));
  }

  /** Writes the model and the parameters that were reached. */
  static void describe(RunContext run, ResultFiles files, Fitting fitting) {
    FreeModel model = fitting.estimation().model();
    run.describe(
        files,
        fitting.estimation(),
        model.natural(fitting.x()),
        model.naturalLayout(),
        fitting.notEstimated());
  }
}
