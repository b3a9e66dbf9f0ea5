package org.sparkcurvature.job.cli;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import org.sparkcurvature.job.command.Terminal;
import org.sparkcurvature.job.report.Style;

/**
 * The program run in this process, as if it had been typed.
 *
 * @param exitCode how it ended
 * @param out what it wrote on standard output
 * @param err what it wrote on standard error
 */
public record Console(int exitCode, String out, String err) {

  /** Runs the program with further environment variables. */
  public static Console run(Map<String, String> environment, String... arguments) {
    Map<String, String> variables = new LinkedHashMap<>(System.getenv());
    variables.putAll(environment);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    int exitCode =
        Main.run(
            new Terminal(
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8),
                variables,
                Style.PLAIN),
            arguments);
    return new Console(
        exitCode, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
  }

  public static Console run(String... arguments) {
    return run(Map.of(), arguments);
  }
}
