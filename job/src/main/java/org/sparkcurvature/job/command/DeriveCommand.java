package org.sparkcurvature.job.command;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.Stream;
import org.sparkcurvature.engine.Layout;
import org.sparkcurvature.engine.Request;
import org.sparkcurvature.job.config.InvalidRows;
import org.sparkcurvature.job.config.Nondeterministic;
import org.sparkcurvature.job.config.OutputFormat;
import org.sparkcurvature.job.config.Purpose;
import org.sparkcurvature.job.config.Reduction;
import org.sparkcurvature.job.config.RunConfiguration;
import org.sparkcurvature.job.config.Transform;
import org.sparkcurvature.job.derive.GlobalPass;
import org.sparkcurvature.job.derive.GlobalResult;
import org.sparkcurvature.job.derive.PerSamplePass;
import org.sparkcurvature.job.derive.Plans;
import org.sparkcurvature.job.errors.Errors;
import org.sparkcurvature.job.estimate.Curvature;
import org.sparkcurvature.job.page.DerivePage;
import org.sparkcurvature.job.report.DeriveReport;
import org.sparkcurvature.job.report.Part;
import org.sparkcurvature.job.report.SampleReport;
import org.sparkcurvature.job.report.ShownSample;
import org.sparkcurvature.job.result.ElementNames;
import org.sparkcurvature.job.result.HessianReading;
import org.sparkcurvature.job.result.Objective;
import org.sparkcurvature.job.result.RunSummary;
import org.sparkcurvature.job.result.Stages;
import org.sparkcurvature.job.sink.OutputFolder;
import org.sparkcurvature.job.sink.ResultFiles;
import org.sparkcurvature.job.solve.HessianFacts;
import org.sparkcurvature.job.solve.ScaledHessian;
import org.sparkcurvature.job.solve.Vectors;
import org.sparkcurvature.job.source.CachedSamples;
import org.sparkcurvature.job.source.Samples;
import org.sparkcurvature.job.watch.RowWatch;

/**
 * {@code derive}: per-sample values, gradients, Hessians and Jacobians, and the global gradient and
 * Hessian, at given parameters.
 */
public final class DeriveCommand {
  private static final int SAMPLES_SHOWN = 3;

  /** Bytes of a result that may not be meant. */
  private static final long WORTH_A_WARNING = 4L << 30;

  private final Terminal terminal;

  public DeriveCommand(Terminal terminal) {
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
        terminal, "derive", Purpose.DERIVATIVES, configurations, settings, DeriveCommand::derive);
  }

  /**
   * The objective from the sums over all rows.
   *
   * @throws org.sparkcurvature.job.errors.JobException with exit code 4 if a part is not finite
   */
  static Objective reduced(Derivatives derivatives, GlobalResult sums, Reduction reduction) {
    Objective objective =
        Objective.of(
            derivatives.spec().request().global(),
            derivatives.spec().layout(),
            sums.sums(),
            derivatives.penaltySums(),
            reduction);
    objective
        .notFinite()
        .ifPresent(
            part -> {
              throw Errors.notFinite(part + " summed over rows", List.of());
            });
    return objective;
  }

  /** From the input to a complete result. */
  static Optional<String> derive(RunContext run) {
    RunConfiguration configuration = run.configuration();
    Stages stages = run.stages();
    OutputFolder folder = run.folder();
    Request request = configuration.derive().request();
    Derivatives derivatives =
        stages.run(
            "open", "opening the input", () -> Derivatives.of(run.parsedJob(), run.source()));
    List<String> own = remarks(configuration);
    own.forEach(run.terminal()::warning);
    List<String> warnings =
        Stream.concat(run.warnings(derivatives.source()).stream(), own.stream()).toList();
    ClusterMemory memory = ClusterMemory.of(run.session().spark().sparkContext());
    RowMemory.refuseTooLarge(derivatives.spec(), derivatives.source().partitions(), memory);
    boolean tiled = derivatives.needTiles(memory);
    if (tiled && configuration.input().nondeterministic() == Nondeterministic.ALLOWED) {
      throw Errors.configuration(
          "functions that are not deterministic are allowed, and tiles take several passes",
          "curvature.input.allow-nondeterministic, curvature.derive.global.hessian",
          "set allow-nondeterministic = false, or global.hessian = diagonal or none");
    }
    if (tiled && derivatives.bytesOfTiles() > WORTH_A_WARNING) {
      run.terminal()
          .warning(
              "matrices for P = %,d are written in tiles of %s in all; global.hessian = diagonal or none asks for less"
                  .formatted(
                      derivatives.spec().layout().length(),
                      Errors.bytes(derivatives.bytesOfTiles())));
    }
    run.refuseWithoutRoom(() -> ResultSize.of(derivatives, tiled), derivatives.handedOn(tiled));
    Derivatives summed = tiled ? derivatives.with(Request.HessianForm.NONE) : derivatives;
    Layout layout = derivatives.spec().layout();
    ElementNames names = ElementNames.of(configuration);
    // Tiles take passes of their own, and the first reads for all.
    Optional<CachedSamples> kept =
        tiled ? Optional.of(derivatives.source().keep()) : Optional.empty();
    Samples input = kept.isPresent() ? kept.get() : derivatives.source();

    GlobalResult sums =
        stages.run(
            "global_pass",
            "reading rows and adding up",
            () -> GlobalPass.run(input, summed.spec(), summed.values(), configuration.device()));
    List<String> said = run.withRejections(warnings, sums.counts());
    Objective reduced =
        stages.run("reduce", () -> reduced(summed, sums, configuration.derive().reduction()));

    ResultFiles files = new ResultFiles(folder);
    Optional<HessianReading> early =
        tiled
            ? Optional.empty()
            : Optional.of(stages.run("eigenvalues", () -> HessianReading.of(reduced)));
    // What was asked for most is known; what is written of each row can take much longer.
    Optional<DeriveReport> atOnce =
        early
            .filter(known -> reduced.value().isPresent())
            .map(known -> report(run, derivatives, sums, reduced, known));
    atOnce.ifPresent(run::show);
    Optional<RowWatch> watch = run.watch(List.of("value", "gradient"), false);
    List<String> compared =
        run.compared(derivatives.source(), derivatives.spec(), derivatives.values(), names);
    perSample(run, derivatives, files, watch);
    TiledMatrices tiles = new TiledMatrices(derivatives, configuration.device(), memory);
    Objective objective =
        kept.map(
                held ->
                    stages.run(
                        "tiles",
                        "computing matrices in tiles",
                        () ->
                            tiles.write(
                                held,
                                sums.counts(),
                                configuration.derive().reduction(),
                                folder,
                                reduced)))
            .orElse(reduced);
    kept.ifPresent(CachedSamples::close);
    HessianReading reading = early.orElseGet(() -> tiles.reading(objective));
    DeriveReport report =
        atOnce.orElseGet(() -> report(run, derivatives, sums, objective, reading));
    if (atOnce.isEmpty()) {
      run.show(report);
    }
    stages.run(
        "write",
        "writing the result",
        () -> {
          files.configuration(run.parsedJob().loaded().resolved());
          files.parameters(
              derivatives.values(),
              derivatives.shapes(),
              names,
              configuration.model().notEstimated(),
              Map.of(),
              configuration.input().tensors());
          files.layout(layout, names);
          files.objective(objective);
        });
    RunSummary summary =
        new RunSummary(
            "derive",
            RunContext.rows(sums.counts()),
            sums.counts().weight(),
            configuration.derive().reduction(),
            layout,
            objective,
            reading,
            stages.seconds(),
            stages.total(),
            run.machinery(sums.devices(), Plans.of(summed.spec()).cost().blockRows()),
            Stream.concat(said.stream(), compared.stream()).toList());
    files.summary(summary);
    run.page(
        "derive",
        Optional.of(summary.rows()),
        summary.weight(),
        Optional.of(summary.machinery()),
        summary.warnings(),
        DerivePage.of(summary, names, run.pictures(watch)));
    List<ShownSample> samples = shownRows(run, derivatives);
    folder.commit();
    if (!samples.isEmpty()) {
      run.show(new SampleReport(names.names(layout), request.perSample(), samples));
    }
    return next(run, objective, reading, report.isStationary());
  }

  /** Whether derivatives are asked for that are sums over rows. */
  private static boolean hasSums(RunContext run) {
    Request.Global asked = run.configuration().derive().request().global();
    return asked.gradient() || asked.hessian() != Request.HessianForm.NONE;
  }

  /** The rows that are asked for, read back as they were written. */
  private static List<ShownSample> shownRows(RunContext run, Derivatives derivatives) {
    boolean rowsAlone = !hasSums(run);
    boolean shown =
        (rowsAlone || run.terminal().view().shows(Part.ROWS)) && run.terminal().answer().isEmpty();
    if (!shown
        || run.configuration().derive().request().perSample().equals(Request.PerSample.NONE)) {
      return List.of();
    }
    return run.stages()
        .run(
            "first_rows",
            "reading the first rows",
            () ->
                FirstSamples.read(
                    derivatives.source().spark(),
                    run.folder().entry("per_sample"),
                    run.configuration().output().format(),
                    derivatives.spec().columns(),
                    name -> SampleReport.shows(name, derivatives.spec().layout().length()),
                    SAMPLES_SHOWN));
  }

  private static DeriveReport report(
      RunContext run,
      Derivatives derivatives,
      GlobalResult sums,
      Objective objective,
      HessianReading reading) {
    RunConfiguration configuration = run.configuration();
    Layout layout = derivatives.spec().layout();
    double times =
        configuration.derive().reduction() == Reduction.MEAN ? sums.counts().weight() : 1;
    OptionalDouble decrement = decrement(objective, times);
    double value = times * objective.value().orElse(Double.NaN);
    double dispersion =
        Curvature.dispersion(configuration.model().likelihood(), value, sums.counts().used());
    return new DeriveReport(
        new DeriveReport.Found(
            RunContext.rows(sums.counts()),
            sums.counts().weight(),
            configuration.derive().reduction(),
            layout,
            ElementNames.of(configuration).names(layout),
            configuration.model().penalty().isPresent(),
            derivatives.spec().columns().stream()
                .map(
                    column ->
                        column.length() == 1
                            ? column.name()
                            : "%s [%,d]".formatted(column.name(), column.length()))
                .toList(),
            objective,
            reading,
            decrement.isEmpty()
                ? decrement
                : OptionalDouble.of(Curvature.standardErrors(decrement.getAsDouble(), dispersion)),
            decrement.isPresent()
                && Curvature.isStationary(
                    decrement.getAsDouble(),
                    dispersion,
                    times * Curvature.rounding(objective, layout.flat(derivatives.values())))));
  }

  /** {@code g' H^-1 g}, where there is a whole Hessian that is positive definite. */
  private static OptionalDouble decrement(Objective objective, double times) {
    if (objective.gradient().isEmpty()
        || objective.value().isEmpty()
        || !(objective.hessian() instanceof Objective.Hessian.Full full)
        || full.matrix().order() > HessianFacts.LARGEST_ORDER) {
      return OptionalDouble.empty();
    }
    double[] gradient = objective.gradient().get();
    return ScaledHessian.factor(full.matrix())
        .map(factor -> OptionalDouble.of(times * Vectors.dot(gradient, factor.solve(gradient))))
        .orElse(OptionalDouble.empty());
  }

  /** The way to the minimum; from there, how sure it is. */
  private static Optional<String> next(
      RunContext run, Objective objective, HessianReading reading, boolean stationary) {
    boolean ofParameters =
        run.configuration()
            .model()
            .parameters()
            .keySet()
            .containsAll(run.configuration().derive().request().wrt());
    HessianFacts facts = reading.facts().get("hessian");
    boolean curved =
        facts != null && facts.definiteness() == HessianFacts.Definiteness.POSITIVE_DEFINITE;
    if (!ofParameters || !curved || objective.gradient().isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(stationary ? "infer" : "fit");
  }

  /** Elements that add up to 1 have no derivatives one by one. */
  private static List<String> remarks(RunConfiguration configuration) {
    return configuration.derive().request().wrt().stream()
        .filter(
            name ->
                Optional.ofNullable(configuration.model().parameters().get(name))
                    .filter(parameter -> parameter.transform() == Transform.SIMPLEX)
                    .isPresent())
        .map(
            name ->
                "derive differentiates by the elements of "
                    + name
                    + " as if they were free: that they add up to 1 (transform = simplex) is seen to"
                    + " by fit, infer and influence.")
        .toList();
  }

  /** Writes what is wanted of every row, and the rows that have none. */
  private static void perSample(
      RunContext run, Derivatives derivatives, ResultFiles files, Optional<RowWatch> watch) {
    RunConfiguration configuration = run.configuration();
    Stages stages = run.stages();
    OutputFormat format = configuration.output().format();
    if (configuration.input().invalidRows() == InvalidRows.QUARANTINE) {
      stages.run(
          "rejected_rows",
          "writing rejected rows",
          () -> files.table("rejected", derivatives.source().rejected(), format));
    }
    if (configuration.derive().request().perSample().equals(Request.PerSample.NONE)) {
      return;
    }
    stages.run(
        "per_sample_pass",
        "computing and writing per-sample results",
        () ->
            files.table(
                "per_sample",
                PerSamplePass.dataset(
                    derivatives.source(),
                    derivatives.spec(),
                    derivatives.values(),
                    configuration.device(),
                    watch),
                format));
  }
}
