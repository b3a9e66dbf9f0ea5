package org.sparkcurvature.job.command;

import java.util.List;
import java.util.Optional;
import org.sparkcurvature.job.config.FitConfig;
import org.sparkcurvature.job.config.Purpose;
import org.sparkcurvature.job.config.Refusal;
import org.sparkcurvature.job.config.RunConfiguration;
import org.sparkcurvature.job.errors.Errors;
import org.sparkcurvature.job.errors.JobException;
import org.sparkcurvature.job.estimate.FreeModel;
import org.sparkcurvature.job.fit.Checkpoint;
import org.sparkcurvature.job.fit.FitResult;
import org.sparkcurvature.job.infer.CovarianceEstimator;
import org.sparkcurvature.job.infer.EstimateSummary;
import org.sparkcurvature.job.infer.InferSummary;
import org.sparkcurvature.job.page.EstimatePage;
import org.sparkcurvature.job.page.FitPage;
import org.sparkcurvature.job.report.EstimateReport;
import org.sparkcurvature.job.report.FitReport;
import org.sparkcurvature.job.result.FitSummary;
import org.sparkcurvature.job.sink.ResultFiles;

/** {@code estimate}: a fit and what can be said of it, in one session and one folder. */
public final class EstimateCommand {
  /** Up to so many estimates influences on all of them are proposed. */
  private static final int MOST_INFLUENCED = 500;

  private final Terminal terminal;

  public EstimateCommand(Terminal terminal) {
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
    RunContext.run(
        terminal,
        "estimate",
        Purpose.ESTIMATION,
        configurations,
        settings,
        EstimateCommand::estimate);
  }

  private static Optional<String> estimate(RunContext run) {
    if (run.configuration().fit().groups().any()) {
      return GroupsCommand.run(run, "estimate");
    }
    RunConfiguration configuration = run.configuration();
    Opened opened = open(run);
    Estimation estimation = opened.estimation();
    Optional<Checkpoint> checkpoint = Fitting.checkpoint(run, estimation);
    EstimateSummary summary =
        estimation.keepingRows(
            configuration, kept -> estimate(run, kept, checkpoint, opened.warnings()));
    run.show(new EstimateReport(summary, configuration.model(), configuration.input().tensors()));
    run.folder().commit();
    checkpoint.ifPresent(Checkpoint::clear);
    return next(configuration, summary);
  }

  /** What rows do to the estimates, where that takes no matrix of many of them. */
  private static Optional<String> next(RunConfiguration configuration, EstimateSummary summary) {
    FitResult.Termination termination = summary.fit().result().termination();
    boolean smooth =
        (termination == FitResult.Termination.GRADIENT
                || termination == FitResult.Termination.PRECISION)
            && configuration.infer().singular() == Refusal.FAIL;
    if (smooth
        && summary.infer().profiled().isEmpty()
        && summary.infer().estimates().size() <= MOST_INFLUENCED) {
      return Optional.of("influence");
    }
    return configuration.model().statistics().tellsPredictions()
        ? Optional.of("predict")
        : Optional.empty();
  }

  /**
   * What is read of a command before it computes.
   *
   * @param warnings those of the input
   */
  record Opened(Estimation estimation, List<String> warnings) {}

  /** Estimates that a penalty draws towards 0 have no errors of this kind. */
  private static void refusePenalised(FitConfig fit) {
    if (fit.isPenalised()) {
      throw Errors.configuration(
          "estimate tells errors, and estimates under fit."
              + (fit.l1().any() ? "l1" : "l2")
              + " have none of this kind: they are not where the loss itself is minimal",
          "curvature.fit." + (fit.l1().any() ? "l1" : "l2"),
          "take the command fit; or put a smooth penalty into model.penalty, whose curvature counts");
    }
  }

  /** Reads the first rows, and refuses what cannot be computed. */
  static Opened open(RunContext run) {
    RunConfiguration configuration = run.configuration();
    refusePenalised(configuration.fit());
    Estimation estimation =
        run.defining(RowsLook.definitions(configuration.input()))
            .estimation(
                Inference.groups(configuration.infer()),
                Inference.functions(run),
                Estimation.Extent.NAMED);
    estimation.refusePinball();
    List<String> warnings = run.warnings(estimation.source());
    Fitting.refuseTooLarge(run, estimation);
    InferMemory.refuseTooLarge(
        estimation,
        new CovarianceEstimator(
            estimation.rows(), estimation.model(), configuration, estimation.told(), 1),
        run.session().spark().sparkContext());
    return new Opened(estimation, warnings);
  }

  private static EstimateSummary estimate(
      RunContext run, Estimation given, Optional<Checkpoint> checkpoint, List<String> warnings) {
    Estimated estimated = compute(run, given, checkpoint, warnings);
    if (estimated.summary().isEmpty()) {
      throw notConverged(run, estimated);
    }
    write(run, estimated);
    return estimated.summary().get();
  }

  /** Writes the model and the fit, and where it converged the estimates with their errors. */
  static void write(RunContext run, Estimated estimated) {
    ResultFiles files = new ResultFiles(run.folder());
    Estimation kept = estimated.fitting().estimation();
    FreeModel model = kept.model();
    run.describe(
        files,
        kept,
        model.natural(estimated.fitting().x()),
        model.naturalLayout(),
        estimated.fitting().notEstimated());
    if (estimated.summary().isPresent()) {
      EstimateSummary summary = estimated.summary().get();
      files.estimate(run.session().spark(), summary, run.configuration());
      run.page(
          "estimate",
          summary.fit().run(),
          EstimatePage.of(
              summary, run.configuration().model(), run.configuration().input().categories()));
    } else {
      files.fit(estimated.fit());
      run.page("estimate", estimated.fit().run(), FitPage.of(estimated.fit(), kept.names()));
    }
  }

  /**
   * A fit, and what can be said of it.
   *
   * @param summary empty where the fit did not converge
   */
  record Estimated(Fitting fitting, FitSummary fit, Optional<EstimateSummary> summary) {}

  /** Fits, and says what can be said of the estimates; nothing is written. */
  static Estimated compute(
      RunContext run, Estimation given, Optional<Checkpoint> checkpoint, List<String> warnings) {
    Fitting fitting = Fitting.of(run, given, checkpoint).holdingEnds();
    Estimation kept = fitting.estimation();
    double[] x = fitting.x();
    FitSummary fit = fitting.summary(warnings);
    if (!fitting.converged()) {
      return new Estimated(fitting, fit, Optional.empty());
    }
    Statistics.Found found =
        run.stages()
            .run(
                "statistics",
                "comparing with the model without predictors",
                () ->
                    new Statistics(run, kept)
                        .at(x, fit.result().value() - kept.objective().penaltyValue(x)));
    InferSummary infer =
        Inference.of(run, kept, x, found.statistics().dispersion(), fit.run().warnings());
    return new Estimated(
        fitting,
        fit,
        Optional.of(new EstimateSummary(fit, infer, found.statistics(), found.fitted())));
  }

  /** Leaves what was reached, marked, as {@code fit} does. */
  private static JobException notConverged(RunContext run, Estimated estimated) {
    write(run, estimated);
    FitSummary fit = estimated.fit();
    String path = run.folder().path().toString();
    run.show(
        new FitReport(fit, run.configuration().model(), estimated.fitting().estimation().names()));
    run.folder().commitNotConverged();
    run.notConverged("estimate");
    return Fitting.notConverged(fit, path);
  }
}
