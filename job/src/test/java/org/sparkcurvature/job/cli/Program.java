package org.sparkcurvature.job.cli;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.sparkcurvature.job.LocalSpark;

/** The program run in a process of its own, for what a heap or a master does to it. */
public final class Program {
  private static final int MINUTES = 3;

  private Program() {}

  /**
   * Runs the program on {@code local[2]} in a heap so small that Spark has to be told that it may.
   *
   * @param heap of the process, in MiB
   * @param log a file for what it says
   */
  public static Console inSmallHeap(int heap, Path log, String... arguments) throws Exception {
    return run(
        heap,
        List.of("spark.master=local[2]", "spark.testing.reservedMemory=40000000"),
        log,
        arguments);
  }

  /**
   * Runs the program.
   *
   * @param heap of the process, in MiB
   * @param properties of Spark
   * @param log a file for what it says
   */
  public static Console run(int heap, List<String> properties, Path log, String... arguments)
      throws Exception {
    Process process = start(heap, properties, log, arguments);
    return ended(process, log);
  }

  /**
   * As the other one, by a command that is given the program's as its last arguments.
   *
   * @param prefix the command and its first arguments
   */
  public static Console within(
      List<String> prefix, int heap, List<String> properties, Path log, String... arguments)
      throws Exception {
    return ended(start(prefix, Map.of(), heap, properties, log, arguments), log);
  }

  /**
   * Runs the program and tells it to end as soon as it has written a file.
   *
   * @param sign the file
   */
  public static Console terminated(
      int heap, List<String> properties, Path log, Path sign, String... arguments)
      throws Exception {
    Process process = start(heap, properties, log, arguments);
    for (int k = 0; k < MINUTES * 600 && process.isAlive() && Files.notExists(sign); k++) {
      Thread.sleep(100);
    }
    process.destroy();
    return ended(process, log);
  }

  /**
   * Starts the program and comes back at once.
   *
   * @param heap of the process, in MiB
   * @param properties of Spark
   * @param log a file for what it says on standard error; {@code .out} beside it for the other
   */
  public static Process start(int heap, List<String> properties, Path log, String... arguments)
      throws IOException {
    return start(Map.of(), heap, properties, log, arguments);
  }

  /** As the other one, with further environment variables. */
  public static Process start(
      Map<String, String> environment,
      int heap,
      List<String> properties,
      Path log,
      String... arguments)
      throws IOException {
    return start(List.of(), environment, heap, properties, log, arguments);
  }

  private static Process start(
      List<String> prefix,
      Map<String, String> environment,
      int heap,
      List<String> properties,
      Path log,
      String... arguments)
      throws IOException {
    List<String> command = new ArrayList<>(prefix);
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(option -> option.startsWith("--add-") || option.startsWith("-Dorg.bytedeco"))
        .filter(option -> !option.contains("bytes="))
        .forEach(command::add);
    // Short runs: the second compiler takes more than it gives.
    command.add("-XX:TieredStopAtLevel=1");
    command.add("-Xmx" + heap + "m");
    LocalSpark.CONFIGURATION.forEach((key, value) -> command.add("-D" + key + "=" + value));
    properties.forEach(property -> command.add("-D" + property));
    command.addAll(
        List.of("-cp", System.getProperty("java.class.path"), "org.sparkcurvature.job.cli.Main"));
    command.addAll(List.of(arguments));
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectOutput(out(log).toFile()).redirectError(log.toFile());
    builder.environment().putAll(environment);
    return builder.start();
  }

  private static Path out(Path log) {
    return log.resolveSibling(log.getFileName() + ".out");
  }

  private static Console ended(Process process, Path log) throws Exception {
    if (!process.waitFor(MINUTES, TimeUnit.MINUTES)) {
      process.destroyForcibly();
      throw new IOException("still running after " + MINUTES + " minutes:\n" + text(log));
    }
    return new Console(process.exitValue(), text(out(log)), text(log));
  }

  private static String text(Path file) throws IOException {
    return Files.readString(file, StandardCharsets.UTF_8);
  }
}
