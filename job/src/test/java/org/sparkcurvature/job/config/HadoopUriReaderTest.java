package org.sparkcurvature.job.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sparkcurvature.job.errors.ExitCode;
import org.sparkcurvature.job.errors.JobException;

class HadoopUriReaderTest {
  @TempDir private Path folder;
  private Path file;

  private final UriReader local =
      new HadoopUriReader(
          () -> {
            throw new AssertionError("no Hadoop for local files");
          });
  private final UriReader reader = new HadoopUriReader(Configuration::new);

  @BeforeEach
  void write() throws IOException {
    file = Files.writeString(folder.resolve("a b.conf"), "text");
  }

  @Test
  void localFilesNeedNoHadoop() throws IOException {
    assertThat(local.read(file.toString())).asString().isEqualTo("text");
    assertThat(local.read("file:" + file)).asString().isEqualTo("text");
    assertThat(local.read("file://" + file)).asString().isEqualTo("text");
  }

  @Test
  void aPathThatIsNotLocalIsLookedForOnTheDefaultFileSystem() throws IOException {
    Path archive = Files.createDirectory(folder.resolve("root"));
    Files.writeString(archive.resolve("c.conf"), "there");
    Configuration hadoop = new Configuration();
    hadoop.set("fs.defaultFS", "viewfs://cluster/");
    hadoop.set("fs.viewfs.mounttable.cluster.link./data", archive.toUri().toString());

    assertThat(new HadoopUriReader(() -> hadoop).read("/data/c.conf"))
        .asString()
        .isEqualTo("there");
    assertThat(new HadoopUriReader(() -> hadoop).read("viewfs://cluster/data/c.conf"))
        .asString()
        .isEqualTo("there");
  }

  @Test
  void whatCannotBeRead() {
    assertThatThrownBy(() -> reader.read(folder + "/none")).isInstanceOf(NoSuchFileException.class);
    assertThatThrownBy(() -> reader.read("file:" + folder + "/none"))
        .isInstanceOf(NoSuchFileException.class);
    assertThatThrownBy(() -> reader.read(folder.toString()))
        .isInstanceOf(IOException.class)
        .hasMessage("it is a folder");
    assertThatThrownBy(() -> reader.read("nosuch://x/y"))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("No FileSystem for scheme \"nosuch\"");
  }

  @Test
  void theLoaderSaysWhatItCouldNotRead() {
    ConfigurationLoader loader = new ConfigurationLoader(reader, Map.of());

    assertThatThrownBy(
            () -> loader.load(List.of(folder.toString(), "nosuch://x/y.conf"), List.of()))
        .hasMessage(
            """
            2 problems in the configuration
              --config: %s cannot be read: it is a folder; give the path or URI of a configuration that can be read
              --config: nosuch://x/y.conf cannot be read: No FileSystem for scheme "nosuch"; give the path or URI of a configuration that can be read"""
                .formatted(folder));
  }

  @Test
  void aStoreThatDoesNotAnswerIsNoFaultOfTheConfiguration() {
    Configuration impatient = new Configuration();
    impatient.setInt("ipc.client.connect.max.retries", 0);
    ConfigurationLoader loader =
        new ConfigurationLoader(new HadoopUriReader(() -> impatient), Map.of());
    // Nobody listens there.
    String location = "hdfs://127.0.0.1:1/x.conf";

    JobException error =
        catchThrowableOfType(JobException.class, () -> loader.load(List.of(location), List.of()));
    assertThat(error.exitCode()).isEqualTo(ExitCode.CLUSTER);
    assertThat(error).hasMessageStartingWith(location + " cannot be reached: ");
  }
}
