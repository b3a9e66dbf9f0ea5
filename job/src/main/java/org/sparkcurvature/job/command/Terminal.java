package org.sparkcurvature.job.command;

import java.io.PrintStream;
import java.util.Map;
import org.sparkcurvature.job.errors.PublicText;
import org.sparkcurvature.job.report.Style;

/**
 * What a command sees of the process around it: results go to {@code out}, everything else to
 * {@code err}.
 *
 * @param out standard output
 * @param err standard error
 * @param environment variables for substitutions in configurations
 * @param style of headings on {@code out}
 */
public record Terminal(
    PrintStream out, PrintStream err, Map<String, String> environment, Style style) {
  public Terminal {
    out = PublicStream.of(out, style);
    err = PublicStream.of(err, style);
    environment = Map.copyOf(environment);
  }

  /** The process's own. */
  public static Terminal ofProcess() {
    return new Terminal(System.out, System.err, System.getenv(), Style.ofTerminal());
  }

  /** Where a line is written over; what is printed there is to be public already. */
  PrintStream progressLine() {
    return err instanceof PublicStream shown ? shown.raw() : err;
  }

  /** Says what is being done. */
  public void progress(String stage) {
    err.println("spark-curvature: " + PublicText.of(stage));
  }

  /** Says what a user should know, though the run goes on. */
  public void warning(String sentence) {
    err.println("warning: " + PublicText.of(sentence));
  }
}
