package org.sparkcurvature.job.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.sparkcurvature.job.config.OutputConfig;
import org.sparkcurvature.job.config.OutputFormat;
import org.sparkcurvature.job.config.OutputMode;
import org.sparkcurvature.job.errors.ExitCode;
import org.sparkcurvature.job.errors.JobException;
import org.sparkcurvature.job.errors.OutputInUseException;

class OutputFolderTest {
  static final RunIdentity RUN =
      new RunIdentity("derive", "c0ffee", Map.of("spark-curvature", "1.0", "spark", "4.1"));

  /** Fast enough to wait for. */
  private static final Mark.Timing TIMING =
      new Mark.Timing(Duration.ofMillis(20), Duration.ofMillis(400), Duration.ofMillis(10));

  @TempDir Path temporary;

  private final Configuration configuration = new Configuration();

  @Test
  void aCommittedResultIsCompleteAndNothingElseIsThere() throws IOException {
    try (OutputFolder folder = open("out", OutputMode.ERROR)) {
      write(folder, "gradient.npy", "new");
      assertThat(names("out")).hasSize(1).allMatch(name -> name.startsWith("_incomplete-"));
      folder.commit();
    }
    assertThat(names("out")).containsExactly("_SUCCESS", "gradient.npy", "manifest.json");
    assertThat(content("out/gradient.npy")).isEqualTo("new");
  }

  @Test
  void aRunThatFailsLeavesNothing() throws IOException {
    try (OutputFolder folder = open("a/b/out", OutputMode.ERROR)) {
      write(folder, "gradient.npy", "new");
    }
    assertThat(names("")).isEmpty();
  }

  @Test
  void aRunThatFailsLeavesWhatWasWrittenBesideIt() throws IOException {
    try (OutputFolder folder = open("a/out", OutputMode.ERROR)) {
      write(folder, "gradient.npy", "new");
      Files.writeString(temporary.resolve("a/other"), "another run");
    }
    assertThat(names("")).containsExactly("a");
    assertThat(names("a")).containsExactly("other");
  }

  @Test
  void errorRefusesAnyFolderThatIsThere() throws IOException {
    Files.createDirectories(temporary.resolve("out"));
    assertThatThrownBy(() -> open("out", OutputMode.ERROR))
        .isInstanceOfSatisfying(
            JobException.class, e -> assertThat(e.exitCode()).isEqualTo(ExitCode.CONFIGURATION))
        .hasMessageContaining("exists already")
        .hasMessageContaining("not a complete result")
        .hasMessageContaining("curvature.output.mode");
    Files.writeString(temporary.resolve("out/_SUCCESS"), "");
    assertThatThrownBy(() -> open("out", OutputMode.ERROR))
        .hasMessageContaining("exists already")
        .hasMessageNotContaining("not a complete");
    assertThat(names("out")).containsExactly("_SUCCESS");
  }

  @ParameterizedTest
  @EnumSource(OutputMode.class)
  void whereNoFolderCanBeIsRefused(OutputMode mode) throws IOException {
    Files.writeString(temporary.resolve("file"), "");
    for (String path : List.of("file", "file/out", "nowhere://host/out")) {
      assertThatThrownBy(() -> open(path, mode))
          .isInstanceOfSatisfying(
              JobException.class, e -> assertThat(e.exitCode()).isEqualTo(ExitCode.CONFIGURATION))
          .hasMessageContaining("cannot be written")
          .hasMessageContaining("curvature.output.path");
    }
    assertThat(names("")).containsExactly("file");
  }

  @Test
  void theRootOfAFileSystemIsRefused() {
    assertThatThrownBy(() -> open("file:///", OutputMode.OVERWRITE))
        .isInstanceOf(JobException.class)
        .hasMessageContaining("root of the file system");
  }

  @Test
  void overwriteKeepsTheOldResultUntilTheNewOneIsThere() throws IOException {
    oldResult();
    try (OutputFolder folder = open("out", OutputMode.OVERWRITE)) {
      write(folder, "gradient.npy", "new");
      assertThat(names("out"))
          .contains("_SUCCESS", "config.conf", "gradient.npy", "hessian", "manifest.json");
      assertThat(content("out/gradient.npy")).isEqualTo("old");
      folder.commit();
    }
    assertThat(names("out")).containsExactly("_SUCCESS", "gradient.npy", "manifest.json");
    assertThat(content("out/gradient.npy")).isEqualTo("new");
  }

  @Test
  void overwriteThatFailsKeepsTheOldResult() throws IOException {
    oldResult();
    try (OutputFolder folder = open("out", OutputMode.OVERWRITE)) {
      write(folder, "gradient.npy", "new");
    }
    assertThat(names("out"))
        .containsExactly("_SUCCESS", "config.conf", "gradient.npy", "hessian", "manifest.json");
    assertThat(content("out/gradient.npy")).isEqualTo("old");
  }

  @Test
  void overwriteRemovesWhatARunThatDiedLeft() throws IOException {
    Files.createDirectories(temporary.resolve("out/_incomplete-1234/per_sample"));
    takenOver();
  }

  private Path sign(String run, RunProcess process) throws IOException {
    Path folder = Files.createDirectories(temporary.resolve("out/_incomplete-" + run));
    return Files.writeString(folder.resolve("_alive"), process.toText() + "\n1\nend\n");
  }

  @ParameterizedTest
  @EnumSource(
      value = OutputMode.class,
      names = {"OVERWRITE", "IGNORE"})
  void aSecondRunIsRefused(OutputMode mode) throws IOException {
    try (OutputFolder first = open("out", OutputMode.OVERWRITE)) {
      // A run that is alive is seen at once, however long one that is silent is waited for.
      Mark.Timing patient = new Mark.Timing(TIMING.every(), Duration.ofMinutes(1), TIMING.look());
      assertThat(
              catchThrowableOfType(
                  JobException.class,
                  () ->
                      OutputFolder.open(
                          output("out", mode), List.of(), RUN, configuration, patient)))
          .isInstanceOf(OutputInUseException.class)
          .hasMessageContaining("another run writes the output")
          .hasMessageContaining("process " + ProcessHandle.current().pid() + " on ");
      write(first, "summary.json", "first");
      first.commit();
    }
    assertThat(names("out")).containsExactly("_SUCCESS", "manifest.json", "summary.json");
    open("out", OutputMode.OVERWRITE).close();
  }

  /** What a run of another machine does to its sign. */
  private interface Signing {
    void sign() throws IOException;
  }

  /** The folder is refused while a run of another machine gives signs. */
  private void refusedBeside(Signing signing, long after, long every, Mark.Timing timing)
      throws Exception {
    var clock = Executors.newSingleThreadScheduledExecutor();
    try {
      var signs =
          clock.scheduleAtFixedRate(
              () -> {
                try {
                  signing.sign();
                } catch (IOException e) {
                  throw new UncheckedIOException(e);
                }
              },
              after,
              every,
              TimeUnit.MILLISECONDS);
      assertThat(
              catchThrowableOfType(
                  OutputInUseException.class,
                  () ->
                      OutputFolder.open(
                          output("out", OutputMode.OVERWRITE),
                          List.of(),
                          RUN,
                          configuration,
                          timing)))
          .hasMessageContaining("process 17 on elsewhere.example");
      assertThat(signs.isDone()).isFalse();
    } finally {
      clock.shutdownNow();
      assertThat(clock.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
    }
  }

  /** The folder is taken over. */
  private void takenOver() throws IOException {
    try (OutputFolder folder = open("out", OutputMode.OVERWRITE)) {
      write(folder, "gradient.npy", "new");
      folder.commit();
    }
    assertThat(names("out")).containsExactly("_SUCCESS", "gradient.npy", "manifest.json");
  }

  /** Whatever its clock says, and ours. */
  @ParameterizedTest
  @ValueSource(longs = {-365, 0, 365})
  void aRunOfAnotherMachineIsAliveWhileItsSignChanges(long days) throws Exception {
    oldResult();
    Path sign = sign("1", new RunProcess("elsewhere.example", 17, "boot/1", "99"));
    FileTime time = FileTime.from(Instant.now().plus(Duration.ofDays(days)));
    AtomicInteger signs = new AtomicInteger();
    refusedBeside(
        () -> {
          String text = Files.readString(sign).lines().findFirst().orElseThrow();
          Files.writeString(sign, text + "\n" + signs.incrementAndGet() + "\nend\n");
          Files.setLastModifiedTime(sign, time);
        },
        0,
        50,
        TIMING);
    assertThat(names("out")).contains("_incomplete-1", "_SUCCESS");
    Files.setLastModifiedTime(sign, time);
    takenOver();
  }

  /** A run that is held up while it writes its sign: half of it, or nothing, is there meanwhile. */
  @ParameterizedTest
  @ValueSource(strings = {"", "elsewhere"})
  void aSignThatIsHalfThereIsWaitedFor(String half) throws Exception {
    oldResult();
    RunProcess elsewhere = new RunProcess("elsewhere.example", 17, "boot/1", "99");
    Path sign = sign("1", elsewhere);
    Files.writeString(sign, half);
    AtomicInteger signs = new AtomicInteger();
    refusedBeside(
        () ->
            Files.writeString(
                sign, elsewhere.toText() + "\n" + signs.incrementAndGet() + "\nend\n"),
        300,
        20,
        new Mark.Timing(TIMING.every(), Duration.ofSeconds(20), TIMING.look()));
    Files.writeString(sign, half);
    takenOver();
  }

  @Test
  void aRunOfThisMachineWhoseProcessEndedIsDeadAtOnce() throws Exception {
    oldResult();
    Process ended = new ProcessBuilder("true").start();
    ended.waitFor();
    RunProcess here = RunProcess.here();
    sign("1", new RunProcess(here.host(), ended.pid(), here.machine(), here.started()));
    // A number that another process has by now.
    sign("2", new RunProcess(here.host(), here.pid(), here.machine(), "0"));
    long begin = System.nanoTime();
    try (OutputFolder folder =
        OutputFolder.open(output("out", OutputMode.OVERWRITE), List.of(), RUN, configuration)
            .orElseThrow()) {
      write(folder, "gradient.npy", "new");
      folder.commit();
    }
    assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(30));
    assertThat(names("out")).containsExactly("_SUCCESS", "gradient.npy", "manifest.json");
  }

  @Test
  void aProcessIsReadAsItIsWritten() {
    RunProcess here = RunProcess.here();
    assertThat(RunProcess.of(here.toText())).isEqualTo(here);
    assertThat(here.isRunning()).isTrue();
    assertThat(here.hasEnded()).isFalse();
    RunProcess rebooted = new RunProcess(here.host(), here.pid(), "other/1", here.started());
    assertThat(rebooted.isRunning()).isFalse();
    assertThat(rebooted.hasEnded()).isFalse();
  }

  @ParameterizedTest
  @EnumSource(
      value = OutputMode.class,
      names = {"OVERWRITE", "IGNORE"})
  void whatIsNoResultIsNotReplaced(OutputMode mode) throws IOException {
    Files.createDirectories(temporary.resolve("home/papers"));
    Files.writeString(temporary.resolve("home/notes.txt"), "of years");
    assertThatThrownBy(() -> open("home", mode))
        .isInstanceOfSatisfying(
            JobException.class, e -> assertThat(e.exitCode()).isEqualTo(ExitCode.CONFIGURATION))
        .hasMessageContaining(
            "/home is not replaced: it holds notes.txt, papers/, which no manifest.json")
        .hasMessageContaining("curvature.output.path")
        .hasMessageContaining("give another folder");
    assertThat(names("home")).containsExactly("notes.txt", "papers");
  }

  @Test
  void tablesOfOthersAreNotReplacedThoughTheyAreComplete() throws IOException {
    Files.createDirectories(temporary.resolve("table"));
    for (String name : List.of("_SUCCESS", "part-0", "part-1", "part-2", "part-3", "part-4")) {
      Files.writeString(temporary.resolve("table").resolve(name), "");
    }
    assertThatThrownBy(() -> open("table", OutputMode.OVERWRITE))
        .hasMessageContaining("part-2, part-3, ... (6 in all), which no manifest.json");
    assertThat(names("table")).hasSize(6);
  }

  @Test
  void anEmptyFolderIsFilled() throws IOException {
    Files.createDirectories(temporary.resolve("out"));
    takenOver();
  }

  @Test
  void ignoreIsDoneWhereACompleteResultIs() throws IOException {
    oldResult();
    assertThat(OutputFolder.open(output("out", OutputMode.IGNORE), List.of(), RUN, configuration))
        .isEmpty();
    assertThat(content("out/gradient.npy")).isEqualTo("old");
  }

  @Test
  void ignoreReplacesAnIncompleteResult() throws IOException {
    oldResult();
    Files.delete(temporary.resolve("out/_SUCCESS"));
    try (OutputFolder folder = open("out", OutputMode.IGNORE)) {
      write(folder, "gradient.npy", "new");
      folder.commit();
    }
    assertThat(names("out")).containsExactly("_SUCCESS", "gradient.npy", "manifest.json");
    assertThat(content("out/gradient.npy")).isEqualTo("new");
  }

  @Test
  void theInputIsNotRemoved() throws IOException {
    oldResult();
    for (String input : List.of("out/data.csv", "out", "out/2024/*.csv", "out/{a,b}/x")) {
      assertThatThrownBy(
              () ->
                  OutputFolder.open(
                      output("out", OutputMode.OVERWRITE),
                      List.of(temporary.resolve("elsewhere").toString(), at(input)),
                      RUN,
                      configuration))
          .isInstanceOf(JobException.class)
          .hasMessageContaining("it holds the input");
    }
    try (OutputFolder folder =
        OutputFolder.open(
                output("out", OutputMode.OVERWRITE),
                List.of(at("out2/data.csv")),
                RUN,
                configuration)
            .orElseThrow()) {
      assertThat(folder.path().getName()).isEqualTo("out");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "day, day/out, true",
    "day, day/deep/out, true",
    "day/*, day/out, true",
    "*, day/out, true",
    "'{day,night}', day/out, true",
    "day, day/_out, false",
    "day, day/.results/out, false",
    "day/*.csv, day/out, false",
    "day, day2/out, false",
    "day/x.csv, day/out, false",
  })
  void anOutputThatTheNextRunWouldReadIsRefused(String input, String output, boolean refused)
      throws IOException {
    Files.createDirectories(temporary.resolve("day"));
    List<String> inputs = List.of(at("elsewhere/*.csv"), at(input));
    if (refused) {
      assertThatThrownBy(
              () ->
                  OutputFolder.open(
                      output(output, OutputMode.OVERWRITE), inputs, RUN, configuration))
          .isInstanceOfSatisfying(
              JobException.class, e -> assertThat(e.exitCode()).isEqualTo(ExitCode.CONFIGURATION))
          .hasMessageContaining("lies in the input " + at(input));
    } else {
      OutputFolder.open(output(output, OutputMode.OVERWRITE), inputs, RUN, configuration)
          .orElseThrow()
          .close();
    }
    assertThat(names("day")).isEmpty();
  }

  @Test
  void successGoesFirstAndComesLast() throws IOException {
    oldResult();
    Configuration recording = RecordingFileSystem.configuration("recording");
    try (OutputFolder folder = open("recording", "out", OutputMode.OVERWRITE, recording)) {
      write(folder, "gradient.npy", "new");
      write(folder, "hessian.npy", "new");
      int before = RecordingFileSystem.done("recording").size();
      folder.commit();
      List<String> done = RecordingFileSystem.done("recording");
      List<String> moves =
          done.subList(before, done.size()).stream().filter(s -> s.startsWith("rename")).toList();
      assertThat(moves)
          .containsExactly(
              "rename _SUCCESS",
              "rename config.conf",
              "rename gradient.npy",
              "rename hessian",
              "rename manifest.json",
              "rename manifest.json",
              "rename gradient.npy",
              "rename hessian.npy",
              "rename _SUCCESS");
    }
  }

  /** The disk fails at each step of the commit in turn. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "rename _SUCCESS",
        "rename gradient.npy",
        "rename hessian.npy",
        "rename manifest.json",
        "create manifest.json",
        "create _SUCCESS"
      })
  void aCommitThatFailsPutsTheOldResultBack(String step) throws IOException {
    oldResult();
    Configuration recording = RecordingFileSystem.configuration("failing");
    try (OutputFolder folder = open("failing", "out", OutputMode.OVERWRITE, recording)) {
      write(folder, "gradient.npy", "new");
      write(folder, "hessian.npy", "new");
      RecordingFileSystem.fail(step);
      assertThatThrownBy(folder::commit)
          .isInstanceOfSatisfying(
              JobException.class, e -> assertThat(e.exitCode()).isEqualTo(ExitCode.CLUSTER))
          .hasMessageContaining("cannot be written")
          .hasRootCauseMessage("No space left on device: " + step);
    }
    assertThat(content("out/gradient.npy")).isEqualTo("old");
    assertThat(names("out"))
        .containsExactly("_SUCCESS", "config.conf", "gradient.npy", "hessian", "manifest.json");
  }

  @Test
  void anObjectStoreIsWrittenInPlace() throws IOException {
    oldResult();
    Configuration store = RecordingFileSystem.configuration("s3a");
    try (OutputFolder folder = open("s3a", "out", OutputMode.OVERWRITE, store)) {
      assertThat(content("out/gradient.npy")).isEqualTo("old");
      write(folder, "gradient.npy", "new");
      assertThat(names("out"))
          .hasSize(2)
          .contains("gradient.npy")
          .anyMatch(name -> name.startsWith("_incomplete-"));
      folder.commit();
    }
    assertThat(names("out")).containsExactly("_SUCCESS", "gradient.npy", "manifest.json");
    assertThat(RecordingFileSystem.done("s3a")).noneMatch(step -> step.startsWith("rename"));
    assertThat(RecordingFileSystem.done("s3a").indexOf("delete _SUCCESS"))
        .isLessThan(RecordingFileSystem.done("s3a").indexOf("delete gradient.npy"));
  }

  @Test
  void anObjectStoreIsCleanedAfterAFailure() throws IOException {
    Configuration store = RecordingFileSystem.configuration("s3a");
    try (OutputFolder folder = open("s3a", "out", OutputMode.ERROR, store)) {
      write(folder, "gradient.npy", "new");
    }
    assertThat(names("")).isEmpty();
    oldResult();
    try (OutputFolder folder = open("s3a", "out", OutputMode.OVERWRITE, store)) {
      assertThat(folder.path().toString()).startsWith("s3a:");
    }
    assertThat(names("out"))
        .containsExactly("_SUCCESS", "config.conf", "gradient.npy", "hessian", "manifest.json");
  }

  private void oldResult() throws IOException {
    try (OutputFolder folder = open("out", OutputMode.ERROR)) {
      write(folder, "gradient.npy", "old");
      write(folder, "config.conf", "old");
      Path table = Path.of(folder.entry("hessian").toUri());
      Files.createDirectories(table);
      Files.writeString(table.resolve("part-0"), "old");
      folder.commit();
    }
  }

  private OutputFolder open(String path, OutputMode mode) {
    return open(path, mode, RUN).orElseThrow();
  }

  private Optional<OutputFolder> open(String path, OutputMode mode, RunIdentity run) {
    return OutputFolder.open(output(path, mode), List.of(), run, configuration, TIMING);
  }

  private OutputFolder open(String scheme, String path, OutputMode mode, Configuration files) {
    OutputConfig output = new OutputConfig(scheme + "://" + at(path), mode, OutputFormat.PARQUET);
    return OutputFolder.open(output, List.of(), RUN, files, TIMING).orElseThrow();
  }

  private OutputConfig output(String path, OutputMode mode) {
    return new OutputConfig(path.contains(":") ? path : at(path), mode, OutputFormat.PARQUET);
  }

  private String at(String path) {
    return temporary + "/" + path;
  }

  private static void write(OutputFolder folder, String name, String content) throws IOException {
    try (OutputStream out = folder.create(name)) {
      out.write(content.getBytes(StandardCharsets.UTF_8));
    }
  }

  private String content(String path) throws IOException {
    return Files.readString(temporary.resolve(path));
  }

  private List<String> names(String folder) throws IOException {
    try (Stream<Path> entries = Files.list(temporary.resolve(folder))) {
      return entries.map(entry -> entry.getFileName().toString()).sorted().toList();
    }
  }
}
