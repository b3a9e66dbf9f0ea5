package org.sparkcurvature.job.soak;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Spark's own standalone cluster on loopback: a master and workers, each a process. */
final class StandaloneCluster implements AutoCloseable {
  private static final Pattern MASTER = Pattern.compile("Starting Spark master at (spark://\\S+)");
  private static final int START_SECONDS = 90;

  /**
   * Processes that live for half a minute: Java's second compiler would take half of their time.
   */
  static final Map<String, String> QUICK_START =
      Map.of("JAVA_TOOL_OPTIONS", "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC");

  private final Path folder;
  private final List<Process> workers = new ArrayList<>();
  private final Process master;
  private final String url;
  private int started;

  /**
   * Starts a master and workers of one core and 1 GB.
   *
   * @param folder for logs, and for what executors write
   */
  StandaloneCluster(Path folder, int workers) throws IOException, InterruptedException {
    this.folder = Files.createDirectories(folder);
    master =
        start(
            "master",
            "org.apache.spark.deploy.master.Master",
            "--host",
            "127.0.0.1",
            "--port",
            "0",
            "--webui-port",
            "0");
    url = await("master", master, MASTER);
    for (int k = 0; k < workers; k++) {
      startWorker();
    }
  }

  /** Where programs find it. */
  String url() {
    return url;
  }

  private void startWorker() throws IOException, InterruptedException {
    String name = "worker-" + started++;
    Process worker =
        start(
            name,
            "org.apache.spark.deploy.worker.Worker",
            "--host",
            "127.0.0.1",
            "--webui-port",
            "0",
            "-c",
            "1",
            "-m",
            "1g",
            "-d",
            folder.resolve(name).toString(),
            url);
    workers.add(worker);
    await(name, worker, Pattern.compile("(Successfully registered with master)"));
  }

  /** The executors that run now, on all workers. */
  List<ProcessHandle> executors() {
    return workers.stream()
        .filter(Process::isAlive)
        .flatMap(worker -> worker.toHandle().children())
        .toList();
  }

  /** Ends a worker as if its machine had gone, executors included, and starts another. */
  void loseWorker() throws IOException, InterruptedException {
    Process lost = workers.remove(0);
    List<ProcessHandle> children = lost.toHandle().children().toList();
    lost.destroyForcibly().waitFor();
    children.forEach(ProcessHandle::destroyForcibly);
    startWorker();
  }

  /** Removes what executors have kept on disk: shuffle files and spilled blocks. */
  void emptyLocalFolders() throws IOException {
    Path local = folder.resolve("local");
    if (Files.exists(local)) {
      try (var files = Files.walk(local)) {
        for (Path file : files.filter(Files::isRegularFile).toList()) {
          String name = file.getFileName().toString();
          if (name.startsWith("shuffle_") || name.startsWith("rdd_")) {
            Files.deleteIfExists(file);
          }
        }
      }
    }
  }

  private Process start(String name, String main, String... arguments) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xmx256m", "-cp", System.getenv("SPARK_HOME") + "/jars/*", main));
    command.addAll(List.of(arguments));
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve(name + ".log").toFile());
    builder.environment().putAll(QUICK_START);
    builder.environment().put("SPARK_LOCAL_DIRS", folder.resolve("local").toString());
    return builder.start();
  }

  private String await(String name, Process process, Pattern sign)
      throws IOException, InterruptedException {
    Path log = folder.resolve(name + ".log");
    for (int k = 0; k < 10 * START_SECONDS && process.isAlive(); k++) {
      Matcher found = sign.matcher(Files.readString(log, StandardCharsets.UTF_8));
      if (found.find()) {
        return found.group(1);
      }
      Thread.sleep(100);
    }
    throw new IOException(name + " did not start:\n" + Files.readString(log));
  }

  @Override
  public void close() {
    for (Process worker : workers) {
      List<ProcessHandle> children = worker.toHandle().children().toList();
      end(worker);
      children.forEach(ProcessHandle::destroyForcibly);
    }
    end(master);
  }

  /** Ends a process, and waits for it unless the thread is interrupted. */
  private static void end(Process process) {
    try {
      process.destroyForcibly().waitFor(10, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
