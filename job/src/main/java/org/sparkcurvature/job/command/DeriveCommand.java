package org.sparkcurvature.job.command;

import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.sparkcurvature.job.config.InputSource;
import org.sparkcurvature.job.config.InvalidRows;
import org.sparkcurvature.job.config.OutputFormat;
import org.sparkcurvature.job.config.RunConfiguration;
import org.sparkcurvature.job.derive.ComputeDevice;
import org.sparkcurvature.job.derive.GlobalPass;
import org.sparkcurvature.job.derive.GlobalResult;
import org.sparkcurvature.job.derive.PerSamplePass;
import org.sparkcurvature.job.derive.RowCounts;
import org.sparkcurvature.job.errors.Errors;
import org.sparkcurvature.job.report.ConsoleReport;
import org.sparkcurvature.job.report.ShownSample;
import org.sparkcurvature.job.result.ElementNames;
import org.sparkcurvature.job.result.HessianReading;
import org.sparkcurvature.job.result.Objective;
import org.sparkcurvature.job.result.RunSummary;
import org.sparkcurvature.job.result.Stages;
import org.sparkcurvature.job.sink.OutputFolder;
import org.sparkcurvature.job.sink.ResultFiles;
import org.sparkcurvature.job.source.Source;
import org.sparkcurvature.objective.Derivation;
import org.sparkcurvature.objective.Layout;
import org.sparkcurvature.objective.Request;

/**
 * {@code derive}: per-sample values, gradients, Hessians and Jacobians, and the global gradient and
 * Hessian, at given parameters.
 */
public final class DeriveCommand {
  private static final int SAMPLES_SHOWN = 3;

  private final Terminal terminal;
  private final Stages stages;

  public DeriveCommand(Terminal terminal) {
    this.terminal = terminal;
    this.stages =
        new Stages(terminal::progress, ManagementFactory.getRuntimeMXBean().getStartTime());
  }

  /**
   * Runs the command.
   *
   * @param configurations paths or URIs, later ones win
   * @param settings {@code path=value}
   * @throws RuntimeException what is wrong; nothing complete is left then
   */
  public void run(List<String> configurations, List<String> settings) {
    Assignment assignment = Assignment.read(terminal, configurations, settings);
    RunConfiguration configuration = assignment.configuration();
    ComputeDevice.refuseMissing(configuration.device(), Session.master());
    Optional<OutputFolder> opened =
        OutputFolder.open(configuration.output(), inputs(configuration), Session.hadoop());
    if (opened.isEmpty()) {
      terminal
          .out()
          .println(
              "a complete result is at "
                  + configuration.output().path()
                  + ": done (output.mode = ignore)");
      return;
    }
    try (OutputFolder folder = opened.get();
        Session session = start()) {
      terminal.out().print(derive(assignment, folder, session));
      terminal.out().flush();
    }
  }

  private Session start() {
    terminal.progress("starting Spark");
    Session session = Session.open("derive");
    stages.sinceBegin("start_up");
    return session;
  }

  /** From the input to a complete result; returns what the console shows of it. */
  private String derive(Assignment assignment, OutputFolder folder, Session session) {
    RunConfiguration configuration = assignment.configuration();
    Request request = configuration.derive().request();
    Derivatives derivatives =
        stages.run(
            "open",
            "opening the input",
            () -> Derivatives.of(assignment, Source.open(session.spark(), configuration.input())));
    List<String> warnings = derivatives.source().warnings();
    warnings.forEach(terminal::warning);
    derivatives.refuseTooLarge(session.spark().sparkContext());
    Layout layout = derivatives.derivation().layout();
    ElementNames names = ElementNames.of(configuration);

    GlobalResult sums =
        stages.run(
            "global_pass",
            "reading rows and adding up",
            () ->
                GlobalPass.run(
                    derivatives.source(),
                    derivatives.derivation(),
                    derivatives.values(),
                    configuration.device()));
    List<ComputeDevice> devices =
        sums.devices().isEmpty() ? List.of(ComputeDevice.here()) : sums.devices();
    Objective objective =
        stages.run(
            "reduce",
            () ->
                Objective.of(
                    request.global(),
                    layout,
                    sums.sums(),
                    derivatives.penaltySums(),
                    configuration.derive().reduction()));
    objective
        .notFinite()
        .ifPresent(
            part -> {
              throw Errors.notFinite(part + " summed over rows", List.of());
            });

    ResultFiles files = new ResultFiles(folder);
    List<ShownSample> samples = perSample(configuration, derivatives, folder, files);
    HessianReading reading = stages.run("eigenvalues", () -> HessianReading.of(objective));
    stages.run(
        "write",
        "writing the result",
        () -> {
          files.configuration(assignment.loaded().resolved());
          files.parameters(derivatives.values(), derivatives.shapes(), names);
          files.layout(layout, names);
          files.objective(objective);
        });
    RunSummary summary =
        new RunSummary(
            "derive",
            rows(sums.counts()),
            sums.counts().weight(),
            configuration.derive().reduction(),
            layout,
            objective,
            reading,
            stages.seconds(),
            stages.total(),
            new RunSummary.Machinery(
                Versions.all(),
                each(devices, ComputeDevice::backend),
                each(devices, ComputeDevice::device),
                configuration.precision(),
                derivatives.derivation().cost().blockRows()),
            Stream.concat(assignment.warnings().stream(), warnings.stream()).toList());
    files.summary(summary);
    folder.commit();
    return new ConsoleReport(
            summary,
            configuration.model(),
            names,
            request.perSample(),
            samples,
            folder.path().toString(),
            terminal.style())
        .text();
  }

  /** Writes what is wanted of every row, and the rows that have none; returns the first samples. */
  private List<ShownSample> perSample(
      RunConfiguration configuration,
      Derivatives derivatives,
      OutputFolder folder,
      ResultFiles files) {
    OutputFormat format = configuration.output().format();
    if (configuration.input().invalidRows() == InvalidRows.QUARANTINE) {
      stages.run(
          "rejected_rows",
          "writing rejected rows",
          () -> files.table("rejected", derivatives.source().rejected(), format));
    }
    if (configuration.derive().request().perSample().equals(Request.PerSample.NONE)) {
      return List.of();
    }
    stages.run(
        "per_sample_pass",
        "computing and writing per-sample results",
        () ->
            files.table(
                "per_sample",
                PerSamplePass.dataset(
                    derivatives.source(),
                    derivatives.derivation(),
                    derivatives.values(),
                    configuration.device()),
                format));
    return FirstSamples.read(
        derivatives.source().spark(),
        folder.entry("per_sample"),
        format,
        derivatives.derivation().columns().stream()
            .map(Derivation.Column::name)
            .collect(Collectors.toSet()),
        SAMPLES_SHOWN);
  }

  private static String each(List<ComputeDevice> devices, Function<ComputeDevice, String> of) {
    return devices.stream().map(of).distinct().collect(Collectors.joining(", "));
  }

  private static RunSummary.Rows rows(RowCounts counts) {
    return new RunSummary.Rows(counts.read(), counts.used(), counts.rejected());
  }

  private static List<String> inputs(RunConfiguration configuration) {
    return configuration.input().source() instanceof InputSource.Files files
        ? files.paths()
        : List.of();
  }
}
