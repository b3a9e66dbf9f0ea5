package org.sparkcurvature.job.command;

import static java.util.Objects.requireNonNull;

import java.io.Console;
import java.io.PrintStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.sparkcurvature.job.errors.PublicText;
import org.sparkcurvature.job.report.Part;
import org.sparkcurvature.job.report.Report;
import org.sparkcurvature.job.report.Style;
import org.sparkcurvature.job.report.View;

/**
 * What a command sees of the process around it: results go to {@code out}, everything else to
 * {@code err}.
 *
 * @param out standard output; where an object is printed there, what else is printed goes to {@code
 *     err}
 * @param err standard error
 * @param environment variables for substitutions in configurations
 * @param view how results are shown
 * @param progressLine how far the run is
 * @param quiet whether nothing is said but results and errors
 * @param answer the object that is printed in the place of text; empty: text is printed
 */
public record Terminal(
    PrintStream out,
    PrintStream err,
    Map<String, String> environment,
    View view,
    ProgressLine progressLine,
    boolean quiet,
    Optional<Answer> answer) {
  /** Variables by which the launcher, which has the terminal, tells of it. */
  private static final String WIDTH = "SPARK_CURVATURE_WIDTH";

  private static final String WATCHED = "SPARK_CURVATURE_WATCHED";
  private static final String CHARSET = "SPARK_CURVATURE_CHARSET";

  public Terminal {
    out = PublicStream.of(out, view.style());
    err = PublicStream.of(err, view.style());
    environment = Map.copyOf(environment);
    requireNonNull(progressLine);
    requireNonNull(answer);
  }

  /** One on which every stage is said, 80 columns wide. */
  public Terminal(PrintStream out, PrintStream err, Map<String, String> environment, Style style) {
    this(
        out,
        err,
        environment,
        new View(View.USUAL, style, View.PLAIN.ellipsis(), Set.of()),
        new ProgressLine(raw(err), ProgressLine.Mode.EVERY_STAGE, View.USUAL),
        false,
        Optional.empty());
  }

  /** Whether headings are set off by bold type. */
  public enum Color {
    /** On a terminal that does not refuse it. */
    AUTO,
    ALWAYS,
    NEVER
  }

  /**
   * What the command line says of the console.
   *
   * @param parts what is shown beside the answer
   * @param quiet nothing is said but results and errors
   * @param json one object is printed in the place of text
   * @param debug every stage is said
   */
  public record Wishes(Set<Part> parts, boolean quiet, boolean json, Color color, boolean debug) {
    public static final Wishes NONE = new Wishes(Set.of(), false, false, Color.AUTO, false);
  }

  /** The process's own, as its environment tells of it. */
  public static Terminal ofProcess() {
    return of(System.out, System.err, System.getenv(), isTerminal(System.console()));
  }

  /** Since Java 22 there is a console where streams lead elsewhere, and it says so itself. */
  @SuppressWarnings("SystemConsoleNull")
  static boolean isTerminal(Console console) {
    if (console == null || Runtime.version().feature() < 22) {
      return console != null;
    }
    try {
      return (boolean) Console.class.getMethod("isTerminal").invoke(console);
    } catch (ReflectiveOperationException e) {
      throw new LinkageError("Java has no Console.isTerminal", e);
    }
  }

  /**
   * A terminal or what takes its place.
   *
   * @param interactive whether Java takes both streams for those of a terminal
   */
  static Terminal of(
      PrintStream out, PrintStream err, Map<String, String> environment, boolean interactive) {
    boolean terminal = interactive || environment.containsKey(WIDTH);
    boolean watched = interactive || environment.containsKey(WATCHED);
    boolean dumb = "dumb".equals(environment.get("TERM"));
    boolean plain = !environment.getOrDefault("NO_COLOR", "").isEmpty() || dumb;
    View view =
        new View(
            width(environment),
            terminal && !plain ? Style.TERMINAL : Style.PLAIN,
            hasEllipsis(environment) ? "\u2026" : "..",
            Set.of());
    ProgressLine.Mode mode = watched && !dumb ? ProgressLine.Mode.TERMINAL : ProgressLine.Mode.LOG;
    return new Terminal(
        out,
        err,
        environment,
        view,
        new ProgressLine(raw(err), mode, view.width()),
        false,
        Optional.empty());
  }

  private static int width(Map<String, String> environment) {
    for (String name : new String[] {WIDTH, "COLUMNS"}) {
      String width = environment.getOrDefault(name, "");
      if (width.matches("[1-9][0-9]{0,4}")) {
        return Integer.parseInt(width);
      }
    }
    return View.USUAL;
  }

  private static boolean hasEllipsis(Map<String, String> environment) {
    String name = environment.getOrDefault(CHARSET, "");
    try {
      Charset charset = name.isEmpty() ? StandardCharsets.UTF_8 : Charset.forName(name);
      return charset.canEncode() && charset.newEncoder().canEncode('\u2026');
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  /** The same as the command line wishes it; the streams and the environment stay. */
  public Terminal with(Wishes wishes) {
    boolean objectOnly = wishes.json() || answer.isPresent();
    ProgressLine progress = progressLine;
    if (wishes.quiet() || wishes.debug()) {
      ProgressLine.Mode mode =
          wishes.quiet() ? ProgressLine.Mode.NONE : ProgressLine.Mode.EVERY_STAGE;
      progress = new ProgressLine(raw(err), mode, view.width());
    }
    return new Terminal(
        objectOnly ? raw(err) : raw(out),
        raw(err),
        environment,
        new View(
            view.width(),
            switch (wishes.color()) {
              case ALWAYS -> Style.TERMINAL;
              case NEVER -> Style.PLAIN;
              case AUTO -> view.style();
            },
            view.ellipsis(),
            wishes.parts()),
        progress,
        quiet || wishes.quiet(),
        answer.isPresent() || !wishes.json() ? answer : Optional.of(new Answer(raw(out))));
  }

  /** The same with these parts shown beside the answer. */
  public Terminal showing(Set<Part> parts) {
    return new Terminal(out, err, environment, view.showing(parts), progressLine, quiet, answer);
  }

  private static PrintStream raw(PrintStream stream) {
    return stream instanceof PublicStream shown ? shown.raw() : stream;
  }

  /** How the program is called, as it can be pasted into a shell. */
  public static String called(Map<String, String> environment) {
    return Pasted.program(environment);
  }

  public Style style() {
    return view.style();
  }

  /** Shows what was found: as text, or its numbers as a part of the one object. */
  public void show(Report report) {
    if (answer.isPresent()) {
      report.numbers().forEach(answer.get()::put);
    } else {
      print(report.text(view));
    }
  }

  /** Prints text of a result, each line ended, unless an object is printed in its place. */
  public void print(String text) {
    if (answer.isEmpty()) {
      progressLine.clear();
      out.print(text);
      out.flush();
    }
  }

  /** Nothing is going on any more. */
  public void endProgress() {
    progressLine.stop();
  }

  /** Prints the object, where one is wanted. */
  public void printAnswer() {
    endProgress();
    answer.ifPresent(Answer::print);
  }

  /** Says what is being done. */
  public void progress(String stage) {
    progress(stage, false);
  }

  /**
   * Says what is being done.
   *
   * @param passesOnce whether rows are read once, so that what is done tells the time left
   */
  void progress(String stage, boolean passesOnce) {
    progressLine.start();
    progressLine.stage(stage, passesOnce);
  }

  /** Says what a user should know, though the run goes on. */
  public void warning(String sentence) {
    if (!quiet) {
      progressLine.clear();
      err.println("warning: " + PublicText.of(sentence));
    }
  }
}
