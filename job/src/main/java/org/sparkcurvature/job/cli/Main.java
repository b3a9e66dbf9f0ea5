package org.sparkcurvature.job.cli;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.sparkcurvature.job.command.RunOutcome;
import org.sparkcurvature.job.command.Terminal;
import org.sparkcurvature.job.command.Versions;
import org.sparkcurvature.job.errors.Errors;
import org.sparkcurvature.job.errors.Names;
import org.sparkcurvature.job.errors.PublicText;
import org.sparkcurvature.job.report.View;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.UnmatchedArgumentException;

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
      footerHeading = "%nExample:%n",
      footer = "  deploy/spark-curvature derive --config conf/quickstart.conf",
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

  /** Faults of a configuration that a person is told at once: about a screen. */
  private static final int TOLD = 8;

  /** The environment variable with the line that tells the launcher that the program begins. */
  private static final String READY = "SPARK_CURVATURE_READY";

  /** Ends the process with the exit code of the contract. */
  public static void main(String[] args) {
    // A dot is a dot in every number that is printed or written.
    Locale.setDefault(Locale.Category.FORMAT, Locale.ROOT);
    Optional.ofNullable(System.getenv(READY)).ifPresent(System.err::println);
    Terminal terminal = Terminal.ofProcess().with(ConsoleOptions.wishes(args));
    // What libraries print and log, too, goes the way of everything that is printed.
    System.setOut(terminal.out());
    System.setErr(terminal.err());
    int exitCode = ended(terminal, args);
    if (exitCode == 0) {
      ClassArchive.wanted().ifPresent(place -> archive(terminal, place));
    }
    // A resource manager takes an early System.exit for a failure, even one of 0.
    if (exitCode != 0) {
      System.exit(exitCode);
    }
  }

  private static void archive(Terminal terminal, String place) {
    if (!terminal.quiet()) {
      terminal.err().println("spark-curvature: preparing faster starts for later runs");
    }
    ClassArchive.write(place);
  }

  /**
   * Runs one command.
   *
   * @return the exit code: 0, 2, 3, 4 or 5 as in the contract, or 1 for a defect of the program
   */
  public static int run(Terminal given, String... args) {
    return ended(given.with(ConsoleOptions.wishes(args)), args);
  }

  private static int ended(Terminal terminal, String... args) {
    try {
      return execute(terminal, program(terminal, args), args);
    } finally {
      terminal.printAnswer();
    }
  }

  /**
   * The commands with their options.
   *
   * @param args what was typed: where that begins with a command, the others are left out, which
   *     picocli takes a while to look at
   */
  static CommandLine program(Terminal terminal, String... args) {
    CommandLine program = new CommandLine(new Program());
    Map<String, Supplier<Object>> commands = new LinkedHashMap<>();
    commands.put("derive", () -> new JobCommands.Derive(terminal));
    commands.put("fit", () -> new JobCommands.Fit(terminal));
    commands.put("infer", () -> new JobCommands.Infer(terminal));
    commands.put("estimate", () -> new JobCommands.Estimate(terminal));
    commands.put("predict", () -> new JobCommands.Predict(terminal));
    commands.put("effects", () -> new JobCommands.Effects(terminal));
    commands.put("compare", () -> new JobCommands.Compare(terminal));
    commands.put("influence", () -> new JobCommands.Influence(terminal));
    commands.put("spectrum", () -> new JobCommands.Spectrum(terminal));
    commands.put("init", () -> new JobCommands.Init(terminal));
    commands.put("check", () -> new JobCommands.Check(terminal));
    String typed = args.length == 0 ? "" : args[0];
    commands.forEach(
        (name, command) -> {
          if (name.equals(typed) || !commands.containsKey(typed)) {
            program.addSubcommand(command.get());
          }
        });
    // What a terminal takes; it hands on text in the charset of the console.
    program.setOut(new PrintWriter(terminal.out(), true, StandardCharsets.UTF_8));
    program.setErr(new PrintWriter(terminal.err(), true, StandardCharsets.UTF_8));
    program.setUsageHelpWidth(View.USUAL);
    program.setExpandAtFiles(false);
    return program;
  }

  private static int execute(Terminal terminal, CommandLine program, String... args) {
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
    String called = Terminal.called(System.getenv());
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
          near.isEmpty()
              ? called + " --help"
              : "perhaps " + near.get(0) + " was meant: " + called + " " + near.get(0) + " --help");
    }
    String help =
        exception.getCommandLine() == program
            ? called + " --help"
            : called + " " + exception.getCommandLine().getCommandName() + " --help";
    if (exception instanceof UnmatchedArgumentException unmatched
        && !unmatched.getUnmatched().isEmpty()) {
      String option = unmatched.getUnmatched().get(0);
      List<String> near =
          Names.nearest(
              option.split("=")[0],
              exception.getCommandLine().getCommandSpec().optionsMap().keySet());
      return Errors.usage(
          "there is no option or argument '" + option + "' here",
          (near.isEmpty() || !option.startsWith("-")
                  ? ""
                  : "perhaps " + near.get(0) + " was meant: ")
              + help);
    }
    return Errors.usage(exception.getMessage(), help);
  }

  private static int failed(Terminal terminal, Throwable failure, boolean debug) {
    RunOutcome outcome = RunOutcome.of(failure);
    terminal.endProgress();
    outcome.faults().stream()
        .limit(TOLD)
        .forEach(fault -> terminal.err().println(PublicText.of(fault.toString())));
    int more = outcome.faults().size() - TOLD;
    if (more > 0) {
      terminal.err().println("error: %,d more in the configuration".formatted(more));
    }
    if (debug) {
      StringWriter trace = new StringWriter();
      failure.printStackTrace(new PrintWriter(trace));
      terminal.err().print(PublicText.masked(trace.toString()));
    }
    terminal.answer().ifPresent(answer -> answer.put("error", json(outcome)));
    return outcome.exitCode();
  }

  /**
   * {@code {"code", "what", "where", "mend"}}, and all further faults of a configuration as more.
   */
  private static Map<String, Object> json(RunOutcome outcome) {
    Map<String, Object> error = new LinkedHashMap<>();
    error.put("code", outcome.exitCode());
    error.putAll(json(outcome.faults().get(0)));
    if (outcome.faults().size() > 1) {
      error.put(
          "more",
          outcome.faults().subList(1, outcome.faults().size()).stream().map(Main::json).toList());
    }
    return error;
  }

  private static Map<String, Object> json(RunOutcome.Fault fault) {
    Map<String, Object> object = new LinkedHashMap<>();
    object.put("what", PublicText.of(fault.what()));
    object.put("where", PublicText.of(fault.where()));
    object.put("mend", PublicText.of(fault.mend()));
    return object;
  }
}
