package org.sparkcurvature.job.command;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.sparkcurvature.engine.Layout;
import org.sparkcurvature.engine.Request;
import org.sparkcurvature.job.config.Factors;
import org.sparkcurvature.job.config.FitConfig;
import org.sparkcurvature.job.config.FitMethod;
import org.sparkcurvature.job.config.ModelConfig;
import org.sparkcurvature.job.config.Refusal;
import org.sparkcurvature.job.config.RunConfiguration;
import org.sparkcurvature.job.errors.Errors;
import org.sparkcurvature.job.errors.JobException;
import org.sparkcurvature.job.estimate.FreeModel;
import org.sparkcurvature.job.estimate.ProfiledHessian;
import org.sparkcurvature.job.estimate.SummedObjective;
import org.sparkcurvature.job.fit.ArrowObjective;
import org.sparkcurvature.job.fit.Checkpoint;
import org.sparkcurvature.job.fit.CollinearElements;
import org.sparkcurvature.job.fit.FitResult;
import org.sparkcurvature.job.fit.FitState;
import org.sparkcurvature.job.fit.HeldObjective;
import org.sparkcurvature.job.fit.Iteration;
import org.sparkcurvature.job.fit.Minimiser;
import org.sparkcurvature.job.fit.Minimisers;
import org.sparkcurvature.job.fit.ObjectiveFunction;
import org.sparkcurvature.job.fit.Ridge;
import org.sparkcurvature.job.fit.SeparablePenalty;
import org.sparkcurvature.job.fit.SmoothedKinks;
import org.sparkcurvature.job.report.FitReport;
import org.sparkcurvature.job.result.FitSummary;
import org.sparkcurvature.job.result.PathStep;
import org.sparkcurvature.job.sink.Checksum;
import org.sparkcurvature.job.solve.Elements;
import org.sparkcurvature.job.solve.HessianFacts;

/**
 * A fit, from samples to what is known of the point where it ended. Nothing is written but the
 * state of a checkpoint.
 */
final class Fitting {
  /** Columns of the Hessian that are worth a pass at each point. */
  private static final int MOST_COLUMNS = 64;

  private final RunContext run;
  private final Estimation estimation;
  private final Fitted fitted;
  private final Judgement judged;

  private Fitting(RunContext run, Estimation estimation, Fitted fitted, Judgement judged) {
    this.run = run;
    this.estimation = estimation;
    this.fitted = fitted;
    this.judged = judged;
  }

  /** Where a fit, or each fit of a path, ended; one at least. */
  private record Fitted(List<FitResult> results) {
    FitResult last() {
      return results.get(results.size() - 1);
    }
  }

  /**
   * Makes sure, before anything is computed, that there is room.
   *
   * @throws JobException with exit code 2 if there is certainly none
   */
  static void refuseTooLarge(RunContext run, Estimation estimation) {
    HeldElements.refuseUnlessKept(run.configuration(), estimation.model());
    FitMemory.refuseTooLarge(
        estimation, run.configuration().fit().method(), run.session().spark().sparkContext());
    run.refuseWithoutRoom(() -> ResultSize.NONE, estimation.handedOn(asked(run)));
  }

  /** What each pass of the fit sums. */
  private static Request.Global asked(RunContext run) {
    return FitMemory.asked(run.configuration().fit().method());
  }

  /** The checkpoint, where one is asked for. */
  static Optional<Checkpoint> checkpoint(RunContext run, Estimation estimation) {
    RunConfiguration configuration = run.configuration();
    configuration
        .fit()
        .checkpoint()
        .ifPresent(path -> run.folder().refuseWithin("curvature.fit.checkpoint", path));
    return configuration
        .fit()
        .checkpoint()
        .map(
            location ->
                Checkpoint.open(
                    location,
                    identity(configuration, estimation),
                    Session.hadoop(),
                    run.terminal()::warning));
  }

  /**
   * Fits and judges.
   *
   * @param estimation with samples that are kept
   */
  static Fitting of(RunContext run, Estimation estimation, Optional<Checkpoint> checkpoint) {
    Fitted fitted =
        run.stages().run("fit", "minimising", () -> minimise(run, estimation, checkpoint));
    Fitting fitting = judged(run, estimation, fitted);
    if (run.configuration().model().collinear() == ModelConfig.Collinear.FAIL
        || !fitting.converged()) {
      return fitting;
    }
    Optional<CollinearElements> collinear =
        run.stages().run("judge", "looking for collinear terms", fitting::collinear);
    return collinear
        .map(
            found -> {
              Estimation rest = estimation.holding(found.dropped(), found.point());
              return judged(
                  run,
                  rest,
                  run.stages().run("fit", "without them", () -> again(run, rest, fitted, found)));
            })
        .orElse(fitting);
  }

  private static Fitting judged(RunContext run, Estimation estimation, Fitted fitted) {
    int step = fitted.results().size() - 1;
    Judgement judged =
        run.stages()
            .run(
                "judge",
                "judging the result",
                () -> Judgement.of(problem(run, estimation, step), fitted.last()));
    return new Fitting(run, estimation, fitted, judged);
  }

  /** Elements of which the data says nothing beside others, where there are any. */
  private Optional<CollinearElements> collinear() {
    double[] x = x();
    ObjectiveFunction objective = estimation.objective();
    Elements free = estimation.model().estimated(x);
    int[] order = nuisancesFirst(free.kept());
    if (x.length > Minimisers.LARGEST_BOUNDED) {
      double[] diagonal = objective.hessianDiagonal(x);
      return CollinearElements.along(
          x,
          ProfiledHessian.of(
                  objective,
                  x,
                  estimation.model().layout(),
                  0,
                  diagonal,
                  free,
                  estimation.freeNames(),
                  Refusal.PINV)
              .flat(),
          diagonal,
          order);
    }
    return CollinearElements.at(
        x,
        judged
            .result()
            .evaluation()
            .hessian()
            .orElseGet(
                () -> objective.at(x, ObjectiveFunction.Order.HESSIAN).hessian().orElseThrow()),
        free,
        order,
        (vectors, count) -> objective.hessianTimes(x, vectors, count));
  }

  /**
   * The order in which elements are kept: nuisance parameters first, so that an element which they
   * determine is dropped, and not one of theirs.
   */
  private int[] nuisancesFirst(int[] elements) {
    int told =
        estimation.model().layout().entries().stream()
            .filter(entry -> estimation.told().contains(entry.name()))
            .mapToInt(entry -> entry.shape().size())
            .sum();
    return IntStream.concat(
            Arrays.stream(elements).filter(i -> i >= told),
            Arrays.stream(elements).filter(i -> i < told))
        .toArray();
  }

  /** The fit with elements held, from where the fit without that ended. */
  private static Fitted again(
      RunContext run, Estimation rest, Fitted fitted, CollinearElements collinear) {
    Judgement.Fit problem = problem(run, rest, fitted.results().size() - 1);
    FitState last = fitted.last().state();
    FitState from = last.beginning(FitState.Phase.AGAIN, collinear.point(), last.history());
    Minimiser.Limits limits =
        new Minimiser.Limits(
            problem.limits().tolerance(), last.iteration() + problem.limits().maxIterations());
    List<FitResult> results = new ArrayList<>(fitted.results());
    results.set(
        results.size() - 1,
        problem.method().minimise(problem.objective(), from, limits, state -> {}));
    return new Fitted(results);
  }

  /** The estimation, with those elements held that the fit left out. */
  Estimation estimation() {
    return estimation;
  }

  /**
   * The fit with those elements held that are at the end of their range: nothing else can be said
   * of them, and of the others what holds with them there.
   */
  Fitting holdingEnds() {
    int[] ends = judged.atEnd(estimation.model());
    return ends.length == 0
        ? this
        : new Fitting(run, estimation.holding(ends, x()), fitted, judged);
  }

  /** The free elements where it ended. */
  double[] x() {
    return judged.result().state().x();
  }

  /** The objective there. */
  double value() {
    return judged.result().value();
  }

  boolean converged() {
    return judged.result().termination().converged();
  }

  /**
   * The fit in numbers. What a user should know of it is said.
   *
   * @param warnings those of the input
   */
  FitSummary summary(List<String> warnings) {
    FreeModel model = estimation.model();
    Map<String, double[]> natural = model.natural(x());
    List<String> remarks =
        new ArrayList<>(FitReport.remarks(judged.result(), judged.verdict(), judged.falling()));
    remarks.addAll(HeldElements.remarks(model, estimation.freeNames(), x()));
    remarks.forEach(run.terminal()::warning);
    List<String> compared = run.compared(estimation, x());
    SummedObjective objective = estimation.objective();
    return new FitSummary(
        run.facts(
            objective,
            asked(run),
            model.naturalLayout(),
            Stream.of(warnings, remarks, compared).flatMap(List::stream).toList()),
        run.configuration().fit(),
        judged.result(),
        objective.passes(),
        judged.verdict(),
        judged.falling(),
        path(
            run.configuration().fit(),
            model,
            fitted,
            run.configuration().model().statistics().nullModel()),
        model.wrt().stream().flatMapToDouble(name -> Arrays.stream(natural.get(name))).toArray());
  }

  /** Parameters that the fit did not estimate. */
  Set<String> notEstimated() {
    Set<String> names = new HashSet<>(estimation.model().shapes().keySet());
    estimation.model().wrt().forEach(names::remove);
    return names;
  }

  private static Fitted minimise(
      RunContext run, Estimation estimation, Optional<Checkpoint> checkpoint) {
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
          run.terminal()
              .progressLine()
              .note(
                  "pass %,d, %s"
                      .formatted(estimation.objective().passes(), FitReport.progress(iteration)));
          checkpoint.ifPresent(c -> c.keep(state));
        };
    List<FitResult> results = new ArrayList<>();
    for (int step = 0; step < settings.l1().steps(); step++) {
      if (settings.l1().steps() > 1) {
        run.terminal().progress("l1: " + settings.l1().describe(step));
      }
      Judgement.Fit problem = problem(run, estimation, step);
      FitResult result =
          problem.method().minimise(problem.objective(), from, problem.limits(), kept);
      results.add(result);
      if (!result.termination().converged()) {
        break; // what follows would begin at no minimum
      }
      from = FitState.at(result.state().x());
    }
    return new Fitted(results);
  }

  /** What is minimised at a step of a path over l1, and how. */
  private static Judgement.Fit problem(RunContext run, Estimation estimation, int step) {
    FitConfig settings = run.configuration().fit();
    FreeModel model = estimation.model();
    List<String> free = run.configuration().model().statistics().nullModel();
    double[] l1 = factors(settings.l1(), "l1", step, model, free);
    double[] l2 = l2(run.configuration(), model);
    UnaryOperator<ObjectiveFunction> penalised =
        loss -> settings.l2().any() ? new Ridge(loss, l2) : loss;
    SeparablePenalty bounds = model.bounds();
    SeparablePenalty penalty = new SeparablePenalty(l1, bounds.lower(), bounds.upper());
    boolean many = model.layout().length() > Minimisers.LARGEST_BOUNDED;
    // Of so many only those are held that turned out to be collinear: see HeldElements.
    Minimiser method = Minimisers.of(settings.method(), many ? SeparablePenalty.l1(l1) : penalty);
    ObjectiveFunction objective =
        withArrow(settings, model, penalised.apply(estimation.objective()));
    return new Judgement.Fit(
        model,
        estimation.freeNames(),
        many ? HeldObjective.of(objective, model.estimated(model.start())) : objective,
        penalty,
        model.hasPinball()
            ? new SmoothedKinks(
                method,
                width -> penalised.apply(estimation.objective().of(model.smoothed(width))),
                l1)
            : method,
        new Minimiser.Limits(settings.tolerance(), settings.maxIterations()));
  }

  /** The same objective, with cheaper products where all but its largest parameter are few. */
  private static ObjectiveFunction withArrow(
      FitConfig settings, FreeModel model, ObjectiveFunction objective) {
    Layout layout = model.layout();
    int p = layout.length();
    if (settings.method() != FitMethod.NEWTON_CG || p <= HessianFacts.LARGEST_ORDER) {
      return objective;
    }
    Layout.Entry largest =
        layout.entries().stream()
            .max(Comparator.comparingInt(entry -> entry.shape().size()))
            .orElseThrow();
    int from = largest.offset();
    int to = from + largest.shape().size();
    int[] core = IntStream.range(0, p).filter(i -> i < from || i >= to).toArray();
    return core.length > MOST_COLUMNS ? objective : ArrowObjective.of(objective, core, p);
  }

  /** The factors of {@code fit.l2}, of each element. */
  static double[] l2(RunConfiguration configuration, FreeModel model) {
    List<String> free = configuration.model().statistics().nullModel();
    return factors(configuration.fit().l2(), "l2", 0, model, free);
  }

  /**
   * A penalty's factor of each element.
   *
   * @param free parameters that the model without predictors has, intercepts among them: a factor
   *     for all parameters is not for these
   */
  private static double[] factors(
      Factors penalty, String key, int step, FreeModel model, List<String> free) {
    Layout layout = model.layout();
    double[] factors = new double[layout.length()];
    for (Layout.Entry entry : layout.entries()) {
      boolean isFree = penalty.byName().isEmpty() && free.contains(entry.name());
      double factor = isFree ? 0 : penalty.of(entry.name(), step);
      if (factor > 0 && !model.isNatural(entry.name())) {
        throw Errors.configuration(
            key + " is above 0 for " + entry.name() + ", which is estimated on another scale",
            "curvature.fit." + key,
            "name the parameters that it is for, as in %s { beta = %s }".formatted(key, factor));
      }
      Arrays.fill(factors, entry.offset(), entry.offset() + entry.shape().size(), factor);
    }
    return factors;
  }

  /** The fits of a path; none where there is one fit. */
  private static List<PathStep> path(
      FitConfig settings, FreeModel model, Fitted fitted, List<String> free) {
    List<PathStep> path = new ArrayList<>();
    for (int step = 0; settings.l1().steps() > 1 && step < fitted.results().size(); step++) {
      FitResult result = fitted.results().get(step);
      double[] l1 = factors(settings.l1(), "l1", step, model, free);
      double[] x = result.state().x();
      Map<String, double[]> values = model.natural(x);
      values.keySet().retainAll(model.wrt());
      int nonzeros = (int) IntStream.range(0, x.length).filter(i -> l1[i] > 0 && x[i] != 0).count();
      path.add(new PathStep(settings.l1().describe(step), result, nonzeros, values));
    }
    return path;
  }

  /** What ends the run where it did not converge. */
  static JobException notConverged(FitSummary summary, String path) {
    return termination(summary, "; what was reached is in " + path + ", marked _NOT_CONVERGED");
  }

  /** The same where nothing is written. */
  static JobException notConverged(FitSummary summary) {
    return termination(summary, "");
  }

  private static JobException termination(FitSummary summary, String kept) {
    FitResult result = summary.result();
    String gradient =
        " (relative gradient norm %.2g, tolerance %.2g)"
            .formatted(result.relativeGradient(), summary.settings().tolerance());
    String where =
        summary
            .falling()
            .map(
                falling ->
                    ", along %s (%s); far along it the value is %.6g"
                        .formatted(
                            falling.along(), String.join(", ", falling.ends()), falling.value()))
            .orElse("");
    return switch (result.termination()) {
      case DIVERGED ->
          Errors.noAnswer(
              "there is no minimum: " + result.termination() + where + kept,
              "curvature.model.loss",
              summary.falling().filter(falling -> falling.along().equals("Intercept")).isPresent()
                  ? "the intercept alone does it where the response is the same in all rows: no"
                      + " event, or nothing else; see input.where, and what the response is"
                  : "classes that a plane separates, and levels without events, do this: leave out or"
                      + " join what separates them, or add a model.penalty (or fit.l2, for the command"
                      + " fit); where a parameter beside the coefficients grows, such as df, fix it at a"
                      + " large value, or take the family without it");
      case TO_BOUND ->
          Errors.noAnswer(
              "there is no minimum within the parameters' ranges: "
                  + result.termination()
                  + where
                  + kept,
              "curvature.model.parameters",
              "write the model that holds at the bound (without that dispersion, variance or"
                  + " inflation), or add a model.penalty");
      case KINK ->
          Errors.noAnswer(
              "not converged: " + result.termination() + kept,
              "curvature.model.loss",
              "write a quantile loss as pinball(r, tau), which fit follows to the exact optimum; in"
                  + " place of abs, relu, greatest or IF take a smooth loss such as huber or"
                  + " softplus");
      case BENDS ->
          Errors.noAnswer(
              "not converged: " + result.termination() + kept,
              "curvature.model.parameters",
              "begin nearer, as at values where no row's loss is extreme; where the bends are meant,"
                  + " as in a smoothed quantile loss, take fit.method = lbfgs, make them wider, or"
                  + " write pinball(r, tau), which fit follows to the exact optimum");
      case GAP ->
          Errors.noAnswer(
              "not converged: "
                  + result.termination()
                  + " (%.2g of the value)".formatted(result.relativeGradient())
                  + kept,
              "curvature.model.loss",
              "begin at other values, give pinball a residual that is linear in the parameters and"
                  + " a tau in 0 .. 1, or take a smooth loss: tau * r + h * softplus(-r / h)");
      case STALLED ->
          Errors.noAnswer(
              "not converged: " + result.termination() + gradient + kept,
              "curvature.model.loss",
              "begin at other values, or compare the derivatives with those of check");
      default ->
          Errors.noAnswer(
              "not converged: " + result.termination() + gradient + kept,
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
            fit.method() + " " + fit.l1() + " " + fit.l2(),
            configuration.precision() + " " + configuration.blockMemoryBytes());
    return Checksum.of(all);
  }
}
