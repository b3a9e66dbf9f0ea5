package org.sparkcurvature.job.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.apache.commons.io.FileUtils;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.sparkcurvature.job.config.OutputConfig;
import org.sparkcurvature.job.config.OutputFormat;
import org.sparkcurvature.job.config.OutputMode;
import org.sparkcurvature.job.errors.ExitCode;
import org.sparkcurvature.job.errors.JobException;
import org.sparkcurvature.job.source.InputListing;

/** Results are what they say: signed by the run that wrote all of them, or not at all. */
class ManifestTest {
  private static final RunIdentity RUN = run("c0ffee", "1.0");

  private static final Mark.Timing TIMING =
      new Mark.Timing(Duration.ofMillis(20), Duration.ofMillis(400), Duration.ofMillis(10));

  @TempDir Path temporary;

  @Test
  void everyFileIsListedWithLengthAndChecksum() throws Exception {
    try (OutputFolder folder = open(OutputMode.ERROR)) {
      write(folder, "gradient.npy", "abc");
      table(folder, "per_sample", "part-0", "12345");
      folder.reads(
          InputListing.of(
              List.of("/data"), List.of(new InputListing.Entry("/data/x.csv", 17, 1000))));
      folder.commit();
    }
    JsonNode manifest = new ObjectMapper().readTree(content("out/manifest.json"));
    assertThat(manifest.get("program").asText()).isEqualTo("spark-curvature");
    assertThat(manifest.get("version").asText()).isEqualTo("1.0");
    assertThat(manifest.get("configuration_sha256").asText()).isEqualTo("c0ffee");
    assertThat(manifest.get("input").get("files").asInt()).isOne();
    assertThat(manifest.get("input").get("bytes").asInt()).isEqualTo(17);
    assertThat(manifest.get("input").get("sha256").asText())
        .isEqualTo(sha256("/data/x.csv\t17\t1000\n"));
    assertThat(content("out/_SUCCESS")).isEqualTo(manifest.get("run_id").asText() + "\n");
    assertThat(manifest.get("files")).hasSize(2);
    JsonNode file = manifest.get("files").get(0);
    assertThat(file.get("path").asText()).isEqualTo("gradient.npy");
    assertThat(file.get("bytes").asInt()).isEqualTo(3);
    assertThat(file.get("sha256").asText()).isEqualTo(sha256("abc"));
    assertThat(manifest.get("files").get(1).get("path").asText()).isEqualTo("per_sample/part-0");
    assertThat(manifest.get("files").get(1).get("bytes").asInt()).isEqualTo(5);
  }

  /** What was staged is changed between its writing and the end. */
  @ParameterizedTest
  @CsvSource({
    "gradient.npy, , gradient.npy is missing",
    "gradient.npy, ab, 'gradient.npy has 2 bytes, and 3 were written'",
    "per_sample/part-0, , per_sample/part-0 is missing",
    "per_sample/part-1, x, per_sample/part-1 was not written by this run",
  })
  void aResultThatWasChangedIsNotSigned(String path, String content, String difference)
      throws IOException {
    oldResult();
    try (OutputFolder folder = open(OutputMode.OVERWRITE)) {
      write(folder, "gradient.npy", "abc");
      table(folder, "per_sample", "part-0", "12345");
      folder.wrote("per_sample");
      Path staged = Path.of(folder.entry("gradient.npy").toUri()).getParent().resolve(path);
      if (content == null) {
        Files.delete(staged);
      } else {
        Files.writeString(staged, content);
      }
      assertThatThrownBy(folder::commit)
          .isInstanceOfSatisfying(
              JobException.class, e -> assertThat(e.exitCode()).isEqualTo(ExitCode.CLUSTER))
          .hasMessageContaining(difference);
    }
    assertOldResult();
  }

  /** Another run takes the folder over while this one stands still, at each step of its commit. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "create manifest.json",
        "create _SUCCESS",
        "rename _SUCCESS",
        "rename gradient.npy",
        "rename manifest.json",
        "rename second.npy"
      })
  void aRunThatLostItsFolderSignsNothing(String step) throws IOException {
    oldResult();
    Configuration recording = RecordingFileSystem.configuration("paused");
    try (OutputFolder folder = open("paused://" + at("out"), OutputMode.OVERWRITE, recording)) {
      write(folder, "gradient.npy", "abc");
      write(folder, "second.npy", "abc");
      RecordingFileSystem.before(
          step,
          () -> {
            try {
              takeOver();
            } catch (IOException e) {
              throw new UncheckedIOException(e);
            }
          });
      assertThatThrownBy(folder::commit)
          .isInstanceOfSatisfying(
              JobException.class, e -> assertThat(e.exitCode()).isEqualTo(ExitCode.CLUSTER))
          .hasMessageContaining("has lost its output");
    }
    assertThat(content("out/gradient.npy")).isEqualTo("other");
    assertThat(names("out")).containsExactly("_SUCCESS", "gradient.npy", "manifest.json");
  }

  /** As a run does that finds the mark of one that it takes for dead. */
  private void takeOver() throws IOException {
    Path mark =
        temporary
            .resolve("out")
            .resolve(names("out").stream().filter(Mark::isMark).findFirst().orElseThrow());
    Path aside = temporary.resolve("aside");
    Files.move(mark, aside);
    FileUtils.deleteDirectory(aside.toFile());
    try (OutputFolder other = open(OutputMode.OVERWRITE)) {
      write(other, "gradient.npy", "other");
      other.commit();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"notes.txt", "hessian/notes.txt", "papers/2024/notes.txt", ".hidden"})
  void overwriteRefusesWhatNoManifestLists(String path) throws IOException {
    oldResult();
    Files.createDirectories(temporary.resolve("out").resolve(path).getParent());
    Files.writeString(temporary.resolve("out").resolve(path), "of years");
    assertThatThrownBy(() -> open(OutputMode.OVERWRITE))
        .isInstanceOfSatisfying(
            JobException.class, e -> assertThat(e.exitCode()).isEqualTo(ExitCode.CONFIGURATION))
        .hasMessageContaining("it holds " + path + ", which its manifest.json does not list");
    assertThat(content("out/" + path)).isEqualTo("of years");
    assertThat(content("out/gradient.npy")).isEqualTo("old");
  }

  @Test
  void whatIsPutThereWhileTheRunGoesOnStays() throws IOException {
    oldResult();
    try (OutputFolder folder = open(OutputMode.OVERWRITE)) {
      write(folder, "gradient.npy", "abc");
      Files.writeString(temporary.resolve("out/notes.txt"), "of a minute");
      assertThatThrownBy(folder::commit).hasMessageContaining("notes.txt");
    }
    assertThat(content("out/notes.txt")).isEqualTo("of a minute");
    assertThat(content("out/gradient.npy")).isEqualTo("old");
  }

  @ParameterizedTest
  @CsvSource({
    "c0ffee, 1.0, ",
    "other, 1.0, it was made with another configuration",
    "c0ffee, 2.0, 'it was made by version 1.0, and this is 2.0'",
  })
  void ignoreComparesConfigurationAndProgram(String configuration, String version, String message)
      throws IOException {
    oldResult();
    Path left = Files.createDirectories(temporary.resolve("out/_incomplete-dead/per_sample"));
    OutputConfig output = new OutputConfig(at("out"), OutputMode.IGNORE, OutputFormat.PARQUET);
    RunIdentity run = run(configuration, version);
    if (message == null) {
      assertThat(OutputFolder.open(output, List.of(), run, new Configuration(), TIMING)).isEmpty();
      assertThat(left.getParent()).doesNotExist();
    } else {
      assertThatThrownBy(
              () -> OutputFolder.open(output, List.of(), run, new Configuration(), TIMING))
          .isInstanceOfSatisfying(
              JobException.class, e -> assertThat(e.exitCode()).isEqualTo(ExitCode.CONFIGURATION))
          .hasMessageContaining(message);
    }
    assertThat(content("out/gradient.npy")).isEqualTo("old");
  }

  @Test
  void ignoreDoesNotTakeTheResultOfAnotherProgram() throws IOException {
    Files.createDirectories(temporary.resolve("out"));
    Files.writeString(temporary.resolve("out/_SUCCESS"), "");
    Files.writeString(temporary.resolve("out/part-0"), "");
    assertThatThrownBy(() -> open(OutputMode.IGNORE))
        .hasMessageContaining("no manifest.json of this program");
    assertThat(names("out")).containsExactly("_SUCCESS", "part-0");
  }

  @Test
  void ignoreReplacesADamagedResult() throws IOException {
    oldResult();
    Files.delete(temporary.resolve("out/hessian/part-0"));
    try (OutputFolder folder = open(OutputMode.IGNORE)) {
      write(folder, "gradient.npy", "new");
      folder.commit();
    }
    assertThat(names("out")).containsExactly("_SUCCESS", "gradient.npy", "manifest.json");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "null",
        "{}",
        "[]",
        "\"text\"",
        "{\"program\": \"spark-curvature\"}",
        "{\"program\": \"another\", \"run_id\": \"x\", \"files\": []}",
        "{\"program\": \"spark-curvature\", \"run_id\": \"x\", \"files\": [{}]}",
        "{\"program\": \"spark-curvature\", \"run_id\": \"x\", \"files\": [{\"path\": 1, \"bytes\": 2}]}",
        "{\"program\": \"spark-curvature\", \"run_id\": \"x\", \"files\": [{\"path\": \"a\", \"bytes\": \"b\"}]}",
      })
  void whatIsNoManifestListsNothing(String json) {
    assertThat(Manifest.of(json.getBytes(StandardCharsets.UTF_8))).isEmpty();
  }

  @Test
  void theInputIsFoundThroughLinks() throws IOException {
    oldResult();
    Path data = Files.createDirectories(temporary.resolve("data"));
    Files.createSymbolicLink(data.resolve("link"), temporary.resolve("out"));
    Files.createSymbolicLink(temporary.resolve("other"), temporary.resolve("out"));
    Files.createSymbolicLink(data.resolve("file"), temporary.resolve("out/gradient.npy"));
    for (String input : List.of("data/link", "data/*", "data/link/*.npy", "data/file")) {
      assertThatThrownBy(() -> open(at("other"), OutputMode.OVERWRITE, List.of(at(input))))
          .as(input)
          .isInstanceOf(JobException.class)
          .hasMessageContaining("it holds the input");
    }
    try (OutputFolder folder = open(at("other"), OutputMode.OVERWRITE, List.of())) {
      for (String file : List.of("data/link/gradient.npy", "data/file", "out/gradient.npy")) {
        InputListing listing =
            InputListing.of(List.of(), List.of(new InputListing.Entry("file:" + at(file), 1, 1)));
        assertThatThrownBy(() -> folder.reads(listing)).hasMessageContaining("it holds the input");
      }
      assertThatThrownBy(() -> folder.reads(InputListing.of(List.of(at("")), List.of())))
          .hasMessageContaining("lies in the input");
      write(folder, "gradient.npy", "new");
      folder.commit();
    }
    assertThat(temporary.resolve("other")).isSymbolicLink();
    assertThat(content("out/gradient.npy")).isEqualTo("new");
  }

  /** Who finds the same run in _SUCCESS before and after has read one result. */
  @Test
  void readersBesideOverwritesSeeOneResultOrNone() throws Exception {
    try (OutputFolder folder = open(OutputMode.ERROR)) {
      write(folder, "a", "0");
      write(folder, "b", "0");
      folder.commit();
    }
    var executor = Executors.newSingleThreadExecutor();
    try {
      Future<?> writing =
          executor.submit(
              () -> {
                for (int k = 1; k <= 60; k++) {
                  try (OutputFolder folder = open(OutputMode.OVERWRITE)) {
                    write(folder, "a", Integer.toString(k));
                    write(folder, "b", Integer.toString(k));
                    folder.commit();
                  }
                }
                return null;
              });
      int read = 0;
      while (!writing.isDone()) {
        Optional<String> before = tryContent("out/_SUCCESS");
        Optional<String> a = tryContent("out/a");
        Optional<String> b = tryContent("out/b");
        if (before.isPresent() && before.equals(tryContent("out/_SUCCESS"))) {
          assertThat(a).isPresent().isEqualTo(b);
          read++;
        }
      }
      writing.get();
      assertThat(read).isGreaterThan(10);
    } finally {
      executor.shutdownNow();
    }
  }

  private Optional<String> tryContent(String path) {
    try {
      return Optional.of(content(path));
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private static RunIdentity run(String configuration, String version) {
    return new RunIdentity("derive", configuration, Map.of("spark-curvature", version));
  }

  private void oldResult() throws IOException {
    try (OutputFolder folder = open(OutputMode.ERROR)) {
      write(folder, "gradient.npy", "old");
      table(folder, "hessian", "part-0", "old");
      folder.commit();
    }
  }

  private void assertOldResult() throws IOException {
    assertThat(names("out"))
        .containsExactly("_SUCCESS", "gradient.npy", "hessian", "manifest.json");
    assertThat(content("out/gradient.npy")).isEqualTo("old");
  }

  private OutputFolder open(OutputMode mode) {
    return open(at("out"), mode, List.of());
  }

  private OutputFolder open(String path, OutputMode mode, List<String> inputs) {
    OutputConfig output = new OutputConfig(path, mode, OutputFormat.PARQUET);
    return OutputFolder.open(output, inputs, RUN, new Configuration(), TIMING).orElseThrow();
  }

  private static OutputFolder open(String path, OutputMode mode, Configuration files) {
    OutputConfig output = new OutputConfig(path, mode, OutputFormat.PARQUET);
    return OutputFolder.open(output, List.of(), RUN, files, TIMING).orElseThrow();
  }

  private static void write(OutputFolder folder, String name, String content) throws IOException {
    try (OutputStream out = folder.create(name)) {
      out.write(content.getBytes(StandardCharsets.UTF_8));
    }
  }

  private static void table(OutputFolder folder, String name, String file, String content)
      throws IOException {
    Path table = Path.of(folder.entry(name).toUri());
    Files.createDirectories(table);
    Files.writeString(table.resolve(file), content);
  }

  private static String sha256(String text) throws Exception {
    return HexFormat.of()
        .formatHex(
            MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
  }

  private String at(String path) {
    return temporary + "/" + path;
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
