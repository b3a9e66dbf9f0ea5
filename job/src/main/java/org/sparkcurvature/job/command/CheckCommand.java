package org.sparkcurvature.job.command;

import java.util.List;
import java.util.Optional;
import org.apache.hadoop.fs.Path;
import org.sparkcurvature.engine.Request;
import org.sparkcurvature.job.check.Check;
import org.sparkcurvature.job.check.RowComparison;
import org.sparkcurvature.job.config.Device;
import org.sparkcurvature.job.config.InputSource;
import org.sparkcurvature.job.config.Purpose;
import org.sparkcurvature.job.config.RunConfiguration;
import org.sparkcurvature.job.derive.GlobalPass;
import org.sparkcurvature.job.formula.FormulaExpansion;
import org.sparkcurvature.job.result.ElementNames;
import org.sparkcurvature.job.sink.FreeSpace;
import org.sparkcurvature.job.source.Sample;
import org.sparkcurvature.job.source.Source;

/**
 * {@code check}: what a configuration means, what it takes, and whether its derivatives agree with
 * central differences at the first valid rows. Writes nothing.
 */
public final class CheckCommand {
  private static final int MOST_PATHS = 3;

  private final Terminal terminal;

  public CheckCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  /**
   * Runs the command.
   *
   * @param configurations paths or URIs, later ones win
   * @param settings {@code path=value}
   * @throws RuntimeException what is wrong, derivatives that differ included; what could be said
   *     before that is printed
   */
  public void run(List<String> configurations, List<String> settings) {
    ParsedJob read = ParsedJob.read(terminal, configurations, settings, Purpose.INSPECTION);
    terminal.progress("starting Spark");
    try (Session session = Session.open("check")) {
      terminal.progress("opening the input");
      ParsedJob parsedJob =
          read.writtenOut(session.spark(), terminal, FormulaExpansion.Suiting.NOW);
      check(
          terminal,
          session,
          parsedJob,
          FreeSpace.of(parsedJob.configuration().output(), Session.hadoop()));
      if (terminal.answer().isEmpty() && !terminal.quiet()) {
        terminal.print(next(parsedJob.configuration(), configurations, settings));
      }
    }
  }

  /** The command that the configuration is for, with the options that this one was given. */
  private String next(
      RunConfiguration configuration, List<String> configurations, List<String> settings) {
    boolean grouped = configuration.fit().groups().any();
    boolean penalised = !grouped && configuration.fit().isPenalised();
    boolean modelled =
        configuration.model().statistics().family().isPresent()
            || configuration.model().likelihood();
    boolean fitted = grouped || penalised || configuration.derive().request().wrt().isEmpty();
    String command = modelled && !penalised ? "estimate" : fitted ? "fit" : "derive";
    StringBuilder line = new StringBuilder("  next       ");
    line.append(Pasted.program(terminal.environment())).append(' ').append(command);
    configurations.forEach(file -> line.append(" --config ").append(Pasted.quoted(file)));
    settings.forEach(setting -> line.append(" --set ").append(Pasted.quoted(setting)));
    return line.append('\n').toString();
  }

  /**
   * Compares derivatives with central differences at the first rows, and prints what was found; the
   * graph, formulas and plans where these are asked for.
   *
   * @param free the room where the result is to go; empty where it goes nowhere
   */
  static void check(
      Terminal terminal, Session session, ParsedJob parsedJob, Optional<FreeSpace> free) {
    RunConfiguration configuration = parsedJob.configuration();
    Derivatives all =
        Derivatives.of(parsedJob, Source.open(session.spark(), configuration.input()));
    all.source().warnings().forEach(terminal::warning);
    ClusterMemory memory = ClusterMemory.of(session.spark().sparkContext());
    InputMemory.refuseTooLarge(all.source(), InputMemory.INPUT, memory);
    boolean tiled = all.needTiles(memory);
    ResultSize size = ResultSize.of(all, tiled);
    DiskCheck.warning(size, free).ifPresent(terminal::warning);
    DiskCheck.warning(all.handedOn(tiled), session.spark().sparkContext())
        .ifPresent(terminal::warning);
    if (tiled) {
      terminal.warning(
          "matrices will be computed in tiles, in no process whole; the diagonal of the"
              + " Hessian is compared in their place");
    }
    Derivatives derivatives = tiled ? all.with(Request.HessianForm.DIAGONAL) : all;
    List<Sample> rows = derivatives.source().first(RowComparison.ROWS);
    if (rows.isEmpty()) {
      // A pass over all rows tells why.
      GlobalPass.run(derivatives.source(), derivatives.spec(), derivatives.values(), Device.AUTO);
    }
    terminal.progress("comparing derivatives");
    Check check =
        Check.of(
            new Check.Subject(
                derivatives.spec(),
                derivatives.penalty(),
                derivatives.values(),
                rows,
                onDisk(size),
                ElementNames.of(configuration),
                configuration.model().called(),
                input(configuration),
                parsedJob.model()));
    terminal.answer().ifPresent(answer -> answer.put("command", "check"));
    terminal.show(check);
    check
        .failure()
        .or(() -> DiskCheck.tooSmall(size, free, configuration.output().mode()))
        .ifPresent(
            failure -> {
              throw failure;
            });
  }

  /** Where rows come from. */
  private static String input(RunConfiguration configuration) {
    if (configuration.input().source() instanceof InputSource.Files files) {
      return String.join(
          ", ",
          files.paths().stream().limit(MOST_PATHS).map(p -> Pasted.path(new Path(p))).toList());
    }
    return "the input";
  }

  private static Check.OnDisk onDisk(ResultSize size) {
    return new Check.OnDisk(
        size.most(),
        size.description()
            + (size.uncounted().isEmpty()
                ? ""
                : "; without %s: how many rows there are is not known beforehand"
                    .formatted(String.join(", ", size.uncounted()))));
  }
}
