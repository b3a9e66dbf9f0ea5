package org.sparkcurvature.job.cli;

import java.io.PrintWriter;
import java.io.StringWriter;
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
import org.sparkcurvature.job.errors.JobException;
import org.sparkcurvature.job.errors.Names;
import org.sparkcurvature.job.errors.PublicText;

/** The program: {@code spark-curvature COMMAND --config FILE [--set path=value]...}. */
public final class Main {
  private Main() {}

  /** The contract's commands that this version does not have. */
  private static final List<String> LATER = List.of("merge");

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
      execute(terminal, args);
      return 0;
    } catch (Throwable e) { // Errors, too, and Scala throws what it does not declare.
      return failed(terminal, e, List.of(args).contains(Syntax.DEBUG.typed()));
    } finally {
      terminal.printAnswer();
    }
  }

  private static void execute(Terminal terminal, String... args) {
    String called = Terminal.called(System.getenv());
    String command = args.length == 0 ? "" : args[0];
    Commands.Row row = Commands.all().get(command);
    if (row == null) {
      String help = called + " --help";
      if (!command.isEmpty() && !command.startsWith("-")) {
        throw noCommand(command, called);
      }
      Typed typed = Typed.of(Syntax.PROGRAM, List.of(args), help);
      if (!isTold(terminal, typed, Help::ofProgram)) {
        throw Errors.usage("no command was given", help);
      }
      return;
    }
    List<String> words = List.of(args).subList(1, args.length);
    Typed typed = Typed.of(row.syntax(), words, called + " " + command + " --help");
    if (!isTold(terminal, typed, () -> Help.of(row))) {
      row.action().run(terminal, typed);
    }
  }

  /** Prints help or versions, where one of them was asked for. */
  private static boolean isTold(Terminal terminal, Typed typed, Supplier<List<String>> help) {
    boolean isHelp = typed.has(Syntax.HELP);
    if (!isHelp && !typed.has(Syntax.VERSION)) {
      return false;
    }
    (isHelp ? help.get() : Versions.lines()).forEach(terminal.out()::println);
    return true;
  }

  private static JobException noCommand(String name, String called) {
    List<String> commands = List.copyOf(Commands.all().keySet());
    String available = String.join(", ", commands);
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
