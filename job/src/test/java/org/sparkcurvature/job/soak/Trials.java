package org.sparkcurvature.job.soak;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.hadoop.ParquetReader;
import org.apache.parquet.hadoop.example.GroupReadSupport;
import org.sparkcurvature.job.TemporaryDisk;
import org.sparkcurvature.job.cli.Program;
import org.sparkcurvature.job.sink.NpyFile;

/**
 * Runs commands on a cluster, breaks something while they run, and judges what is left: a result
 * that says it is complete must have the bits of an undisturbed run; anything else must not say so,
 * must end with 5 (or with the signal that ended the driver), and the next run must give these
 * bits.
 */
final class Trials implements AutoCloseable {
  private static final int ROWS = 12_000;
  private static final int COLUMNS = 20;
  private static final int HEAP = 700;
  private static final int MINUTES = 6;

  /** Size of a disk that a result fits on. */
  private static final String DISK = "96m";

  /** What is run. */
  enum Command {
    DERIVE,
    FIT
  }

  /** What is broken. */
  enum Fault {
    /** One executor is killed. */
    EXECUTOR,
    /** A worker goes, with its executor; another one comes. */
    WORKER,
    /** The driver is killed. */
    DRIVER,
    /** The driver is asked to end. */
    TERMINATED,
    /** An executor is stopped for longer than the heartbeat's timeout, and goes on. */
    PAUSED_EXECUTOR,
    /** The driver is stopped for some seconds, and goes on. */
    PAUSED_DRIVER,
    /** Shuffle files and kept blocks on disk are removed. */
    LOST_FILES,
    /** An executor is stopped until Spark runs its tasks a second time beside it, and goes on. */
    SPECULATION,
    /** The output's disk is full from then on. */
    FULL_DISK,
    /** The output's disk cannot be written from then on. */
    READ_ONLY_DISK;

    /** Whether it needs a disk of its own for the output. */
    boolean isOfDisk() {
      return this == FULL_DISK || this == READ_ONLY_DISK;
    }
  }

  /**
   * One trial.
   *
   * @param after the driver has said this on standard error
   * @param delay milliseconds from then on
   */
  record Trial(Command command, Fault fault, String after, int delay) {
    @Override
    public String toString() {
      return "%s: %s %d ms after '%s'".formatted(command, fault, delay, after);
    }
  }

  /** What a trial came to. */
  enum Outcome {
    /** It went on, and the result has the right bits. */
    RIGHT,
    /** It ended without a result, and the next run had the right bits. */
    RIGHT_AT_THE_NEXT_RUN,
    /** The fault came too late to disturb anything; the result has the right bits. */
    UNDISTURBED
  }

  private final Path folder;
  private final StandaloneCluster cluster;
  private final Map<Command, Map<String, String>> expected = new TreeMap<>();
  private Process driver;

  /**
   * Starts a cluster, and makes the results that others are compared with on it.
   *
   * @param folder for data, results and logs
   */
  Trials(Path folder) throws Exception {
    this.folder = folder;
    writeData();
    cluster = new StandaloneCluster(folder.resolve("cluster"), 2);
    try {
      runUndisturbed();
    } catch (Exception e) {
      cluster.close();
      throw e;
    }
  }

  private void runUndisturbed() throws Exception {
    for (Command command : Command.values()) {
      Path out = folder.resolve("expected-" + command);
      Process process =
          start(command, out, folder.resolve("expected-" + command + ".log"), Fault.EXECUTOR);
      int code = ended(process);
      if (code != 0) {
        throw new IOException(
            "the undisturbed run ends with "
                + code
                + ":\n"
                + Files.readString(folder.resolve("expected-" + command + ".log")));
      }
      expected.put(command, numbers(out));
    }
  }

  private void writeData() throws IOException {
    Random random = new Random(3);
    for (int file = 0; file < 4; file++) {
      StringBuilder text = new StringBuilder("id,y");
      for (int c = 0; c < COLUMNS; c++) {
        text.append(",x").append(c);
      }
      text.append('\n');
      for (int k = 0; k < ROWS / 4; k++) {
        text.append(file * ROWS / 4 + k).append(',').append(random.nextInt(2));
        for (int c = 0; c < COLUMNS; c++) {
          text.append(',').append(Math.round(1000 * random.nextGaussian()) / 1000.0);
        }
        text.append('\n');
      }
      Files.createDirectories(folder.resolve("data"));
      Files.writeString(folder.resolve("data/part-" + file + ".csv"), text);
    }
    StringBuilder columns = new StringBuilder();
    for (int c = 0; c < COLUMNS; c++) {
      columns.append(c == 0 ? "" : ", ").append('x').append(c);
    }
    Files.writeString(
        folder.resolve("run.conf"),
        """
        curvature {
          input {
            path = "%s/data", format = csv, options { header = true }, partition-size = 256k
            tensors { x = [%s], y = y }, id = id
          }
          model {
            parameters { b0 = 0, beta { labels = x, fill = 0 } }
            define { eta = "b0 + dot(x, beta)" }
            loss = "softplus(eta) - y * eta"
          }
          derive { wrt = [b0, beta], reduction = sum }
          output.mode = overwrite
        }
        """
            .formatted(folder, columns),
        StandardCharsets.UTF_8);
  }

  private Process start(Command command, Path out, Path log, Fault fault) throws IOException {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                command == Command.DERIVE ? "derive" : "fit",
                "--debug", // every stage is said
                "--config",
                folder.resolve("run.conf").toString(),
                "--set",
                "output.path=\"" + out + "\""));
    if (command == Command.DERIVE) {
      arguments.addAll(
          List.of(
              "--set", "derive.per-sample={ value = true, gradient = true, hessian = packed }"));
    } else {
      arguments.addAll(List.of("--set", "fit.checkpoint=\"" + checkpoint(out) + "\""));
    }
    List<String> properties = new ArrayList<>();
    if (fault == Fault.SPECULATION) {
      properties.addAll(
          List.of(
              "spark.speculation=true",
              "spark.speculation.interval=100ms",
              "spark.speculation.multiplier=1.1",
              "spark.speculation.quantile=0.1"));
    }
    properties.addAll(
        List.of(
            "spark.master=" + cluster.url(),
            "spark.executor.memory=600m",
            "spark.executor.extraClassPath=" + System.getProperty("java.class.path"),
            "spark.executor.extraJavaOptions=-Dorg.bytedeco.javacpp.cachedir="
                + System.getProperty("org.bytedeco.javacpp.cachedir", ""),
            "spark.network.timeout=15s",
            "spark.network.timeoutInterval=5s",
            "spark.storage.blockManagerHeartbeatTimeoutMs=15s",
            "spark.executor.heartbeatInterval=2s"));
    return Program.start(
        StandaloneCluster.QUICK_START, HEAP, properties, log, arguments.toArray(String[]::new));
  }

  private static Path checkpoint(Path out) {
    return out.resolveSibling(out.getFileName() + "-checkpoint");
  }

  private static int ended(Process process) throws InterruptedException, IOException {
    if (!process.waitFor(MINUTES, TimeUnit.MINUTES)) {
      process.destroyForcibly().waitFor();
      throw new IOException("still running after " + MINUTES + " minutes");
    }
    return process.exitValue();
  }

  /**
   * Runs a trial.
   *
   * @throws AssertionError if something is signed that is not right, or is lost
   */
  Outcome run(String name, Trial trial) throws Exception {
    if (!trial.fault().isOfDisk()) {
      return run(name, trial, folder.resolve(name), () -> disturb(trial.fault()), () -> {});
    }
    try (TemporaryDisk disk = TemporaryDisk.mounted(folder.resolve(name + "-disk"), DISK)) {
      boolean full = trial.fault() == Fault.FULL_DISK;
      return run(
          name,
          trial,
          disk.folder().resolve("out"),
          full ? disk::fill : disk::refuseWrites,
          full ? disk::empty : disk::allowWrites);
    }
  }

  /** Breaks something, or mends it. */
  private interface Action {
    void run() throws Exception;
  }

  private Outcome run(String name, Trial trial, Path out, Action disturb, Action mend)
      throws Exception {
    Path log = folder.resolve(name + ".log");
    driver = start(trial.command(), out, log, trial.fault());
    boolean disturbed = await(driver, log, trial.after());
    if (disturbed) {
      Thread.sleep(trial.delay());
      disturbed = driver.isAlive();
    }
    int code;
    try {
      if (disturbed) {
        disturb.run();
      }
      code = ended(driver);
    } finally {
      if (disturbed) {
        mend.run();
      }
    }
    String said = read(log);
    boolean signed = Files.exists(out.resolve("_SUCCESS"));
    if (signed && !numbers(out).equals(expected.get(trial.command()))) {
      throw new AssertionError(trial + ": the result is signed and has other bits\n" + said);
    }
    if (code == 0) {
      require(signed, trial + ": ends with 0 without a result\n" + said);
      return disturbed ? Outcome.RIGHT : Outcome.UNDISTURBED;
    }
    boolean killed = trial.fault() == Fault.DRIVER || trial.fault() == Fault.TERMINATED;
    // 128 + 9 and 128 + 15, as shells count signals. A disk that cannot be written before the run
    // has begun is refused like any other path that cannot be.
    require(
        code == 5
            || killed && (code == 137 || code == 143)
            || trial.fault().isOfDisk() && code == 2,
        trial + ": ends with " + code + "\n" + said);
    require(!signed || killed, trial + ": ends with " + code + " and is signed\n" + said);
    Path again = folder.resolve(name + "-again.log");
    int second = ended(start(trial.command(), out, again, trial.fault()));
    require(second == 0, trial + ": the next run ends with " + second + "\n" + read(again));
    require(
        numbers(out).equals(expected.get(trial.command())),
        trial + ": the next run has other bits\n" + read(again));
    return signed ? Outcome.UNDISTURBED : Outcome.RIGHT_AT_THE_NEXT_RUN;
  }

  private static String read(Path log) throws IOException {
    return Files.readString(log, StandardCharsets.UTF_8);
  }

  private static void require(boolean condition, String message) {
    if (!condition) {
      throw new AssertionError(message);
    }
  }

  /** Whether the driver said this before it ended. */
  private static boolean await(Process driver, Path log, String sign) throws Exception {
    while (driver.isAlive()) {
      if (Files.readString(log, StandardCharsets.UTF_8).contains(sign)) {
        return true;
      }
      Thread.sleep(20);
    }
    return false;
  }

  private void disturb(Fault fault) throws Exception {
    switch (fault) {
      case EXECUTOR ->
          cluster.executors().stream().limit(1).forEach(ProcessHandle::destroyForcibly);
      case WORKER -> cluster.loseWorker();
      case DRIVER -> driver.destroyForcibly();
      case TERMINATED -> driver.destroy();
      case PAUSED_EXECUTOR -> pauseExecutor(22_000);
      case SPECULATION -> pauseExecutor(8000);
      case PAUSED_DRIVER -> pause(driver.toHandle(), 4000);
      case LOST_FILES -> cluster.emptyLocalFolders();
      case FULL_DISK, READ_ONLY_DISK -> throw new IllegalArgumentException(fault.name());
    }
  }

  private void pauseExecutor(long milliseconds) throws Exception {
    for (ProcessHandle executor : cluster.executors().stream().limit(1).toList()) {
      pause(executor, milliseconds);
    }
  }

  private static void pause(ProcessHandle process, long milliseconds) throws Exception {
    signal(process, "STOP");
    Thread.sleep(milliseconds);
    signal(process, "CONT");
  }

  private static void signal(ProcessHandle process, String signal) throws Exception {
    new ProcessBuilder("kill", "-" + signal, Long.toString(process.pid())).start().waitFor();
  }

  /** What a result says, bit for bit. */
  private static Map<String, String> numbers(Path out) throws IOException {
    Map<String, String> numbers = new LinkedHashMap<>();
    try (Stream<Path> files = Files.list(out)) {
      for (Path file : files.sorted().toList()) {
        String name = file.getFileName().toString();
        if (name.endsWith(".npy")) {
          long[] bits =
              Arrays.stream(NpyFile.read(file).values())
                  .mapToLong(Double::doubleToLongBits)
                  .toArray();
          numbers.put(name, Integer.toHexString(Arrays.hashCode(bits)) + " of " + bits.length);
        } else if (name.equals("parameters.json")) {
          numbers.put(name, Files.readString(file, StandardCharsets.UTF_8));
        }
      }
    }
    Path rows = out.resolve("per_sample");
    if (Files.exists(rows)) {
      numbers.put("per_sample", rows(rows));
    }
    return numbers;
  }

  /** The rows of a table: their number, and a sum over them that does not know their order. */
  private static String rows(Path table) throws IOException {
    long count = 0;
    long sum = 0;
    try (Stream<Path> files = Files.list(table)) {
      for (Path file : files.filter(file -> file.toString().endsWith(".parquet")).toList()) {
        try (ParquetReader<Group> reader =
            ParquetReader.builder(
                    new GroupReadSupport(), new org.apache.hadoop.fs.Path(file.toUri()))
                .build()) {
          for (Group row = reader.read(); row != null; row = reader.read()) {
            count++;
            sum += new SplittableRandom(row.toString().hashCode()).nextLong();
          }
        }
      }
    }
    return count + " rows, " + Long.toHexString(sum);
  }

  @Override
  public void close() {
    cluster.close();
  }
}
