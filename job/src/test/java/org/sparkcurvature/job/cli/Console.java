package org.sparkcurvature.job.cli;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
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

  /**
   * Runs a command on the table {@code rows.csv} of a folder, to a folder beside it.
   *
   * @param folder with the table; the configuration is written there, too
   * @param output the name of the folder for the result
   * @param model keys of the block {@code model}
   * @param settings {@code path=value}
   */
  public static Console run(
      Path folder, String command, String output, String model, String... settings)
      throws IOException {
    Path file =
        Files.writeString(
            folder.resolve("case.conf"),
            """
            curvature {
              input { path = "%s", options { header = true } }
              model { %s }
              output { path = "%s", mode = overwrite }
            }
            """
                .formatted(folder.resolve("rows.csv"), model, folder.resolve(output)));
    return run(command, file, List.of(settings));
  }

  /** Infers from the estimates of a result. */
  public static Console inferFrom(Path result, Path output) {
    return run(
        "infer",
        result.resolve("config.conf"),
        List.of(
            "model.parameters-from=\"" + result.resolve("parameters.json") + "\"",
            "output.path=\"" + output + "\""));
  }

  /**
   * Runs a command on an earlier result.
   *
   * @param output the folder for what it writes
   * @param settings {@code path=value}
   */
  public static Console from(Path result, String command, Path output, String... settings) {
    List<String> words = new ArrayList<>(List.of(command, "--from", result.toString()));
    words.addAll(List.of("--set", "output.path=\"" + output + "\""));
    for (String setting : settings) {
      words.addAll(List.of("--set", setting));
    }
    return run(words.toArray(String[]::new));
  }

  /** Runs a command by a file and further settings, {@code path=value}. */
  public static Console run(String command, Path configuration, List<String> settings) {
    Stream<String> set = settings.stream().flatMap(setting -> Stream.of("--set", setting));
    return run(
        Stream.concat(Stream.of(command, "--config", configuration.toString()), set)
            .toArray(String[]::new));
  }
}
