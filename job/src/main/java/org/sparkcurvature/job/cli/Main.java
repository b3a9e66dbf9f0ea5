package org.sparkcurvature.job.cli;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.Optional;
import org.sparkcurvature.job.command.Ending;
import org.sparkcurvature.job.command.Terminal;
import org.sparkcurvature.job.command.Versions;
import org.sparkcurvature.job.errors.Errors;
import org.sparkcurvature.job.errors.Names;
import org.sparkcurvature.job.errors.PublicText;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The program: {@code spark-curvature COMMAND --config FILE [--set path=value]...}. */
public final class Main {
  private Main() {}

  /** The contract's commands that this version does not have. */
  private static final List<String> LATER = List.of("merge");

  @Command(
      name = "spark-curvature",
      mixinStandardHelpOptions = true,
      versionProvider = Versions.class,
      description = "Exact gradients, Hessians and Jacobians of losses over Spark tables.",
      synopsisSubcommandLabel = "COMMAND",
      exitCodeListHeading = "%nExit codes:%n",
      exitCodeList = {
        "0:done",
        "1:a defect of this program",
        "2:wrong use or configuration, existing or unwritable output; nothing was started",
        "3:the data broke the contract of the configuration",
        "4:no numerical answer",
        "5:the cluster failed"
      })
  private static final class Program implements Runnable {
    @Spec private CommandLine.Model.CommandSpec spec;

    @Override
    public void run() {
      throw new ParameterException(spec.commandLine(), "no command was given");
    }
  }

  /** The environment variable with the line that tells the launcher that the program begins. */
  private static final String READY = "SPARK_CURVATURE_READY";

  /** Ends the process with the exit code of the contract. */
  public static void main(String[] args) {
    Optional.ofNullable(System.getenv(READY)).ifPresent(System.err::println);
    Terminal terminal = Terminal.ofProcess();
    // What libraries print and log, too, goes the way of everything that is printed.
    System.setOut(terminal.out());
    System.setErr(terminal.err());
    int exitCode = run(terminal, args);
    // A resource manager takes an early System.exit for a failure, even one of 0.
    if (exitCode != 0) {
      System.exit(exitCode);
    }
  }

  /**
   * Runs one command.
   *
   * @return the exit code: 0, 2, 3, 4 or 5 as in the contract, or 1 for a defect of the program
   */
  public static int run(Terminal terminal, String... args) {
    CommandLine program = new CommandLine(new Program());
    program.addSubcommand(new JobCommands.Derive(terminal));
    program.addSubcommand(new JobCommands.Fit(terminal));
    program.addSubcommand(new JobCommands.Infer(terminal));
    program.addSubcommand(new JobCommands.Estimate(terminal));
    program.addSubcommand(new JobCommands.Predict(terminal));
    program.addSubcommand(new JobCommands.Effects(terminal));
    program.addSubcommand(new JobCommands.Compare(terminal));
    program.addSubcommand(new JobCommands.Influence(terminal));
    program.addSubcommand(new JobCommands.Spectrum(terminal));
    program.addSubcommand(new JobCommands.Check(terminal));
    program.setOut(new PrintWriter(terminal.out(), true));
    program.setErr(new PrintWriter(terminal.err(), true));
    program.setUsageHelpWidth(100);
    program.setExpandAtFiles(false);
    program.setParameterExceptionHandler(
        (exception, arguments) -> failed(terminal, refusal(program, exception, arguments), false));
    program.setExecutionExceptionHandler(
        (exception, command, parsed) ->
            failed(terminal, exception, parsed.expandedArgs().contains("--debug")));
    try {
      return program.execute(args);
    } catch (Error e) { // Memory that ran out, a full disk: picocli hands on exceptions alone.
      return failed(terminal, e, List.of(args).contains("--debug"));
    }
  }

  private static RuntimeException refusal(
      CommandLine program, ParameterException exception, String[] arguments) {
    List<String> commands = List.copyOf(program.getSubcommands().keySet());
    String available = String.join(", ", commands);
    boolean isCommand = exception.getCommandLine() == program && arguments.length > 0;
    if (isCommand && !arguments[0].startsWith("-")) {
      String name = arguments[0];
      if (LATER.contains(name)) {
        return Errors.usage(
            "the command " + name + " is not in this version; available: " + available,
            "use one of these, or a later version");
      }
      List<String> near = Names.nearest(name, commands);
      return Errors.usage(
          "there is no command '" + name + "'; available: " + available,
          near.isEmpty() ? "see --help" : "perhaps " + near.get(0) + " was meant; see --help");
    }
    return Errors.usage(exception.getMessage(), "see --help");
  }

  private static int failed(Terminal terminal, Throwable failure, boolean debug) {
    Ending ending = Ending.of(failure);
    terminal.err().println("error: " + PublicText.of(ending.message()));
    if (debug) {
      StringWriter trace = new StringWriter();
      failure.printStackTrace(new PrintWriter(trace));
      terminal.err().print(PublicText.masked(trace.toString()));
    }
    return ending.exitCode();
  }
}
