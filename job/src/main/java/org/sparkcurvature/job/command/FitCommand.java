package org.sparkcurvature.job.command;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.sparkcurvature.job.config.FitConfig;
import org.sparkcurvature.job.config.Purpose;
import org.sparkcurvature.job.config.RunConfiguration;
import org.sparkcurvature.job.errors.Errors;
import org.sparkcurvature.job.errors.JobException;
import org.sparkcurvature.job.estimate.FreeModel;
import org.sparkcurvature.job.estimate.SummedObjective;
import org.sparkcurvature.job.fit.Checkpoint;
import org.sparkcurvature.job.fit.Divergence;
import org.sparkcurvature.job.fit.Evaluation;
import org.sparkcurvature.job.fit.FitResult;
import org.sparkcurvature.job.fit.FitState;
import org.sparkcurvature.job.fit.Iteration;
import org.sparkcurvature.job.fit.Minimiser;
import org.sparkcurvature.job.fit.Minimisers;
import org.sparkcurvature.job.fit.ObjectiveFunction;
import org.sparkcurvature.job.report.FitReport;
import org.sparkcurvature.job.result.CurvatureVerdict;
import org.sparkcurvature.job.result.Direction;
import org.sparkcurvature.job.result.FitSummary;
import org.sparkcurvature.job.result.Stages;
import org.sparkcurvature.job.sink.ResultFiles;
import org.sparkcurvature.job.solve.HessianFacts;
import org.sparkcurvature.job.solve.ScaledHessian;
import org.sparkcurvature.objective.Layout;

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
    Running.run(terminal, "fit", Purpose.ESTIMATION, configurations, settings, FitCommand::fit);
  }

  /** Where a method ended, and what was found out about the point. */
  private record Judged(
      FitResult result, Optional<CurvatureVerdict> verdict, Optional<String> divergence) {}

  private static String fit(Running run) {
    RunConfiguration configuration = run.configuration();
    Stages stages = run.stages();
    Estimation estimation =
        run.estimation(List.of(), run.assignment().loss().functions(Map.of(), Map.of()));
    List<String> warnings = run.warnings(estimation.source());
    FitMemory.refuseTooLarge(
        estimation, configuration.fit().method(), run.session().spark().sparkContext());
    run.refuseWithoutRoom(
        () -> ResultSize.NONE, estimation.handedOn(FitMemory.asked(configuration.fit().method())));
    Optional<Checkpoint> checkpoint =
        configuration
            .fit()
            .checkpoint()
            .map(
                location ->
                    Checkpoint.open(
                        location,
                        identity(configuration, estimation),
                        Session.hadoop(),
                        run.terminal()::warning));
    FitSummary summary =
        estimation.keeping(
            configuration,
            kept -> {
              FitResult ended =
                  stages.run("fit", "minimising", () -> minimise(run, kept, checkpoint));
              Judged judged = stages.run("judge", "judging the result", () -> judge(kept, ended));
              return write(run, kept, judged, warnings);
            });
    String report =
        new FitReport(
                summary,
                configuration.model(),
                estimation.names(),
                run.folder().path().toString(),
                run.terminal().style())
            .text();
    if (!summary.result().ending().converged()) {
      run.folder().commitNotConverged();
      run.terminal().out().print(report);
      run.terminal().out().flush();
      throw notConverged(summary, run.folder().path().toString());
    }
    run.folder().commit();
    checkpoint.ifPresent(Checkpoint::clear);
    return report;
  }

  private static FitResult minimise(
      Running run, Estimation estimation, Optional<Checkpoint> checkpoint) {
    FitConfig settings = run.configuration().fit();
    Optional<FitState> last = checkpoint.flatMap(Checkpoint::last);
    last.ifPresent(
        state ->
            run.terminal()
                .progress("going on from the checkpoint of iteration " + state.iteration()));
    FitState from = last.orElseGet(() -> FitState.at(estimation.model().start()));
    Consumer<FitState> kept =
        state -> {
          Iteration iteration = state.history().get(state.history().size() - 1);
          run.terminal().progress(FitReport.progress(iteration));
          checkpoint.ifPresent(c -> c.keep(state));
        };
    return Minimisers.of(settings.method(), l1(settings, estimation.model()))
        .minimise(
            estimation.objective(),
            from,
            new Minimiser.Limits(settings.tolerance(), settings.maxIterations()),
            kept);
  }

  /** The factor of each element's absolute value. */
  private static double[] l1(FitConfig settings, FreeModel model) {
    Layout layout = model.layout();
    double[] factors = new double[layout.length()];
    for (Layout.Entry entry : layout.entries()) {
      double factor = settings.l1().getOrDefault(entry.name(), settings.l1Everywhere());
      if (factor > 0 && !model.isNatural(entry.name())) {
        throw Errors.configuration(
            "l1 is above 0 for " + entry.name() + ", which is estimated on another scale",
            "curvature.fit.l1",
            "name the parameters that it is for, as in l1 { beta = " + factor + " }");
      }
      Arrays.fill(factors, entry.offset(), entry.offset() + entry.shape().size(), factor);
    }
    return factors;
  }

  /** What the Hessian says of the point, where all its eigenvalues can be computed. */
  private static Judged judge(Estimation estimation, FitResult ended) {
    SummedObjective objective = estimation.objective();
    boolean smooth = Arrays.stream(ended.gradient()).allMatch(Double::isFinite);
    if (estimation.model().layout().length() > HessianFacts.LARGEST_ORDER || !smooth) {
      return new Judged(ended, Optional.empty(), Optional.empty());
    }
    FitResult result = ended;
    if (ended.evaluation().hessian().isEmpty()) {
      Evaluation whole = objective.at(ended.state().x(), ObjectiveFunction.Order.HESSIAN);
      result = new FitResult(ended.state(), whole, ended.gradient(), ended.value(), ended.ending());
    }
    List<String> names = estimation.freeNames();
    CurvatureVerdict verdict =
        CurvatureVerdict.of(ScaledHessian.of(result.evaluation().hessian().orElseThrow()), names);
    Optional<double[]> falling =
        result.ending() == FitResult.Ending.DIVERGED
            ? Optional.of(result.state().x())
            : result.ending().converged()
                ? Divergence.direction(objective, result)
                : Optional.empty();
    return new Judged(
        falling.isPresent() ? result.ended(FitResult.Ending.DIVERGED) : result,
        Optional.of(verdict),
        falling.map(direction -> Direction.describe(direction, names)));
  }

  private static FitSummary write(
      Running run, Estimation estimation, Judged judged, List<String> warnings) {
    FreeModel model = estimation.model();
    Map<String, double[]> natural = model.natural(judged.result().state().x());
    ResultFiles files = new ResultFiles(run.folder());
    run.stages()
        .run(
            "write",
            "writing the result",
            () -> {
              run.describe(files, estimation, natural, model.naturalLayout());
            });
    List<String> remarks =
        judged.verdict().map(verdict -> FitReport.remarks(verdict)).orElse(List.of());
    remarks.forEach(run.terminal()::warning);
    SummedObjective objective = estimation.objective();
    FitSummary summary =
        new FitSummary(
            run.facts(
                objective,
                FitMemory.asked(run.configuration().fit().method()),
                model.naturalLayout(),
                Stream.concat(warnings.stream(), remarks.stream()).toList()),
            run.configuration().fit(),
            judged.result(),
            objective.passes(),
            judged.verdict(),
            judged.divergence(),
            model.wrt().stream()
                .flatMapToDouble(name -> Arrays.stream(natural.get(name)))
                .toArray());
    files.fit(summary);
    return summary;
  }

  private static JobException notConverged(FitSummary summary, String path) {
    String kept = "; what was reached is in " + path + ", marked _NOT_CONVERGED";
    FitResult result = summary.result();
    String gradient =
        " (relative gradient norm %.2g, tolerance %.2g)"
            .formatted(result.relativeGradient(), summary.settings().tolerance());
    return switch (result.ending()) {
      case DIVERGED ->
          Errors.noAnswer(
              "there is no minimum: "
                  + result.ending()
                  + summary.divergence().map(along -> ", along " + along).orElse("")
                  + kept,
              "curvature.model.loss",
              "classes that a plane separates do this: leave out or join what separates them, or"
                  + " add a model.penalty");
      case STALLED ->
          Errors.noAnswer(
              result.ending() + gradient + kept,
              "curvature.model.loss",
              "a kink (abs, relu, max, CASE WHEN) is the usual reason: take a smooth loss such as"
                  + " huber, or a larger fit.tolerance");
      default ->
          Errors.noAnswer(
              "not converged: " + result.ending() + gradient + kept,
              "curvature.fit",
              "set fit.max-iterations higher (with fit.checkpoint it goes on from here), begin at"
                  + " other values, or take another fit.method");
    };
  }

  /** What tells this fit from others: whatever its way depends on. */
  private static String identity(RunConfiguration configuration, Estimation estimation) {
    FitConfig fit = configuration.fit();
    String all =
        String.join(
            "\n",
            configuration.input().toString(),
            configuration.model().toString(),
            estimation.model().wrt().toString(),
            fit.method() + " " + fit.l1() + " " + fit.l1Everywhere(),
            configuration.precision() + " " + configuration.blockMemoryBytes());
    return Digests.sha256(all);
  }
}
