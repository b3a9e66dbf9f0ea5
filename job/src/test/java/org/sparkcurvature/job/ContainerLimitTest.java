package org.sparkcurvature.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sparkcurvature.job.cli.Console;
import org.sparkcurvature.job.cli.Program;

/**
 * The program where its control group says that it may take less memory than the machine has. The
 * limit is a file mounted over the group's, in a name space of its own: Java reads it as it reads
 * that of a container. Nothing enforces it.
 */
class ContainerLimitTest {
  private static final long MIB = 1L << 20;

  /** Mounts the first argument over the second, and becomes what follows. */
  private static final List<String> LIMITED =
      List.of("unshare", "-m", "sh", "-c", "mount --bind \"$0\" \"$1\" && shift && exec \"$@\"");

  @TempDir Path folder;

  private Console derive(long limit, int heap) throws Exception {
    Files.writeString(folder.resolve("rows.csv"), "x,y\n1,2\n2,5\n3,7\n");
    Path configuration =
        Files.writeString(
            folder.resolve("run.conf"),
            """
            curvature {
              input { path = "%s/rows.csv", options { header = true },
                tensors { x { column = "array_repeat(x, 1500)" }, y = y } }
              model { parameters { b { shape = [1500], fill = 0.5 } }, loss = "square(y - dot(x, b))" }
              output { path = "%s/out", mode = overwrite }
            }
            """
                .formatted(folder, folder));
    Path file = Files.writeString(folder.resolve("limit"), limit + "\n");
    Optional<Path> ofGroup = limitOfGroup();
    assumeTrue(ofGroup.isPresent(), "no control group here has a file that limits memory");
    List<String> prefix =
        Stream.concat(LIMITED.stream(), Stream.of(file.toString(), ofGroup.get().toString()))
            .toList();
    String refusal = refusal(Stream.concat(prefix.stream(), Stream.of("true")).toList());
    assumeTrue(refusal.isEmpty(), "nothing can be mounted in a name space of its own: " + refusal);
    return Program.within(
        prefix,
        heap,
        List.of("spark.master=local[2]"),
        folder.resolve("log"),
        "derive",
        "--config",
        configuration.toString());
  }

  /** The file with the limit of this process's group, of either version of control groups. */
  private static Optional<Path> limitOfGroup() throws IOException {
    Path groups = Path.of("/sys/fs/cgroup");
    Path own = Path.of("/proc/self/cgroup");
    if (Files.notExists(own)) {
      return Optional.empty();
    }
    return Files.readAllLines(own).stream()
        .map(line -> line.split(":", 3))
        .flatMap(
            part ->
                part[1].isEmpty()
                    ? Stream.of(groups + part[2] + "/memory.max", groups + "/memory.max")
                    : List.of(part[1].split(",")).contains("memory")
                        ? Stream.of(
                            groups + "/memory" + part[2] + "/memory.limit_in_bytes",
                            groups + "/memory/memory.limit_in_bytes")
                        : Stream.<String>empty())
        .map(Path::of)
        .filter(Files::exists)
        .findFirst();
  }

  /** What a command says that does not succeed; empty where it does. */
  private static String refusal(List<String> command) throws Exception {
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      String said =
          new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
      return process.waitFor() == 0 ? "" : said + " (exit code " + process.exitValue() + ")";
    } catch (IOException e) {
      return e.getMessage();
    }
  }

  @Test
  void aHeapThatIsLargerThanTheContainerIsWarnedOf() throws Exception {
    Console console = derive(1024 * MIB, 2048);
    assertThat(console.exitCode()).as(console.err()).isZero();
    assertThat(console.err())
        .contains("GiB is more than the 1.0 GiB that this container or machine has")
        .contains("-- --driver-memory 512m");
  }

  @Test
  void blocksThatDoNotFitTheContainerAreRefused() throws Exception {
    Console console = derive(325 * MIB, 480);
    assertThat(console.exitCode()).as(console.err()).isEqualTo(2);
    assertThat(console.err())
        .contains("one task's block of ")
        .contains("the container more memory: it has 325.0 MiB, heap and all");
    assertThat(folder.resolve("out")).doesNotExist();
    Console larger = derive(2048 * MIB, 480);
    assertThat(larger.exitCode()).as(larger.err()).isZero();
    assertThat(larger.err()).doesNotContain("container");
  }
}
