package org.sparkcurvature.job.command;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.sparkcurvature.engine.DerivativeSpec;
import org.sparkcurvature.engine.Layout;
import org.sparkcurvature.engine.Request;
import org.sparkcurvature.job.check.RowComparison;
import org.sparkcurvature.job.config.InputSource;
import org.sparkcurvature.job.config.InvalidRows;
import org.sparkcurvature.job.config.OnEmpty;
import org.sparkcurvature.job.config.Purpose;
import org.sparkcurvature.job.config.RunConfiguration;
import org.sparkcurvature.job.derive.ComputeDevice;
import org.sparkcurvature.job.derive.Plans;
import org.sparkcurvature.job.derive.RowCounts;
import org.sparkcurvature.job.derive.RowLimits;
import org.sparkcurvature.job.derive.RowTallies;
import org.sparkcurvature.job.errors.Failures;
import org.sparkcurvature.job.errors.NoRowsException;
import org.sparkcurvature.job.errors.OutOfMemoryException;
import org.sparkcurvature.job.estimate.SummedObjective;
import org.sparkcurvature.job.fit.Checkpoint;
import org.sparkcurvature.job.formula.FormulaExpansion;
import org.sparkcurvature.job.language.ParameterFunctions;
import org.sparkcurvature.job.page.PageContent;
import org.sparkcurvature.job.page.ReportPage;
import org.sparkcurvature.job.page.RowPictures;
import org.sparkcurvature.job.page.RunDescription;
import org.sparkcurvature.job.report.Report;
import org.sparkcurvature.job.result.ElementNames;
import org.sparkcurvature.job.result.RunFacts;
import org.sparkcurvature.job.result.RunSummary;
import org.sparkcurvature.job.result.Stages;
import org.sparkcurvature.job.sink.FreeSpace;
import org.sparkcurvature.job.sink.OutputFolder;
import org.sparkcurvature.job.sink.ResultFiles;
import org.sparkcurvature.job.sink.RunIdentity;
import org.sparkcurvature.job.sink.RunStatus;
import org.sparkcurvature.job.source.InputListing;
import org.sparkcurvature.job.source.Sample;
import org.sparkcurvature.job.source.Source;
import org.sparkcurvature.job.watch.RowWatch;

/**
 * One run of a command that writes a result: from a configuration to a folder and a session, and
 * what all such commands tell.
 *
 * @param terminal the process around it
 * @param stages where the time goes
 * @param parsedJob what is to be done
 * @param place where the result goes; empty where a program asks for it
 * @param session Spark's
 * @param traffic what tasks did
 */
record RunContext(
    Terminal terminal,
    Stages stages,
    ParsedJob parsedJob,
    Optional<OutputFolder> place,
    Session session,
    TaskMetricsListener traffic) {

  /** So many take seconds to plan. */
  private static final int MANY_DEFINITIONS = 1000;

  /**
   * What a command does, from the input to a complete result, which it {@linkplain #show shows} as
   * soon as it is known. Returns the command that goes on from there, where there is one.
   */
  @FunctionalInterface
  interface Work {
    Optional<String> run(RunContext running);
  }

  /** Stages that pass over the rows as often as it takes. */
  private static final Set<String> ITERATING = Set.of("fit", "profile", "tests", "eigenvalues");

  /**
   * Runs a command.
   *
   * @param command its name
   * @param purpose what the configuration is read for
   * @param configurations paths or URIs, later ones win
   * @param settings {@code path=value}
   * @throws RuntimeException what is wrong
   */
  static void run(
      Terminal terminal,
      String command,
      Purpose purpose,
      List<String> configurations,
      List<String> settings,
      Work work) {
    Stages stages =
        new Stages(
            (stage, announcement) -> {
              terminal.progress(announcement, !ITERATING.contains(stage));
              Session.label(stage, announcement);
            },
            ManagementFactory.getRuntimeMXBean().getStartTime());
    ParsedJob parsedJob = ParsedJob.read(terminal, configurations, settings, purpose);
    RunConfiguration configuration = parsedJob.configuration();
    RunStatus status =
        new RunStatus(
            configuration.run().status(), command, configuration.output().path(), Session.hadoop());
    try (Interruption interruption = new Interruption(failure -> failed(status, failure))) {
      status.running();
      try {
        run(terminal, stages, command, parsedJob, work);
      } catch (RuntimeException | Error e) {
        if (interruption.isFirst()) {
          tell(terminal, () -> failed(status, e));
        }
        throw e;
      }
      if (interruption.isFirst()) {
        tell(terminal, status::succeeded);
      }
    }
  }

  /** Something that tells the status. */
  private interface Telling {
    void tell() throws IOException;
  }

  /** A status that cannot be told does not change how the run ends. */
  private static void tell(Terminal terminal, Telling telling) {
    try {
      telling.tell();
    } catch (IOException e) {
      terminal.warning("the status of the run cannot be written: " + Failures.reason(e));
    }
  }

  private static void failed(RunStatus status, Throwable failure) throws IOException {
    RunOutcome outcome = RunOutcome.of(failure);
    if (RunOutcome.isWorthARetry(failure)) {
      status.failedForNow(outcome.exitCode(), outcome.message());
    } else {
      status.failed(outcome.exitCode(), outcome.message());
    }
  }

  private static void run(
      Terminal terminal, Stages stages, String command, ParsedJob parsedJob, Work work) {
    RunConfiguration configuration = parsedJob.configuration();
    CommandRefusals.refuse(command, configuration);
    ComputeDevice.refuseMissing(configuration.device(), Session.master());
    if (isFit(command)) {
      configuration
          .fit()
          .checkpoint()
          .ifPresent(location -> Checkpoint.refuseUnusable(location, Session.hadoop()));
    }
    Optional<OutputFolder> opened =
        OutputFolder.open(
            configuration.output(),
            inputs(configuration),
            new RunIdentity(command, Fingerprint.of(parsedJob.loaded().resolved()), Versions.all()),
            Session.hadoop());
    if (opened.isEmpty()) {
      Told.ignored(terminal, command, configuration.output().path());
      return;
    }
    try (OutputFolder folder = opened.get();
        Session session = start(terminal, stages, command)) {
      configuration
          .run()
          .status()
          .ifPresent(path -> folder.refuseWithin("curvature.run.status", path));
      TaskMetricsListener traffic =
          TaskMetricsListener.of(session.spark().sparkContext(), terminal.progressLine());
      CommandRefusals.refuseFormula(command, parsedJob);
      ParsedJob written =
          parsedJob.isWrittenOut()
              ? parsedJob
              : stages.run(
                  "formula",
                  parsedJob.formula().isPresent()
                      ? "looking at the columns of the formula"
                      : "looking for the levels of categorical columns",
                  () -> parsedJob.writtenOut(session.spark(), terminal, suiting(command)));
      RunContext running =
          new RunContext(terminal, stages, written, Optional.of(folder), session, traffic);
      Optional<String> next = explained(command, running, work);
      Told.of(running, command).end(next);
    }
  }

  private static boolean isFit(String command) {
    return command.equals("fit") || command.equals("estimate");
  }

  /** Fits of groups read each row once, and see then whether its response suits. */
  private static FormulaExpansion.Suiting suiting(String command) {
    return isFit(command) ? FormulaExpansion.Suiting.WITH_ROWS : FormulaExpansion.Suiting.NOW;
  }

  /** As {@link #result}; where memory ran out it is said how much there was. */
  private static Optional<String> explained(String command, RunContext running, Work work) {
    try {
      return result(command, running, work);
    } catch (OutOfMemoryException | OutOfMemoryError e) {
      throw OutOfMemoryAdvice.explain(e, running.session().spark().sparkContext());
    }
  }

  private static Optional<String> result(String command, RunContext running, Work work) {
    try {
      return work.run(running);
    } catch (NoRowsException e) {
      if (running.configuration().input().acceptance().onEmpty() == OnEmpty.FAIL) {
        throw e;
      }
      ResultFiles files = new ResultFiles(running.folder());
      files.configuration(running.parsedJob().loaded().resolved());
      files.emptySummary(command, running.stages().seconds());
      running.folder().commit();
      running.terminal().print(e.what() + ": done, without a result (input.on-empty = succeed)\n");
      return Optional.empty();
    }
  }

  private static Session start(Terminal terminal, Stages stages, String command) {
    terminal.progress("starting Spark");
    Session session = Session.open(command);
    stages.sinceBegin("start_up");
    return session;
  }

  RunConfiguration configuration() {
    return parsedJob.configuration();
  }

  /** Shows what was found; where the result went is said once it is complete. */
  void show(Report report) {
    terminal.show(report);
  }

  /** Says where the result of a fit went that has no minimum, which is kept nevertheless. */
  void notConverged(String command) {
    Told.of(this, command).notConverged();
  }

  /** The same of a program that has its result written. */
  RunContext into(OutputFolder folder) {
    return new RunContext(
        terminal,
        stages,
        parsedJob.writingTo(folder.path().toString()),
        Optional.of(folder),
        session,
        traffic);
  }

  /** Where the result goes. */
  OutputFolder folder() {
    return place.orElseThrow(() -> new IllegalStateException("nothing is written"));
  }

  /** The same with further definitions of the model. */
  RunContext defining(Map<String, String> more) {
    return more.isEmpty()
        ? this
        : new RunContext(terminal, stages, parsedJob.defining(more), place, session, traffic);
  }

  /** Opens the input. */
  Source source() {
    return source(List.of());
  }

  /** Opens the input with expressions by which its samples are grouped. */
  Source source(List<String> groups) {
    Source source =
        Source.open(session.spark(), configuration().input(), groups, "curvature.infer.groups");
    place.ifPresent(folder -> folder.reads(source.listing()));
    InputMemory.refuseTooLarge(
        source, InputMemory.INPUT, ClusterMemory.of(session.spark().sparkContext()));
    int definitions = configuration().model().definitions().size();
    if (definitions >= MANY_DEFINITIONS) {
      terminal.progress("planning the derivatives of %,d definitions".formatted(definitions));
    }
    return source;
  }

  /** Says what a user should know of the input; all warnings of the run come back. */
  List<String> warnings(Source source) {
    List<String> warnings =
        Stream.concat(
                ClusterMemory.of(session.spark().sparkContext()).warning().stream(),
                source.warnings().stream())
            .toList();
    return told(parsedJob.warnings(), warnings);
  }

  /**
   * Prints the warnings that are not among those printed before.
   *
   * @return those before, and the ones that were printed
   */
  List<String> told(List<String> before, List<String> warnings) {
    List<String> further = warnings.stream().filter(line -> !before.contains(line)).toList();
    further.forEach(terminal::warning);
    return Stream.concat(before.stream(), further.stream()).toList();
  }

  /**
   * Compares derivatives with central differences at the first rows, where that costs little.
   *
   * @param loss what is differentiated
   * @param parameters every parameter's elements, row-major
   * @return the warning that was given, where they differ
   */
  List<String> compared(
      Source source, DerivativeSpec loss, Map<String, double[]> parameters, ElementNames names) {
    DerivativeSpec asked = loss.with(Request.by(loss.request().wrt()));
    // A query's first rows can cost as much as all of them.
    if (!(configuration().input().source() instanceof InputSource.Files)
        || !RowComparison.isCheap(asked)) {
      return List.of();
    }
    List<String> warnings =
        stages.run(
            "compare",
            "comparing derivatives at the first rows",
            () -> {
              List<Sample> rows = source.first(RowComparison.ROWS);
              return rows.isEmpty()
                  ? List.of()
                  : RowComparison.warning(asked, parameters, rows, names).stream().toList();
            });
    warnings.forEach(terminal::warning);
    return warnings;
  }

  /** The same for what is estimated, at these free elements. */
  List<String> compared(Estimation estimation, double[] x) {
    return compared(
        estimation.source(),
        estimation.objective().spec(Request.Global.NONE),
        estimation.model().free(x),
        estimation.names());
  }

  /**
   * Makes sure, as far as can be told before anything is computed, that there is room on disks.
   *
   * @param result what it takes; asked for only where the space can be
   * @param handedOn bytes that tasks hand on by way of Spark's own disk
   * @throws org.sparkcurvature.job.errors.JobException with exit code 2 if the result certainly has
   *     none
   */
  void refuseWithoutRoom(Supplier<ResultSize> result, long handedOn) {
    Optional<FreeSpace> free = place.flatMap(OutputFolder::space);
    if (free.isPresent()) {
      ResultSize size = result.get();
      DiskCheck.tooSmall(size, free, configuration().output().mode())
          .ifPresent(
              refusal -> {
                throw refusal;
              });
      DiskCheck.warning(size, free).ifPresent(terminal::warning);
    }
    DiskCheck.warning(handedOn, session.spark().sparkContext()).ifPresent(terminal::warning);
  }

  /** Opens the input of an estimation. */
  Estimation estimation(
      List<String> groups, ParameterFunctions functions, Estimation.Extent extent) {
    return stages.run(
        "open",
        "opening the input",
        () -> Estimation.of(parsedJob, source(groups), functions, extent));
  }

  /**
   * Writes what every estimation's result holds.
   *
   * @param values every parameter's elements
   * @param layout where what the result is about lies
   * @param notEstimated parameters whose values no fit found
   */
  void describe(
      ResultFiles files,
      Estimation estimation,
      Map<String, double[]> values,
      Layout layout,
      Set<String> notEstimated) {
    files.configuration(parsedJob.loaded().resolved());
    files.parameters(
        values,
        estimation.model().shapes(),
        estimation.names(),
        notEstimated,
        HeldElements.of(estimation.model()),
        configuration().input().tensors());
    files.layout(layout, estimation.names());
  }

  /**
   * What is told of every estimation, up to now.
   *
   * @param objective after its passes
   * @param asked the sums of a pass, for the size of blocks
   */
  RunFacts facts(
      SummedObjective objective, Request.Global asked, Layout layout, List<String> warnings) {
    RowCounts counts = objective.counts().orElseThrow();
    return new RunFacts(
        rows(counts),
        counts.weight(),
        layout,
        stages.seconds(),
        stages.total(),
        machinery(objective.devices(), Plans.of(objective.spec(asked)).cost().blockRows()),
        withRejections(warnings, counts));
  }

  /**
   * What sees the rows of a table while they are written; empty where nothing is written.
   *
   * @param pairs whether each column is seen beside the one before it, too
   */
  Optional<RowWatch> watch(List<String> columns, boolean pairs) {
    return place.map(folder -> RowWatch.of(session.spark().sparkContext(), columns, pairs));
  }

  /** What it has seen, as pictures. */
  RowPictures pictures(Optional<RowWatch> watch) {
    return new RowPictures(
        watch.map(RowWatch::seen).orElse(Map.of()), configuration().report().namesRows());
  }

  /** Writes the page of an estimation. */
  void page(String command, RunFacts facts, PageContent content) {
    page(
        command,
        Optional.of(facts.rows()),
        facts.weight(),
        Optional.of(facts.machinery()),
        facts.warnings(),
        content);
  }

  /** Writes the page of a run that hands on rows: their weights are not added up. */
  void page(String command, RowCounts counts, List<String> warnings, PageContent content) {
    page(
        command,
        Optional.of(rows(counts)),
        (double) counts.used(),
        Optional.empty(),
        warnings,
        content);
  }

  /**
   * Writes the page of the run: the last file but the manifest.
   *
   * @param command that was run
   * @param rows how many there were, where they were counted
   * @param weight of those that were used
   * @param machinery what computed it, where that was taken down
   */
  void page(
      String command,
      Optional<RunSummary.Rows> rows,
      double weight,
      Optional<RunSummary.Machinery> machinery,
      List<String> warnings,
      PageContent content) {
    OutputFolder folder = folder();
    RunDescription description =
        new RunDescription(
            repeat(command),
            configuration().model(),
            parsedJob.loaded().formula(),
            rows,
            weight,
            stages.seconds(),
            stages.total(),
            machinery,
            Versions.all(),
            warnings,
            parsedJob.loaded().resolved(),
            folder.input().map(InputListing::files).orElse(List.of()),
            folder.files(),
            configuration().output().path(),
            ZonedDateTime.now(ZoneId.systemDefault()).truncatedTo(ChronoUnit.SECONDS));
    new ResultFiles(folder).report(ReportPage.of(description, content));
  }

  /** The command that makes the result again, beside it. */
  private String repeat(String command) {
    String output = configuration().output().path();
    return "%s %s --config %s --set %s"
        .formatted(
            Pasted.program(terminal.environment()),
            command,
            Pasted.quoted(output + "/config.conf"),
            Pasted.quoted("output.path=" + output + "-again"));
  }

  /** Warns of invalid rows, unless a pass before this one told the same. */
  List<String> withRejections(List<String> warnings, RowCounts counts) {
    String fate =
        configuration().input().invalidRows() == InvalidRows.KEEP
            ? "have null in place of a prediction"
            : "left out";
    return told(warnings, rows(counts).rejection(fate).stream().toList());
  }

  /**
   * The rows of a pass that hands on rows.
   *
   * @throws org.sparkcurvature.job.errors.JobException with exit code 3 if too many are invalid
   */
  RowCounts refuseLeftOut(Source source, RowTallies tallies) {
    RowCounts counts = tallies.counts();
    if (counts.read() > 0) {
      RowLimits.refuse(source, counts, tallies.rejections());
    }
    return counts;
  }

  RunSummary.Machinery machinery(List<ComputeDevice> computed, int blockRows) {
    List<ComputeDevice> devices = computed.isEmpty() ? List.of(ComputeDevice.here()) : computed;
    return new RunSummary.Machinery(
        Versions.all(),
        each(devices, ComputeDevice::backend),
        each(devices, ComputeDevice::device),
        configuration().precision(),
        blockRows,
        traffic.stages());
  }

  private static String each(List<ComputeDevice> devices, Function<ComputeDevice, String> of) {
    return devices.stream().map(of).distinct().collect(Collectors.joining(", "));
  }

  static RunSummary.Rows rows(RowCounts counts) {
    return new RunSummary.Rows(
        counts.read(), counts.used(), counts.rejected(), counts.rejectedBy());
  }

  private static List<String> inputs(RunConfiguration configuration) {
    return configuration.input().source() instanceof InputSource.Files files
        ? files.paths()
        : List.of();
  }
}
