package org.sparkcurvature.job;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** A small file system in memory, to be filled. Tests that need one are skipped without it. */
final class TemporaryDisk implements AutoCloseable {
  private final Path folder;

  private TemporaryDisk(Path folder) {
    this.folder = folder;
  }

  /**
   * Mounts one.
   *
   * @param folder where; created
   * @param size as {@code mount} takes it
   */
  static TemporaryDisk mounted(Path folder, String size) throws Exception {
    Files.createDirectories(folder);
    String refusal = run("mount", "-t", "tmpfs", "-o", "size=" + size, "tmpfs", folder.toString());
    assumeTrue(refusal.isEmpty(), "no small file system can be mounted here: " + refusal);
    return new TemporaryDisk(folder);
  }

  Path folder() {
    return folder;
  }

  @Override
  public void close() throws Exception {
    // Lazily: someone may still hold a file that is gone.
    String refusal = run("umount", "-l", folder.toString());
    if (!refusal.isEmpty()) {
      throw new IOException(refusal);
    }
  }

  /** What a command says that fails. */
  private static String run(String... command) throws InterruptedException {
    try {
      Process process = new ProcessBuilder(List.of(command)).redirectErrorStream(true).start();
      String said =
          new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
      return process.waitFor() == 0 ? "" : command[0] + ": " + said;
    } catch (IOException e) {
      return e.getMessage();
    }
  }
}
