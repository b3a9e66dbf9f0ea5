package org.sparkcurvature.job;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** A small file system in memory, to be filled. Tests that need one are skipped without it. */
public final class TemporaryDisk implements AutoCloseable {
  private static final String FILL = "fills-the-disk";

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
  public static TemporaryDisk mounted(Path folder, String size) throws Exception {
    Files.createDirectories(folder);
    String refusal = run("mount", "-t", "tmpfs", "-o", "size=" + size, "tmpfs", folder.toString());
    assumeTrue(refusal.isEmpty(), "no small file system can be mounted here: " + refusal);
    return new TemporaryDisk(folder);
  }

  public Path folder() {
    return folder;
  }

  /** Fills it to its last byte. */
  public void fill() throws IOException {
    try (OutputStream out = Files.newOutputStream(folder.resolve(FILL))) {
      byte[] bytes = new byte[1 << 16];
      for (int length = bytes.length; length > 0; ) {
        try {
          out.write(bytes, 0, length);
        } catch (IOException e) {
          length /= 2;
        }
      }
    }
  }

  /** Takes away what {@link #fill} wrote. */
  public void empty() throws IOException {
    Files.delete(folder.resolve(FILL));
  }

  /** From now on nothing can be opened for writing, as on a disk that had an error. */
  public void refuseWrites() throws Exception {
    require(run("mount", "--bind", folder.toString(), folder.toString()));
    require(run("mount", "-o", "remount,bind,ro", folder.toString()));
  }

  /** Takes back what {@link #refuseWrites} did. */
  public void allowWrites() throws Exception {
    require(run("umount", "-l", folder.toString()));
  }

  private static void require(String refusal) throws IOException {
    if (!refusal.isEmpty()) {
      throw new IOException(refusal);
    }
  }

  @Override
  public void close() throws IOException {
    try {
      // Lazily: someone may still hold a file that is gone.
      require(run("umount", "-l", folder.toString()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("umount " + folder);
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
